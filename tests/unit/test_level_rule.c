#include "automation-node/engine/level_rule.h"

#include "automation-node/input/deadline.h"
#include "tests/unit/condition_help.h"

#include <errno.h>

/* One rule that watches one input. */
struct bench {
    struct input input;
    struct level_rule *rule;
    int64_t now_us;
};

static struct level_rule_options vent_options(const char *condition)
{
    static const struct input_options inputs[] = {{"humidity", "%", 0}};
    return (struct level_rule_options){.id = "vent",
                                       .condition = condition_on(inputs, 1, condition),
                                       .when_true = label("ON"),
                                       .when_false = label("OFF"),
                                       .enabled = true};
}

static struct bench bench_new(const struct level_rule_options *options)
{
    struct bench bench = {.input = make_input("humidity", "%", 100 * SECOND)};
    assert_int_equal(level_rule_new(options, &bench.rule), 0);
    return bench;
}

static struct bench bench_on(const char *condition)
{
    const struct level_rule_options options = vent_options(condition);
    return bench_new(&options);
}

static bool evaluate(struct bench *bench, int64_t now_us)
{
    const struct expression_view view = {.inputs = &bench->input,
                                         .now_us = now_us,
                                         .wall_us = EXPRESSION_NO_CLOCK,
                                         .changed = EXPRESSION_NO_INPUT};
    return level_rule_evaluate(bench->rule, &view);
}

static bool see(struct bench *bench, double value, int64_t now_us)
{
    show(&bench->input, value, now_us);
    return evaluate(bench, now_us);
}

static void assert_wish(const struct bench *bench, const char *text)
{
    assert_value(level_rule_proposal(bench->rule)->value, text);
}

static void it_proposes_one_value_while_it_holds_and_another_while_not(void **state)
{
    (void)state;
    struct bench bench = bench_on("humidity > 80 % hysteresis 5 %");
    static const struct {
        double value;
        const char *wish;
    } steps[] = {{80, "OFF"}, {80.1, "ON"}, {76, "ON"}, {75, "OFF"}, {79, "OFF"}, {81, "ON"}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        (void)see(&bench, steps[i].value, (int64_t)i);
        assert_wish(&bench, steps[i].wish);
    }
    level_rule_free(bench.rule);
}

static void without_a_value_for_no_the_wish_is_released(void **state)
{
    (void)state;
    struct level_rule_options options = vent_options("humidity > 80");
    options.when_false = none();
    struct bench bench = bench_new(&options);
    (void)see(&bench, 90, 0);
    assert_true(see(&bench, 60, 1));
    assert_wish(&bench, "");
    level_rule_free(bench.rule);
}

static void it_tells_when_it_wants_to_look_again_and_why_it_decided(void **state)
{
    (void)state;
    struct bench bench = bench_on("humidity > 80 for 60s");
    (void)see(&bench, 70, 0);
    (void)see(&bench, 85, 10 * SECOND);
    assert_wish(&bench, "OFF");
    assert_true(level_rule_next_deadline(bench.rule) == 70 * SECOND);
    assert_false(evaluate(&bench, 70 * SECOND - 1));
    assert_true(evaluate(&bench, 70 * SECOND));
    const struct cause *cause = &level_rule_proposal(bench.rule)->cause;
    assert_string_equal(cause->source, "rule:vent");
    assert_string_equal(cause->reason, "humidity > 80 for 60s (humidity is 85 %)");
    assert_int_equal(cause->seq, 1);
    assert_true(level_rule_next_deadline(bench.rule) == DEADLINE_NONE);
    level_rule_free(bench.rule);
}

static void a_rule_that_starts_late_keeps_quiet_until_it_knows(void **state)
{
    (void)state;
    struct bench bench = bench_on("humidity > 80 for 60s");
    show(&bench.input, 85, 0);
    assert_true(evaluate(&bench, 10 * SECOND)); /* disabled -> unknown */
    assert_int_equal(level_rule_state(bench.rule), LEVEL_UNKNOWN);
    assert_wish(&bench, "");
    assert_true(evaluate(&bench, 60 * SECOND));
    assert_wish(&bench, "ON");
    level_rule_free(bench.rule);
}

static void a_reading_that_is_not_good_changes_nothing(void **state)
{
    (void)state;
    struct bench bench = bench_on("humidity > 80");
    (void)see(&bench, 85, 0);
    show_quality(&bench.input, QUALITY_NOT_AVAILABLE, SECOND);
    assert_false(evaluate(&bench, SECOND));
    assert_wish(&bench, "ON");
    level_rule_free(bench.rule);
}

static void a_lost_input_releases_the_wish(void **state)
{
    (void)state;
    struct bench bench = bench_on("humidity > 80");
    (void)see(&bench, 85, 0);
    assert_true(evaluate(&bench, 100 * SECOND));
    assert_int_equal(level_rule_state(bench.rule), LEVEL_UNKNOWN);
    assert_wish(&bench, "");
    assert_string_equal(level_rule_proposal(bench.rule)->cause.reason,
                        "humidity > 80: input 'humidity' is stale");
    level_rule_free(bench.rule);
}

static void disabled_it_proposes_nothing_and_enabled_it_looks_again(void **state)
{
    (void)state;
    struct bench bench = bench_on("humidity > 80 hysteresis 10");
    (void)see(&bench, 85, 0);
    level_rule_enable(bench.rule, false);
    assert_true(evaluate(&bench, 1));
    assert_wish(&bench, "");
    show(&bench.input, 75, 2);
    level_rule_enable(bench.rule, true);
    assert_true(evaluate(&bench, 2));
    assert_wish(&bench, "OFF"); /* it does not remember that it had held */
    level_rule_free(bench.rule);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    struct level_rule *rule = NULL;
    struct level_rule_options options = vent_options("humidity > 80");
    options.when_true = none();
    assert_int_equal(level_rule_new(&options, &rule), -EINVAL);
    options = vent_options("humidity > 80");
    options.condition = NULL;
    assert_int_equal(level_rule_new(&options, &rule), -EINVAL);
    options = vent_options("humidity > 80");
    options.id = "";
    assert_int_equal(level_rule_new(&options, &rule), -EINVAL);
    assert_null(rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_proposes_one_value_while_it_holds_and_another_while_not),
        cmocka_unit_test(without_a_value_for_no_the_wish_is_released),
        cmocka_unit_test(it_tells_when_it_wants_to_look_again_and_why_it_decided),
        cmocka_unit_test(a_rule_that_starts_late_keeps_quiet_until_it_knows),
        cmocka_unit_test(a_reading_that_is_not_good_changes_nothing),
        cmocka_unit_test(a_lost_input_releases_the_wish),
        cmocka_unit_test(disabled_it_proposes_nothing_and_enabled_it_looks_again),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}
