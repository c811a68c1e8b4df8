#include "automation-node/engine/event_rule.h"

#include "automation-node/input/deadline.h"
#include "tests/unit/condition_help.h"

#include <errno.h>

enum {
    BUTTON,
    LEVEL,
    INPUTS
};

static const struct input_options input_options[INPUTS] = {{"button", NULL, 0},
                                                           {"level", "%", 30 * SECOND}};

#define LOG_MAX 32

/* A rule, its inputs, and what its steps have done. */
struct bench {
    struct input inputs[INPUTS];
    struct event_rule *rule;
    int64_t now_us;
    size_t sets;
    struct value set_to[LOG_MAX];
    int64_t until_us;
    char reason[CAUSE_REASON_SIZE];
    size_t releases;
    size_t messages;
    int alarm; /* that was raised last, and not cleared; -1 = none */
    bool refuse;
};

static const struct expression *when(const char *text)
{
    return condition_on(input_options, INPUTS, text);
}

static bool on_set(void *context, const struct step *step, const struct cause *cause,
                   int64_t until_us)
{
    struct bench *b = context;
    assert_true(b->sets < LOG_MAX);
    b->set_to[b->sets++] = step->value;
    b->until_us = until_us;
    (void)snprintf(b->reason, sizeof(b->reason), "%s", cause->reason);
    return !b->refuse;
}

static void on_release(void *context, size_t device)
{
    (void)device;
    ((struct bench *)context)->releases++;
}

static bool on_publish(void *context, size_t message)
{
    (void)message;
    ((struct bench *)context)->messages++;
    return true;
}

static void on_alarm(void *context, const struct step *step, const struct cause *cause)
{
    struct bench *b = context;
    (void)cause;
    b->alarm = step->kind == STEP_RAISE ? (int)step->alarm : -1;
}

static struct script_host host_of(struct bench *b)
{
    return (struct script_host){on_set, on_release, on_publish, on_alarm, b};
}

static struct expression_view view_of(const struct bench *b, size_t changed)
{
    return (struct expression_view){.inputs = b->inputs,
                                    .now_us = b->now_us,
                                    .wall_us = EXPRESSION_NO_CLOCK,
                                    .changed = changed};
}

static void evaluate(struct bench *b, size_t changed, bool start)
{
    struct expression_view view = view_of(b, changed);
    struct script_host host = host_of(b);
    event_rule_evaluate(b->rule, &view, &host, start);
}

static void bench_open(struct bench *b, const struct event_rule_options *options)
{
    *b = (struct bench){
        .inputs = {make_input("button", NULL, 0), make_input("level", "%", 30 * SECOND)}};
    assert_int_equal(event_rule_new(options, 0, &b->rule), 0);
    evaluate(b, EXPRESSION_NO_INPUT, true);
}

static void bench_close(struct bench *b)
{
    struct event_rule_stats s = event_rule_stats(b->rule);
    assert_int_equal(s.triggers, s.runs + s.dropped + s.prevented + s.waiting);
    event_rule_free(b->rule);
}

static void see(struct bench *b, size_t input, struct value value)
{
    struct reading reading = good(value, 7);
    bool changed = input_update(&b->inputs[input], &reading, b->now_us);
    evaluate(b, changed ? input : EXPRESSION_NO_INPUT, false);
}

static void press(struct bench *b)
{
    static unsigned presses;
    see(b, BUTTON, value_number(++presses));
}

static void wait_for(struct bench *b, int64_t span_us)
{
    int64_t end_us = b->now_us + span_us;
    for (int64_t due_us; (due_us = event_rule_next_deadline(b->rule)) <= end_us;) {
        b->now_us = due_us;
        evaluate(b, EXPRESSION_NO_INPUT, false);
        assert_true(event_rule_next_deadline(b->rule) > due_us);
    }
    b->now_us = end_us;
}

static struct step set_step(const char *text)
{
    return (struct step){.kind = STEP_SET, .value = label(text)};
}

static struct step delay_step(int64_t span_us)
{
    return (struct step){.kind = STEP_DELAY, .span_us = span_us};
}

static struct event_rule_options rule_of(const struct expression *const *trigger,
                                         const struct step *steps, size_t count)
{
    return (struct event_rule_options){.id = "r",
                                       .triggers = trigger,
                                       .trigger_count = 1,
                                       .script = {steps, count},
                                       .max = 1,
                                       .enabled = true};
}

static void it_fires_when_a_condition_becomes_true(void **state)
{
    (void)state;
    const struct expression *trigger = when("level > 80");
    const struct step steps[] = {set_step("ON")};
    struct event_rule_options options = rule_of(&trigger, steps, 1);
    struct bench b;
    bench_open(&b, &options);
    see(&b, LEVEL, value_number(70));
    see(&b, LEVEL, value_number(81));
    see(&b, LEVEL, value_number(90));
    assert_int_equal(b.sets, 1);
    assert_string_equal(b.reason, "level > 80 (level is 81 %)");
    see(&b, LEVEL, value_number(70));
    see(&b, LEVEL, value_number(85));
    assert_int_equal(b.sets, 2);
    bench_close(&b);
}

static void what_holds_already_does_not_fire(void **state)
{
    (void)state;
    const struct expression *trigger = when("level > 80");
    const struct step steps[] = {set_step("ON")};
    struct event_rule_options options = rule_of(&trigger, steps, 1);
    struct bench b;
    bench_open(&b, &options);
    see(&b, LEVEL, value_number(90));
    assert_int_equal(b.sets, 0);
    bench_close(&b);
}

static void a_loss_in_between_neither_fires_nor_hides(void **state)
{
    (void)state;
    const struct expression *trigger = when("level > 80");
    const struct step steps[] = {set_step("ON")};
    struct event_rule_options options = rule_of(&trigger, steps, 1);
    struct bench b;
    bench_open(&b, &options);
    see(&b, LEVEL, value_number(90));
    wait_for(&b, 60 * SECOND); /* stale */
    see(&b, LEVEL, value_number(90));
    assert_int_equal(b.sets, 0);
    see(&b, LEVEL, value_number(70));
    wait_for(&b, 60 * SECOND);
    see(&b, LEVEL, value_number(90));
    assert_int_equal(b.sets, 1);
    bench_close(&b);
}

static void each_change_fires(void **state)
{
    (void)state;
    const struct expression *trigger = when("button changed or level > 80");
    const struct step steps[] = {set_step("ON")};
    struct event_rule_options options = rule_of(&trigger, steps, 1);
    struct bench b;
    bench_open(&b, &options);
    see(&b, LEVEL, value_number(10));
    press(&b);
    assert_int_equal(b.sets, 0); /* the first value */
    press(&b);
    press(&b);
    assert_int_equal(b.sets, 2);
    see(&b, LEVEL, value_number(90));
    assert_int_equal(b.sets, 3);
    see(&b, LEVEL, value_number(91));
    assert_int_equal(b.sets, 3);
    bench_close(&b);
}

static void a_for_that_becomes_due_after_the_start_fires(void **state)
{
    (void)state;
    const struct expression *trigger = when("button is 1 for 10s");
    const struct step steps[] = {set_step("ON")};
    struct event_rule_options options = rule_of(&trigger, steps, 1);
    struct bench b;
    bench_open(&b, &options);
    see(&b, BUTTON, value_number(1));
    wait_for(&b, 10 * SECOND - 1);
    assert_int_equal(b.sets, 0);
    wait_for(&b, 1);
    assert_int_equal(b.sets, 1);
    bench_close(&b);
}

static void the_condition_prevents_a_run_and_is_the_reason(void **state)
{
    (void)state;
    const struct expression *trigger = when("button changed");
    const struct step steps[] = {set_step("ON")};
    struct event_rule_options options = rule_of(&trigger, steps, 1);
    options.condition = when("level > 50");
    struct bench b;
    int64_t last_us;
    bench_open(&b, &options);
    press(&b);
    press(&b);
    assert_string_equal(event_rule_reason(b.rule, &last_us),
                        "level > 50: input 'level' is stale (never seen)");
    assert_true(last_us == INT64_MIN);
    see(&b, LEVEL, value_number(40));
    press(&b);
    assert_int_equal(event_rule_stats(b.rule).prevented, 2);
    see(&b, LEVEL, value_number(60));
    press(&b);
    assert_int_equal(b.sets, 1);
    bench_close(&b);
}

static void steps_follow_each_other_in_time(void **state)
{
    (void)state;
    const struct expression *trigger = when("button changed");
    const struct step steps[] = {set_step("ON"),
                                 delay_step(10 * SECOND),
                                 set_step("OFF"),
                                 {.kind = STEP_RELEASE},
                                 {.kind = STEP_PUBLISH}};
    struct event_rule_options options = rule_of(&trigger, steps, 5);
    struct bench b;
    bench_open(&b, &options);
    press(&b);
    press(&b);
    assert_int_equal(b.sets, 1);
    wait_for(&b, 10 * SECOND - 1);
    assert_int_equal(b.sets, 1);
    wait_for(&b, 1);
    assert_int_equal(b.sets, 2);
    assert_value(b.set_to[1], "OFF");
    assert_int_equal(b.releases, 1);
    assert_int_equal(b.messages, 1);
    struct run_report report;
    assert_true(event_rule_take_report(b.rule, &report));
    assert_int_equal(report.result, RUN_DONE);
    assert_int_equal(report.run->traced, 6); /* the delay begins and ends */
    assert_int_equal(report.run->trace[1].outcome, STEP_WAITS);
    assert_true(report.run->trace[2].at_us == 10 * SECOND);
    assert_false(event_rule_take_report(b.rule, &report));
    bench_close(&b);
}

static void a_set_may_be_for_a_time_and_may_be_refused(void **state)
{
    (void)state;
    const struct expression *trigger = when("button changed");
    struct step steps[] = {set_step("ON")};
    steps[0].span_us = 60 * SECOND;
    struct event_rule_options options = rule_of(&trigger, steps, 1);
    struct bench b;
    struct run_report report;
    bench_open(&b, &options);
    b.now_us = SECOND;
    press(&b);
    b.refuse = true;
    press(&b);
    assert_true(b.until_us == 61 * SECOND);
    assert_true(event_rule_take_report(b.rule, &report));
    assert_int_equal(report.run->trace[0].outcome, STEP_REFUSED);
    bench_close(&b);
}

static void waiting_ends_with_the_condition_or_with_the_time(void **state)
{
    (void)state;
    const struct expression *trigger = when("button changed");
    const struct step steps[] = {
        {.kind = STEP_WAIT, .condition = when("level > 50"), .span_us = 20 * SECOND, .stops = true},
        set_step("ON")};
    struct event_rule_options options = rule_of(&trigger, steps, 2);
    struct bench b;
    struct run_report report;
    bench_open(&b, &options);
    see(&b, LEVEL, value_number(10));
    press(&b);
    press(&b);
    wait_for(&b, 5 * SECOND);
    see(&b, LEVEL, value_number(60));
    assert_int_equal(b.sets, 1);
    assert_true(event_rule_take_report(b.rule, &report));
    assert_int_equal(report.result, RUN_DONE);
    see(&b, LEVEL, value_number(10));
    press(&b);
    wait_for(&b, 20 * SECOND);
    assert_true(event_rule_take_report(b.rule, &report));
    assert_int_equal(report.result, RUN_TIMED_OUT);
    assert_int_equal(b.sets, 1);
    bench_close(&b);
}

static void what_is_waited_for_has_to_happen_after_the_waiting_began(void **state)
{
    (void)state;
    const struct expression *trigger = when("button changed");
    const struct step steps[] = {{.kind = STEP_WAIT, .condition = when("button changed")},
                                 set_step("ON")};
    struct event_rule_options options = rule_of(&trigger, steps, 2);
    struct bench b;
    bench_open(&b, &options);
    press(&b);
    press(&b);
    assert_int_equal(b.sets, 0);
    press(&b);
    assert_int_equal(b.sets, 1);
    bench_close(&b);
}

static void choices_and_loops_are_jumps(void **state)
{
    (void)state;
    const struct expression *trigger = when("button changed");
    /* twice: if level > 50 then ON else OFF */
    const struct step steps[] = {
        {.kind = STEP_REPEAT, .count = 2, .target = 6},
        {.kind = STEP_JUMP_UNLESS, .condition = when("level > 50"), .target = 4},
        set_step("ON"),
        {.kind = STEP_JUMP, .target = 5},
        set_step("OFF"),
        {.kind = STEP_JUMP, .target = 0},
    };
    struct event_rule_options options = rule_of(&trigger, steps, 6);
    struct bench b;
    bench_open(&b, &options);
    see(&b, LEVEL, value_number(60));
    press(&b);
    press(&b);
    assert_int_equal(b.sets, 2);
    assert_value(b.set_to[1], "ON");
    see(&b, LEVEL, value_number(40));
    press(&b);
    assert_int_equal(b.sets, 4);
    assert_value(b.set_to[3], "OFF");
    bench_close(&b);
}

static void a_loop_that_never_waits_is_ended(void **state)
{
    (void)state;
    const struct expression *trigger = when("button changed");
    const struct step steps[] = {{.kind = STEP_JUMP, .target = 0}};
    struct event_rule_options options = rule_of(&trigger, steps, 1);
    struct bench b;
    struct run_report report;
    bench_open(&b, &options);
    press(&b);
    press(&b);
    assert_true(event_rule_take_report(b.rule, &report));
    assert_int_equal(report.result, RUN_ENDLESS);
    bench_close(&b);
}

/* Complaint 20: what a mode drops is counted. */
static void modes_say_what_becomes_of_a_second_trigger(void **state)
{
    (void)state;
    static const struct {
        enum rule_mode mode;
        size_t max;
        unsigned after_three; /* sets right after three triggers */
        unsigned in_the_end;
        unsigned dropped;
    } rows[] = {{RULE_SINGLE, 1, 1, 2, 2},
                {RULE_RESTART, 1, 3, 4, 0},
                {RULE_QUEUED, 2, 1, 4, 1},
                {RULE_PARALLEL, 2, 2, 4, 1}};
    const struct expression *trigger = when("button changed");
    const struct step steps[] = {set_step("ON"), delay_step(10 * SECOND), set_step("OFF")};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct event_rule_options options = rule_of(&trigger, steps, 3);
        options.mode = rows[i].mode;
        options.max = rows[i].max;
        struct bench b;
        bench_open(&b, &options);
        press(&b);
        press(&b);
        press(&b);
        press(&b);
        assert_int_equal(b.sets, rows[i].after_three);
        assert_int_equal(event_rule_stats(b.rule).dropped, rows[i].dropped);
        wait_for(&b, 60 * SECOND);
        assert_int_equal(b.sets, rows[i].in_the_end);
        assert_int_equal(event_rule_stats(b.rule).active, 0);
        bench_close(&b);
    }
}

static void disabled_it_stops_and_enabled_it_starts_afresh(void **state)
{
    (void)state;
    const struct expression *trigger = when("level > 50");
    const struct step steps[] = {set_step("ON"), delay_step(10 * SECOND), set_step("OFF")};
    struct event_rule_options options = rule_of(&trigger, steps, 3);
    struct bench b;
    struct run_report report;
    bench_open(&b, &options);
    see(&b, LEVEL, value_number(10));
    see(&b, LEVEL, value_number(60));
    struct expression_view view = view_of(&b, EXPRESSION_NO_INPUT);
    struct script_host host = host_of(&b);
    event_rule_enable(b.rule, false, &view);
    assert_true(event_rule_take_report(b.rule, &report));
    assert_int_equal(report.result, RUN_STOPPED);
    assert_int_equal(event_rule_run(b.rule, &view, &host, NULL), -EPERM);
    see(&b, LEVEL, value_number(10));
    see(&b, LEVEL, value_number(60));
    event_rule_enable(b.rule, true, &view);
    see(&b, LEVEL, value_number(61));
    assert_int_equal(b.sets, 1); /* it holds already */
    bench_close(&b);
}

static void a_person_may_run_it_and_the_start_too(void **state)
{
    (void)state;
    const struct expression *trigger = when("level > 50");
    const struct step steps[] = {set_step("ON")};
    struct event_rule_options options = rule_of(&trigger, steps, 1);
    options.at_start = true;
    struct bench b;
    bench_open(&b, &options);
    assert_int_equal(b.sets, 1);
    assert_string_equal(b.reason, "the node starts");
    struct expression_view view = view_of(&b, EXPRESSION_NO_INPUT);
    struct script_host host = host_of(&b);
    assert_int_equal(event_rule_run(b.rule, &view, &host, NULL), 0);
    assert_string_equal(b.reason, "asked for");
    assert_int_equal(b.sets, 2);
    bench_close(&b);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    const struct expression *trigger = when("level > 50");
    const struct step steps[] = {{.kind = STEP_JUMP, .target = 2}};
    const struct step no_condition[] = {{.kind = STEP_WAIT}};
    struct event_rule *rule = NULL;
    struct event_rule_options options = rule_of(&trigger, steps, 1);
    assert_int_equal(event_rule_new(&options, 0, &rule), -EINVAL);
    options = rule_of(&trigger, no_condition, 1);
    assert_int_equal(event_rule_new(&options, 0, &rule), -EINVAL);
    options = rule_of(&trigger, NULL, 0);
    options.max = 0;
    assert_int_equal(event_rule_new(&options, 0, &rule), -EINVAL);
    options.max = 2;
    assert_int_equal(event_rule_new(&options, 0, &rule), -EINVAL);
    options = rule_of(&trigger, NULL, 0);
    options.id = NULL;
    assert_int_equal(event_rule_new(&options, 0, &rule), -EINVAL);
    event_rule_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_fires_when_a_condition_becomes_true),
        cmocka_unit_test(what_holds_already_does_not_fire),
        cmocka_unit_test(a_loss_in_between_neither_fires_nor_hides),
        cmocka_unit_test(each_change_fires),
        cmocka_unit_test(a_for_that_becomes_due_after_the_start_fires),
        cmocka_unit_test(the_condition_prevents_a_run_and_is_the_reason),
        cmocka_unit_test(steps_follow_each_other_in_time),
        cmocka_unit_test(a_set_may_be_for_a_time_and_may_be_refused),
        cmocka_unit_test(waiting_ends_with_the_condition_or_with_the_time),
        cmocka_unit_test(what_is_waited_for_has_to_happen_after_the_waiting_began),
        cmocka_unit_test(choices_and_loops_are_jumps),
        cmocka_unit_test(a_loop_that_never_waits_is_ended),
        cmocka_unit_test(modes_say_what_becomes_of_a_second_trigger),
        cmocka_unit_test(disabled_it_stops_and_enabled_it_starts_afresh),
        cmocka_unit_test(a_person_may_run_it_and_the_start_too),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}
