#include "automation-node/engine/threshold_rule.h"

#include "automation-node/input/deadline.h"
#include "tests/unit/engine_help.h"

#include <errno.h>

static struct threshold_rule_options vent_options(void)
{
    return (struct threshold_rule_options){.id = "vent",
                                           .side = THRESHOLD_ABOVE,
                                           .threshold = 80,
                                           .hysteresis = 5,
                                           .for_us = 0,
                                           .when_true = label("ON"),
                                           .when_false = label("OFF"),
                                           .enabled = true};
}

static struct threshold_rule *make(const struct threshold_rule_options *options)
{
    struct threshold_rule *rule = NULL;
    assert_int_equal(threshold_rule_new(options, &rule), 0);
    return rule;
}

static void see(struct threshold_rule *rule, struct input *input, double value, int64_t now_us)
{
    show(input, value, now_us);
    threshold_rule_evaluate(rule, input, now_us);
}

static void above_holds_until_the_hysteresis_is_passed(void **state)
{
    (void)state;
    struct threshold_rule_options options = vent_options();
    struct threshold_rule *rule = make(&options);
    struct input input = make_input("humidity", "%", 10 * SECOND);
    static const struct {
        double value;
        const char *wish;
    } steps[] = {{80, "OFF"}, {80.1, "ON"}, {76, "ON"}, {75, "OFF"}, {79, "OFF"}, {81, "ON"}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        see(rule, &input, steps[i].value, (int64_t)i);
        assert_value(threshold_rule_proposal(rule)->value, steps[i].wish);
    }
    threshold_rule_free(rule);
}

static void below_is_the_mirror_image(void **state)
{
    (void)state;
    struct threshold_rule_options options = vent_options();
    options.side = THRESHOLD_BELOW;
    struct threshold_rule *rule = make(&options);
    struct input input = make_input("soil", "%", 10 * SECOND);
    static const struct {
        double value;
        const char *wish;
    } steps[] = {{80, "OFF"}, {79.9, "ON"}, {84, "ON"}, {85, "OFF"}, {81, "OFF"}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        see(rule, &input, steps[i].value, (int64_t)i);
        assert_value(threshold_rule_proposal(rule)->value, steps[i].wish);
    }
    threshold_rule_free(rule);
}

static void without_a_value_for_no_the_wish_is_released(void **state)
{
    (void)state;
    struct threshold_rule_options options = vent_options();
    options.when_false = none();
    struct threshold_rule *rule = make(&options);
    struct input input = make_input("humidity", "%", 10 * SECOND);
    see(rule, &input, 90, 0);
    see(rule, &input, 60, 1);
    assert_int_equal(threshold_rule_proposal(rule)->value.kind, VALUE_NONE);
    threshold_rule_free(rule);
}

static void for_counts_from_the_change_and_fires_by_time_alone(void **state)
{
    (void)state;
    struct threshold_rule_options options = vent_options();
    options.for_us = 60 * SECOND;
    struct threshold_rule *rule = make(&options);
    struct input input = make_input("humidity", "%", 300 * SECOND);
    see(rule, &input, 70, 0);
    see(rule, &input, 85, 10 * SECOND);
    see(rule, &input, 88, 40 * SECOND);
    assert_int_equal(threshold_rule_state(rule), THRESHOLD_WAITING);
    assert_value(threshold_rule_proposal(rule)->value, "OFF");
    assert_true(threshold_rule_next_deadline(rule) == 70 * SECOND);
    assert_false(threshold_rule_evaluate(rule, &input, 70 * SECOND - 1));
    assert_true(threshold_rule_evaluate(rule, &input, 70 * SECOND));
    assert_string_equal(threshold_rule_proposal(rule)->cause.reason,
                        "humidity 88 % is above 80 % for 60 s");
    assert_true(threshold_rule_next_deadline(rule) == DEADLINE_NONE);
    threshold_rule_free(rule);
}

static void a_rule_made_later_counts_from_the_change_too(void **state)
{
    (void)state;
    struct threshold_rule_options options = vent_options();
    options.for_us = 60 * SECOND;
    struct input input = make_input("humidity", "%", 0);
    show(&input, 85, 0);
    struct threshold_rule *rule = make(&options);
    assert_true(threshold_rule_evaluate(rule, &input, 60 * SECOND));
    assert_int_equal(threshold_rule_state(rule), THRESHOLD_YES);
    threshold_rule_free(rule);
}

static void a_return_before_the_time_cancels_it(void **state)
{
    (void)state;
    struct threshold_rule_options options = vent_options();
    options.for_us = 60 * SECOND;
    struct threshold_rule *rule = make(&options);
    struct input input = make_input("humidity", "%", 300 * SECOND);
    see(rule, &input, 85, 0);
    see(rule, &input, 70, 30 * SECOND);
    assert_int_equal(threshold_rule_state(rule), THRESHOLD_NO);
    see(rule, &input, 85, 50 * SECOND);
    assert_true(threshold_rule_next_deadline(rule) == 110 * SECOND);
    threshold_rule_free(rule);
}

static void a_blip_neither_restarts_the_time_nor_fires(void **state)
{
    (void)state;
    struct threshold_rule_options options = vent_options();
    options.for_us = 60 * SECOND;
    struct threshold_rule *rule = make(&options);
    struct input input = make_input("humidity", "%", 300 * SECOND);
    see(rule, &input, 85, 0);
    show_quality(&input, QUALITY_NOT_AVAILABLE, 50 * SECOND);
    threshold_rule_evaluate(rule, &input, 50 * SECOND);
    assert_true(threshold_rule_next_deadline(rule) == DEADLINE_NONE);
    assert_false(threshold_rule_evaluate(rule, &input, 65 * SECOND));
    see(rule, &input, 85, 66 * SECOND);
    assert_int_equal(threshold_rule_state(rule), THRESHOLD_YES);
    threshold_rule_free(rule);
}

static void a_lost_input_releases_the_wish(void **state)
{
    (void)state;
    struct threshold_rule_options options = vent_options();
    struct threshold_rule *rule = make(&options);
    struct input input = make_input("humidity", "%", 10 * SECOND);
    see(rule, &input, 85, 0);
    assert_true(threshold_rule_evaluate(rule, &input, 10 * SECOND));
    assert_int_equal(threshold_rule_state(rule), THRESHOLD_UNKNOWN);
    assert_int_equal(threshold_rule_proposal(rule)->value.kind, VALUE_NONE);
    assert_string_equal(threshold_rule_proposal(rule)->cause.reason, "input 'humidity' is stale");
    threshold_rule_free(rule);
}

static void disabled_it_proposes_nothing_and_enabled_it_looks_again(void **state)
{
    (void)state;
    struct threshold_rule_options options = vent_options();
    struct threshold_rule *rule = make(&options);
    struct input input = make_input("humidity", "%", 10 * SECOND);
    see(rule, &input, 85, 0);
    threshold_rule_enable(rule, false);
    assert_true(threshold_rule_evaluate(rule, &input, 1));
    assert_int_equal(threshold_rule_proposal(rule)->value.kind, VALUE_NONE);
    threshold_rule_enable(rule, true);
    assert_true(threshold_rule_evaluate(rule, &input, 2));
    assert_value(threshold_rule_proposal(rule)->value, "ON");
    threshold_rule_free(rule);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    struct threshold_rule *rule = NULL;
    struct threshold_rule_options options = vent_options();
    options.when_true = none();
    assert_int_equal(threshold_rule_new(&options, &rule), -EINVAL);
    options = vent_options();
    options.for_us = -1;
    assert_int_equal(threshold_rule_new(&options, &rule), -EINVAL);
    options = vent_options();
    options.hysteresis = -1;
    assert_int_equal(threshold_rule_new(&options, &rule), -EINVAL);
    assert_null(rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(above_holds_until_the_hysteresis_is_passed),
        cmocka_unit_test(below_is_the_mirror_image),
        cmocka_unit_test(without_a_value_for_no_the_wish_is_released),
        cmocka_unit_test(for_counts_from_the_change_and_fires_by_time_alone),
        cmocka_unit_test(a_rule_made_later_counts_from_the_change_too),
        cmocka_unit_test(a_return_before_the_time_cancels_it),
        cmocka_unit_test(a_blip_neither_restarts_the_time_nor_fires),
        cmocka_unit_test(a_lost_input_releases_the_wish),
        cmocka_unit_test(disabled_it_proposes_nothing_and_enabled_it_looks_again),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
