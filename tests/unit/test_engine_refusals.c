/* What an engine is not made of: each row spoils one thing of an engine that has one of everything.
 */
#include "tests/unit/rich_engine.h"

#include <errno.h>
#include <math.h>

static const size_t out_of_range[] = {TEMPERATURE, RICH_INPUTS};
static const size_t one_device[] = {PUMP};
static const size_t no_such_device[] = {PUMP, RICH_DEVICES};
static const char *const no_such_input[] = {"nothing"};

struct row {
    const char *legend;
    void (*spoil)(struct rich *r);
    int error;
};

/* clang-format off */
static void no_device_id(struct rich *r) { r->devices[FAN].device.id = NULL; }
static void equal_devices(struct rich *r) { r->devices[FAN].device.id = "heater"; }
static void negative_confirm(struct rich *r) { r->devices[FAN].device.confirm_us = -1; }
static void negative_retry(struct rich *r) { r->devices[FAN].device.retry_failed_us = -1; }
static void negative_grace(struct rich *r) { r->devices[FAN].device.grace_us = -1; }
static void negative_min_on(struct rich *r) { r->devices[WELL].min_on_us = -1; }
static void negative_min_off(struct rich *r) { r->devices[WELL].min_off_us = -1; }
static void negative_pause(struct rich *r) { r->devices[WELL].pause_us = -1; }
static void negative_rate(struct rich *r) { r->devices[WELL].min_change_us = -1; }
static void maximum_without_pause(struct rich *r) { r->devices[WELL].max_on_us = HOUR; }
static void strange_off(struct rich *r) { r->devices[WELL].off = label("ZERO"); }
static void strange_rest(struct rich *r) { r->devices[WELL].rest = label("ZERO"); }
static void negative_manual(struct rich *r) { r->devices[WELL].manual_for_us = -1; }
static void negative_manual_max(struct rich *r) { r->devices[WELL].manual_max_us = -1; }
static void no_fail_safe(struct rich *r) { r->devices[HEATER].fail_safe = none(); }
static void strange_required(struct rich *r) { r->devices[HEATER].required = no_such_input; }
static void strange_feedback(struct rich *r) { r->devices[PUMP].feedback = "nothing"; }
static void too_many_labels(struct rich *r) { r->devices[WELL].device.domain.label_count = 10000; }

static void strange_thermostat_input(struct rich *r) { r->thermostat.input = "nothing"; }
static void strange_thermostat_device(struct rich *r) { r->thermostat.device = "nothing"; }
static void no_thermostat_device(struct rich *r) { r->thermostat.device = NULL; }
static void strange_on_value(struct rich *r) { r->thermostat.thermostat.on_value = label("HOT"); }
static void strange_off_value(struct rich *r) { r->thermostat.thermostat.off_value = label("COLD"); }
static void endless_setpoint(struct rich *r) { r->thermostat.thermostat.setpoint = INFINITY; }
static void negative_below(struct rich *r) { r->thermostat.thermostat.below = -1; }
static void negative_above(struct rich *r) { r->thermostat.thermostat.above = -1; }
static void strange_pid_device(struct rich *r) { r->pid.device = "nothing"; }
static void pid_below_range(struct rich *r) { r->pid.pid.min = -1; }
static void pid_above_range(struct rich *r) { r->pid.pid.max = 101; }
static void pid_upside_down(struct rich *r) { r->pid.pid.min = 50, r->pid.pid.max = 40; }
static void negative_kp(struct rich *r) { r->pid.pid.kp = -1; }
static void negative_ki(struct rich *r) { r->pid.pid.ki = -1; }
static void negative_kd(struct rich *r) { r->pid.pid.kd = -1; }
static void negative_step(struct rich *r) { r->pid.pid.step = -1; }
static void endless_pid_setpoint(struct rich *r) { r->pid.pid.setpoint = NAN; }
static void no_pid_period(struct rich *r) { r->pid.pid.period_us = 0; }

static void strange_rule_device(struct rich *r) { r->rules[0].device = "nothing"; }
static void strange_when_true(struct rich *r) { r->rules[0].rule.when_true = label("HOT"); }
static void strange_when_false(struct rich *r) { r->rules[0].rule.when_false = label("COLD"); }
static void no_rule_id(struct rich *r) { r->rules[0].rule.id = NULL; }
static void strange_step_value(struct rich *r) { r->steps[0].value = label("HOT"); }
static void strange_step_device(struct rich *r) { r->steps[0].device = RICH_DEVICES; }
static void strange_release(struct rich *r) { r->steps[4].device = RICH_DEVICES; }
static void strange_message(struct rich *r) { r->steps[1].message = 1; }
static void wait_for_nothing(struct rich *r) { r->steps[2].condition = NULL; }
static void negative_delay(struct rich *r) { r->steps[3].span_us = -1; }
static void jump_beyond(struct rich *r) { r->steps[3] = (struct step){.kind = STEP_JUMP, .target = 6}; }
static void jump_unless_nothing(struct rich *r) { r->steps[3] = (struct step){.kind = STEP_JUMP_UNLESS}; }
static void counter_beyond(struct rich *r) { r->steps[3] = (struct step){.kind = STEP_REPEAT, .counter = SCRIPT_COUNTERS_MAX}; }
static void no_runs(struct rich *r) { r->event.max = 0; }
static void too_many_runs(struct rich *r) { r->event.max = EVENT_RULE_RUNS_MAX + 1; }
static void no_period(struct rich *r) { r->time.period_us = 0; }

static void strange_schedule_device(struct rich *r) { r->schedules[0].device = "nothing"; }
static void strange_schedule_controller(struct rich *r) { r->schedules[1].controller = "nothing"; }
static void schedule_of_nobody(struct rich *r) { r->schedules[1].controller = NULL; }
static void strange_block(struct rich *r) { r->blocks[0].value = label("HOT"); }
static void strange_exception(struct rich *r) { r->exception.value = label("HOT"); }
static void word_for_a_controller(struct rich *r) { r->blocks[1].value = label("WARM"); }
static void strange_otherwise(struct rich *r) { r->schedules[0].schedule.otherwise = label("HOT"); }

static void lonely_interlock(struct rich *r) { r->interlock.devices = one_device, r->interlock.device_count = 1; }
static void strange_member(struct rich *r) { r->interlock.devices = no_such_device; }
static void twice_in_it(struct rich *r) { r->members[1] = PUMP; }
static void negative_dead_time(struct rich *r) { r->interlock.dead_time_us = -1; }
static void member_that_falls_back_on(struct rich *r) { r->members[0] = HEATER, r->devices[HEATER].fail_safe = label("ON"); }

static void derived_of_nothing(struct rich *r) { r->derived[0].derived.source_count = 0; }
static void derived_beyond(struct rich *r) { r->derived[0].derived.sources = out_of_range; }
static void derived_out_of_order(struct rich *r) { r->derived[0].input = PRESSED, r->derived[1].input = MEAN; }
static void equal_inputs(struct rich *r) { r->inputs[HUMIDITY].id = "temperature"; }
static void negative_stale_after(struct rich *r) { r->inputs[HUMIDITY].stale_after_us = -1; }
/* clang-format on */

#define ROW(spoil, error)    \
    {                        \
#spoil, spoil, error \
    }

static const struct row rows[] = {
    ROW(no_device_id, -EINVAL),
    ROW(equal_devices, -EEXIST),
    ROW(negative_confirm, -EINVAL),
    ROW(negative_retry, -EINVAL),
    ROW(negative_grace, -EINVAL),
    ROW(negative_min_on, -EINVAL),
    ROW(negative_min_off, -EINVAL),
    ROW(negative_pause, -EINVAL),
    ROW(negative_rate, -EINVAL),
    ROW(maximum_without_pause, -EINVAL),
    ROW(strange_off, -EINVAL),
    ROW(strange_rest, -EINVAL),
    ROW(negative_manual, -EINVAL),
    ROW(negative_manual_max, -EINVAL),
    ROW(no_fail_safe, -EINVAL),
    ROW(strange_required, -ENOENT),
    ROW(strange_feedback, -ENOENT),
    ROW(too_many_labels, -EINVAL),
    ROW(strange_thermostat_input, -ENOENT),
    ROW(strange_thermostat_device, -ENOENT),
    ROW(no_thermostat_device, -ENOENT),
    ROW(strange_on_value, -EINVAL),
    ROW(strange_off_value, -EINVAL),
    ROW(endless_setpoint, -EINVAL),
    ROW(negative_below, -EINVAL),
    ROW(negative_above, -EINVAL),
    ROW(strange_pid_device, -ENOENT),
    ROW(pid_below_range, -EINVAL),
    ROW(pid_above_range, -EINVAL),
    ROW(pid_upside_down, -EINVAL),
    ROW(negative_kp, -EINVAL),
    ROW(negative_ki, -EINVAL),
    ROW(negative_kd, -EINVAL),
    ROW(negative_step, -EINVAL),
    ROW(endless_pid_setpoint, -EINVAL),
    ROW(no_pid_period, -EINVAL),
    ROW(strange_rule_device, -ENOENT),
    ROW(strange_when_true, -EINVAL),
    ROW(strange_when_false, -EINVAL),
    ROW(no_rule_id, -EINVAL),
    ROW(strange_step_value, -EINVAL),
    ROW(strange_step_device, -EINVAL),
    ROW(strange_release, -EINVAL),
    ROW(strange_message, -EINVAL),
    ROW(wait_for_nothing, -EINVAL),
    ROW(negative_delay, -EINVAL),
    ROW(jump_beyond, -EINVAL),
    ROW(jump_unless_nothing, -EINVAL),
    ROW(counter_beyond, -EINVAL),
    ROW(no_runs, -EINVAL),
    ROW(too_many_runs, -EINVAL),
    ROW(no_period, -EINVAL),
    ROW(strange_schedule_device, -ENOENT),
    ROW(strange_schedule_controller, -ENOENT),
    ROW(schedule_of_nobody, -ENOENT),
    ROW(strange_block, -EINVAL),
    ROW(strange_exception, -EINVAL),
    ROW(word_for_a_controller, -EINVAL),
    ROW(strange_otherwise, -EINVAL),
    ROW(lonely_interlock, -EINVAL),
    ROW(strange_member, -EINVAL),
    ROW(twice_in_it, -EINVAL),
    ROW(negative_dead_time, -EINVAL),
    ROW(member_that_falls_back_on, -EINVAL),
    ROW(derived_of_nothing, -EINVAL),
    ROW(derived_beyond, -EINVAL),
    ROW(derived_out_of_order, -EINVAL),
    ROW(equal_inputs, -EEXIST),
    ROW(negative_stale_after, -EINVAL),
};

static void one_thing_that_is_wrong_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rich rich;
        struct engine *engine = NULL;
        rich_init(&rich);
        rows[i].spoil(&rich);
        int r = engine_new(&rich.options, 0, &engine);
        if (r != rows[i].error || engine != NULL) {
            fail_msg("%s: %d, not %d", rows[i].legend, r, rows[i].error);
        }
        rich_deinit(&rich);
        (void)free_conditions(NULL);
    }
}

static void as_it_is_it_is_taken(void **state)
{
    (void)state;
    struct rich rich;
    struct engine *engine = rich_make(&rich, NOON_US);
    engine_free(engine);
    rich_deinit(&rich);
}

/* A wrong word of a person changes nothing at all, the right ones beside it neither. */
static void an_impossible_change_of_a_controller_changes_nothing(void **state)
{
    (void)state;
    struct rich rich;
    struct engine *engine = rich_make(&rich, NOON_US);
    static const struct controller_change bad[] = {
        {.has_setpoint = true, .setpoint = NAN, .has_mode = true, .mode = CONTROLLER_OFF},
        {.has_setpoint = true, .setpoint = 60, .has_output = true, .output = INFINITY},
        {.has_setpoint = true, .setpoint = 60, .has_output = true, .output = 101},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(engine_set_controller(engine, CONTROLLER_VENT, &bad[i], SECOND), -EINVAL);
    }
    assert_int_equal(engine_set_controller(engine, CONTROLLER_AIR, &bad[0], SECOND), -EINVAL);
    const struct controller_change output = {.has_output = true, .output = 1};
    const struct controller_change manual = {.has_mode = true, .mode = CONTROLLER_MANUAL};
    assert_int_equal(engine_set_controller(engine, CONTROLLER_AIR, &output, SECOND), -ENOTSUP);
    assert_int_equal(engine_set_controller(engine, CONTROLLER_AIR, &manual, SECOND), -ENOTSUP);
    struct engine_output told;
    while (engine_take(engine, &told)) {
        if (told.kind == ENGINE_CONTROLLER_STATE && told.controller == CONTROLLER_VENT) {
            assert_true(told.controller_state.setpoint == 50);
            assert_int_equal(told.controller_state.mode, CONTROLLER_AUTO);
        }
    }
    engine_free(engine);
    rich_deinit(&rich);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_thing_that_is_wrong_is_refused),
        cmocka_unit_test(as_it_is_it_is_taken),
        cmocka_unit_test(an_impossible_change_of_a_controller_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}
