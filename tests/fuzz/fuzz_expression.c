/*
 * Any text as a condition: what is refused has a reason and a place in the text; what is taken is
 * evaluated with values, without them and without a clock, always the same for the same world, and
 * is explained in a text that ends.
 */
#include "automation-node/expression/expression.h"
#include "automation-node/input/deadline.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#define SECOND_US    INT64_C(1000000)
#define DAY_US       (86400 * SECOND_US)
#define WALL_US      INT64_C(1795423160000000)
#define INPUTS       3
#define STEPS        12
#define EXPLAIN_SIZE 200

static const struct expression_label labels[] = {
    {"Open", {.kind = VALUE_TEXT, .text = "Open"}},
    {"Closed", {.kind = VALUE_TEXT, .text = "Closed"}},
};

static bool find(void *context, const char *name, struct expression_symbol *ret)
{
    static const struct {
        const char *name;
        struct expression_symbol symbol;
    } symbols[] = {
        {"temperature", {.input = 0, .unit = "°C"}},
        {"door", {.input = 1, .labels = labels, .label_count = 2}},
        {"gain", {.input = 2, .unit = "°C", .difference = true}},
        {"warm", {.text = "temperature > 20 °C"}},
        {"cycle", {.text = "warm and door is Open"}},
    };
    (void)context;
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        if (strcmp(symbols[i].name, name) == 0) {
            *ret = symbols[i].symbol;
            return true;
        }
    }
    return false;
}

static void suggest(void *context, struct suggest *to)
{
    (void)context;
    suggest_offer(to, "temperature");
    suggest_offer(to, "door");
}

static void check_texts(const struct expression *expression, const struct expression_slot *slots,
                        const struct expression_result *result, const struct expression_view *view)
{
    char *text = fuzz_alloc(EXPLAIN_SIZE, 1);
    expression_explain(expression, result, view, text, EXPLAIN_SIZE);
    require(memchr(text, '\0', EXPLAIN_SIZE) != NULL);
    int r = expression_otherwise(expression, slots, view, text, EXPLAIN_SIZE);
    require(r == 0 || r == -ENOMEM);
    require(r < 0 || memchr(text, '\0', EXPLAIN_SIZE) != NULL);
    free(text);
}

static void evaluate(const struct expression *expression, const struct expression_view *view,
                     struct expression_slot *slots, size_t count)
{
    struct expression_slot *again = fuzz_alloc(count, sizeof(*again));
    memcpy(again, slots, count * sizeof(*again));
    const struct expression_result result = expression_evaluate(expression, slots, view);
    const struct expression_result same = expression_evaluate(expression, again, view);
    require(result.truth == same.truth && result.next_us == same.next_us);
    require(result.next_us == DEADLINE_NONE || result.next_us > view->now_us);
    require(result.truth == TRUTH_UNKNOWN || !result.lost);
    check_texts(expression, slots, &result, view);
    free(again);
}

/* Good, then held, then lost; with a clock and without; a change of the door in between. */
static void live(const struct expression *expression)
{
    static struct calendar calendar = {.has_place = true, .place = {52.5, 13.4}};
    static const char *const names[INPUTS] = {"temperature", "door", "gain"};
    struct input inputs[INPUTS];
    size_t count = expression_slot_count(expression);
    struct expression_slot *slots = fuzz_alloc(count, sizeof(*slots));
    if (calendar.zone == NULL) {
        struct zone *zone;
        require(zone_new_posix("CET-1CEST,M3.5.0,M10.5.0/3", &zone) == 0);
        calendar.zone = zone;
    }
    for (size_t i = 0; i < INPUTS; i++) {
        const struct input_options options = {names[i], i == 1 ? NULL : "°C", 5 * SECOND_US};
        require(input_init(&options, &inputs[i]) == 0);
    }
    struct expression_view view = {.inputs = inputs,
                                   .calendar = &calendar,
                                   .wall_us = EXPRESSION_NO_CLOCK,
                                   .changed = EXPRESSION_NO_INPUT};
    for (int step = 0; step < STEPS; step++) {
        view.now_us = step * 2 * SECOND_US;
        view.wall_us = step % 4 == 3 ? EXPRESSION_NO_CLOCK : WALL_US + step * DAY_US / 7;
        view.changed = EXPRESSION_NO_INPUT;
        if (step > 0 && step < STEPS - 4) {
            struct reading reading = {.value = value_number(19.5 + step), .quality = QUALITY_GOOD};
            size_t input = (size_t)step % INPUTS;
            if (input == 1) {
                reading.value = step % 2 == 0 ? labels[0].shown : labels[1].shown;
            }
            view.changed =
                input_update(&inputs[input], &reading, view.now_us) ? input : EXPRESSION_NO_INPUT;
        }
        evaluate(expression, &view, slots, count);
    }
    free(slots);
}

static void compile(const char *text, bool has_place)
{
    const struct expression_scope scope = {find, suggest, NULL, has_place};
    struct expression *expression = NULL;
    struct expression_fault fault;
    int r = expression_compile(text, &scope, &expression, &fault);
    require(r == 0 || r == -EINVAL);
    if (r == 0) {
        require(strcmp(expression_text(expression), text) == 0);
        live(expression);
        expression_free(expression);
        return;
    }
    require(fault.text[0] != '\0' && memchr(fault.text, '\0', sizeof(fault.text)) != NULL);
    require(fault.offset <= strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    compile(text, true);
    compile(text, false);
    free(text);
    return 0;
}
