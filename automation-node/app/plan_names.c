#include "automation-node/app/plan_sources.h"

#include "common/suggest.h"
#include "common/units.h"
#include "topics/topic_id.h"

#include <errno.h>
#include <string.h>

static void complain(struct planner *p, const void *where, const char *what, const char *name,
                     const struct suggest *s)
{
    config_report(p->config, where, p->d, SEVERITY_ERROR, "no %s '%s'%s%s%s", what, name,
                  s->best != NULL ? " - did you mean '" : "", s->best != NULL ? s->best : "",
                  s->best != NULL ? "'?" : "");
}

size_t planner_find_device(struct planner *p, const char *const *name)
{
    struct suggest suggest;
    suggest_init(&suggest, *name);
    for (size_t i = 0; i < p->root->device_count; i++) {
        if (strcmp(p->root->devices[i].name, *name) == 0) {
            return i;
        }
        suggest_offer(&suggest, p->root->devices[i].name);
    }
    complain(p, name, "device", *name, &suggest);
    return PLANNER_NONE;
}

size_t planner_find_input(struct planner *p, const char *const *name)
{
    struct suggest suggest;
    suggest_init(&suggest, *name);
    for (size_t i = 0; i < p->root->input_count; i++) {
        if (strcmp(p->root->inputs[i].name, *name) == 0) {
            return i;
        }
        suggest_offer(&suggest, p->root->inputs[i].name);
    }
    complain(p, name, "input", *name, &suggest);
    return PLANNER_NONE;
}

int planner_path(struct planner *p, const char *const *text, const char *gateway,
                 struct signal_path *ret)
{
    char *copy = arena_copy(&p->plan->arena, *text, strlen(*text));
    if (copy == NULL) {
        return -ENOMEM;
    }
    char *message = strchr(copy, '/');
    char *signal = message != NULL ? strchr(message + 1, '/') : NULL;
    if (signal != NULL) {
        *message++ = '\0';
        *signal++ = '\0';
        if (topic_id_is_valid(copy) && topic_id_is_valid(message) && topic_id_is_valid(signal)) {
            *ret = (struct signal_path){gateway, copy, message, signal};
            return 0;
        }
    }
    config_report(
        p->config, text, p->d, SEVERITY_ERROR,
        "'%s' is not a signal - write bus/message/signal, such as can0/Climate/Temperature", *text);
    return 0;
}

struct value planner_value(struct planner *p, const char *const *text)
{
    struct value value = {0};
    if (*text != NULL && value_parse(*text, strlen(*text), &value) < 0) {
        config_report(p->config, text, p->d, SEVERITY_ERROR,
                      "'%s' is not a value: a number, or a word of up to %d bytes", *text,
                      VALUE_TEXT_SIZE - 1);
    }
    return value;
}

struct value planner_wanted(struct planner *p, const char *const *text, size_t device)
{
    struct value value = planner_value(p, text);
    if (value.kind == VALUE_NONE || device == PLANNER_NONE) {
        return value;
    }
    const struct device_options *options = &p->plan->engine.devices[device].device;
    enum refusal refusal = domain_check(&options->domain, &value);
    if (refusal != REFUSAL_NONE) {
        config_report(p->config, text, p->d, SEVERITY_ERROR, "device '%s' does not take '%s' (%s)",
                      options->id, *text, refusal_name(refusal));
    }
    return value;
}

void planner_usable_name(struct planner *p, const char *const *name)
{
    if (!expression_name_is_usable(*name)) {
        config_report(p->config, name, p->d, SEVERITY_ERROR,
                      "the name '%s' cannot be used in conditions - begin it with a letter, and do "
                      "not take a word of theirs",
                      *name);
    }
}

const struct input_config *planner_input_at(const struct planner *p, size_t index)
{
    return index != PLANNER_NONE ? &p->root->inputs[index] : NULL;
}

const struct input_scale *planner_scale(const struct planner *p, const struct input_config *input)
{
    return &p->plan->scales[input - p->root->inputs];
}

double planner_in_unit_of(struct planner *p, const struct quantity *quantity,
                          const struct input_config *input, bool is_difference)
{
    double value = quantity->value;
    static const struct input_scale none = {0};
    const struct input_scale *scale = input != NULL ? planner_scale(p, input) : &none;
    const char *unit = scale->unit != NULL ? scale->unit : "";
    if (quantity->unit[0] != '\0' && input != NULL &&
        units_convert(quantity->value, quantity->unit, unit, is_difference || scale->difference,
                      &value) < 0) {
        config_report(p->config, quantity, p->d, SEVERITY_ERROR,
                      "this is in %s, but input '%s' is in %s", quantity->unit, input->name,
                      unit[0] != '\0' ? unit : "no unit");
    }
    return value;
}

double planner_width_of(struct planner *p, const struct quantity *quantity,
                        const struct input_config *input)
{
    double width = planner_in_unit_of(p, quantity, input, true);
    if (width < 0.0) {
        config_report(p->config, quantity, p->d, SEVERITY_ERROR,
                      "a hysteresis must not be negative");
    }
    return width;
}
