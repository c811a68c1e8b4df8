#include "automation-node/engine/engine.h"

#include "tests/unit/condition_help.h"

#include <errno.h>

/* Two thermometers, their mean, and how far the first is from it: a rule that reads all of them. */
enum {
    FIRST,
    SECOND_ONE,
    MEAN,
    DISTANCE
};

struct plan {
    struct input_options inputs[4];
    struct engine_derived derived[2];
    struct engine_rule rule;
    struct engine_device device;
    struct engine_options options;
};

static const size_t of_mean[] = {FIRST, SECOND_ONE};
static const size_t of_distance[] = {FIRST, MEAN};

static struct plan draw(void)
{
    return (struct plan){
        .inputs = {{"first", "°C", 60 * SECOND},
                   {"second", "°C", 60 * SECOND},
                   {"mean", "°C", 60 * SECOND},
                   {"distance", "°C", 60 * SECOND}},
        .derived = {{MEAN, {.kind = DERIVED_MEAN, .sources = of_mean, .source_count = 2}},
                    {DISTANCE,
                     {.kind = DERIVED_DIFFERENCE, .sources = of_distance, .source_count = 2}}},
        .rule = {.rule = {.id = "vent", .when_true = label("ON"), .enabled = true},
                 .device = "fan"},
        .device = {.device = {.id = "fan", .domain = on_off(), .confirm_us = SECOND, .attempts = 1},
                   .off = label("OFF"),
                   .rest = label("OFF")},
    };
}

static int make(struct plan *plan, const char *condition, struct engine **ret)
{
    plan->rule.rule.condition = condition_on(plan->inputs, 4, condition);
    plan->options = (struct engine_options){.inputs = plan->inputs,
                                            .input_count = 4,
                                            .derived = plan->derived,
                                            .derived_count = 2,
                                            .rules = &plan->rule,
                                            .rule_count = 1,
                                            .devices = &plan->device,
                                            .device_count = 1};
    return engine_new(&plan->options, 0, ret);
}

static void show_degrees(struct engine *engine, size_t input, double degrees, int64_t now_us)
{
    const struct reading reading = good(value_number(degrees), 1);
    engine_input(engine, input, &reading, now_us);
}

/* The fan's target after all that has happened; whether it was ON in between is counted. */
static struct device_state look(struct engine *engine, unsigned *ret_ons)
{
    static struct device_state state;
    struct engine_output output;
    while (engine_take(engine, &output)) {
        if (output.kind == ENGINE_STATE) {
            state = output.state;
            *ret_ons +=
                value_equal(&state.target, &(struct value){.kind = VALUE_TEXT, .text = "ON"});
        }
    }
    return state;
}

static void a_rule_sees_what_is_derived_with_what_it_is_derived_from(void **state)
{
    (void)state;
    struct plan plan = draw();
    struct engine *engine;
    unsigned ons = 0;
    /* Can only be true while an old mean is seen beside a new value. */
    assert_int_equal(make(&plan, "first - mean > 10 or distance - (first - mean) > 1", &engine), 0);
    for (int i = 0; i < 5; i++) {
        show_degrees(engine, FIRST, 20 + 10 * i, i * SECOND);
        show_degrees(engine, SECOND_ONE, 20 + 10 * i, i * SECOND);
        (void)look(engine, &ons);
    }
    assert_int_equal(ons, 0);
    show_degrees(engine, FIRST, 100, 6 * SECOND);
    assert_value(look(engine, &ons).target, "ON");
    engine_free(engine);
}

static void what_is_derived_is_lost_with_its_source_and_comes_back_with_it(void **state)
{
    (void)state;
    struct plan plan = draw();
    struct engine *engine;
    unsigned ons = 0;
    assert_int_equal(make(&plan, "mean > 25", &engine), 0);
    show_degrees(engine, FIRST, 30, 0);
    show_degrees(engine, SECOND_ONE, 30, 30 * SECOND);
    assert_value(look(engine, &ons).target, "ON");
    assert_int_equal(engine_next_deadline(engine), 60 * SECOND);
    engine_tick(engine, 60 * SECOND);
    assert_value(look(engine, &ons).target, "OFF");
    show_degrees(engine, FIRST, 30, 61 * SECOND);
    assert_value(look(engine, &ons).target, "ON");
    engine_free(engine);
}

static void time_alone_moves_a_time_in_a_state(void **state)
{
    (void)state;
    static const size_t of_time[] = {FIRST};
    struct plan plan = draw();
    struct engine *engine;
    unsigned ons = 0;
    plan.inputs[FIRST].stale_after_us = 0;
    plan.derived[0].derived = (struct derived_options){
        .kind = DERIVED_TIME, .sources = of_time, .source_count = 1, .state = value_number(1)};
    assert_int_equal(make(&plan, "mean >= 3", &engine), 0);
    show_degrees(engine, FIRST, 1, SECOND);
    for (int64_t next_us; (next_us = engine_next_deadline(engine)) < 4 * SECOND;) {
        engine_tick(engine, next_us);
        assert_value(look(engine, &ons).target, "OFF");
    }
    engine_tick(engine, 4 * SECOND);
    assert_value(look(engine, &ons).target, "ON");
    engine_free(engine);
}

static void what_would_depend_on_itself_is_refused(void **state)
{
    (void)state;
    static const size_t itself[] = {FIRST, MEAN};
    static const size_t later[] = {FIRST, DISTANCE};
    static const size_t nothing[] = {FIRST, 4};
    static const size_t *const bad[] = {itself, later, nothing};
    struct engine *engine;
    for (size_t i = 0; i < 3; i++) {
        struct plan plan = draw();
        plan.derived[0].derived.sources = bad[i];
        assert_int_equal(make(&plan, "mean > 25", &engine), -EINVAL);
    }
    struct plan twice = draw();
    twice.derived[1].input = MEAN;
    assert_int_equal(make(&twice, "mean > 25", &engine), -EINVAL);
    struct plan beyond = draw();
    beyond.derived[1].input = 4;
    assert_int_equal(make(&beyond, "mean > 25", &engine), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_sees_what_is_derived_with_what_it_is_derived_from),
        cmocka_unit_test(what_is_derived_is_lost_with_its_source_and_comes_back_with_it),
        cmocka_unit_test(time_alone_moves_a_time_in_a_state),
        cmocka_unit_test(what_would_depend_on_itself_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}
