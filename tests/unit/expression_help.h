/* What the tests of expressions share: a small plant of inputs, and short ways to look at it. */
#ifndef EDGE_TESTS_UNIT_EXPRESSION_HELP_H
#define EDGE_TESTS_UNIT_EXPRESSION_HELP_H

#include "automation-node/expression/expression.h"
#include "tests/unit/engine_help.h"

enum {
    TEMPERATURE, /* °C */
    OUTSIDE,     /* °F */
    HUMIDITY,    /* % */
    PUMP,        /* Off, Running, 'Not there' */
    DOOR,        /* no labels known */
    COUNTER,     /* no unit */
    PLANT_INPUTS
};

struct plant {
    struct input inputs[PLANT_INPUTS];
    const char *condition; /* what `night` stands for; NULL = there is no such name */
    bool has_place;
};

static const struct {
    const char *id;
    const char *unit;
} plant_names[] = {{"temperature", "°C"}, {"outside", "°F"}, {"humidity", "%"},
                   {"pump", NULL},        {"door", NULL},    {"counter", NULL}};

static inline bool plant_find(void *context, const char *name, struct expression_symbol *ret)
{
    static struct expression_label labels[3];
    const struct plant *plant = context;
    labels[0] = (struct expression_label){"Off", label("Off")};
    labels[1] = (struct expression_label){"Running", label("Running")};
    labels[2] = (struct expression_label){"Not there", label("Not there")};
    if (strcmp(name, "night") == 0 && plant->condition != NULL) {
        *ret = (struct expression_symbol){.text = plant->condition};
        return true;
    }
    for (size_t i = 0; i < PLANT_INPUTS; i++) {
        if (strcmp(plant_names[i].id, name) == 0) {
            *ret = (struct expression_symbol){.input = i,
                                              .unit = plant_names[i].unit,
                                              .labels = i == PUMP ? labels : NULL,
                                              .label_count = i == PUMP ? 3 : 0};
            return true;
        }
    }
    return false;
}

static inline void plant_suggest(void *context, struct suggest *suggest)
{
    (void)context;
    for (size_t i = 0; i < PLANT_INPUTS; i++) {
        suggest_offer(suggest, plant_names[i].id);
    }
}

static inline struct plant plant_new(void)
{
    struct plant plant = {.condition = "between 22:00 and 06:00", .has_place = true};
    for (size_t i = 0; i < PLANT_INPUTS; i++) {
        plant.inputs[i] = make_input(plant_names[i].id, plant_names[i].unit, 30 * SECOND);
    }
    return plant;
}

static inline int plant_compile(struct plant *plant, const char *text, struct expression **ret,
                                struct expression_fault *reterr)
{
    const struct expression_scope scope = {plant_find, plant_suggest, plant, plant->has_place};
    return expression_compile(text, &scope, ret, reterr);
}

static inline void show_label(struct input *input, const char *text, int64_t now_us)
{
    struct reading reading = good(label(text), 1);
    (void)input_update(input, &reading, now_us);
}

#endif
