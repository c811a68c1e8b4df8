#include "automation-node/engine/engine.h"

#include "automation-node/engine/engine_inspect.h"
#include "automation-node/input/deadline.h"
#include "tests/unit/condition_help.h"

#include <errno.h>

/* A small greenhouse: a thermostat and a rule share nothing but the engine. */
enum {
    TEMPERATURE,
    HUMIDITY,
    FAN_STATE
};

enum {
    HEATER,
    FAN
};

struct plan {
    struct input_options inputs[3];
    struct engine_thermostat thermostat;
    struct engine_rule rule;
    struct engine_device devices[2];
    struct engine_options options;
};

static const char *const heater_needs[] = {"temperature"};

static struct engine_device device_plan(const char *id)
{
    return (struct engine_device){
        .device = {.id = id, .domain = on_off(), .confirm_us = 5 * SECOND, .attempts = 2},
        .off = label("OFF"),
        .rest = label("OFF"),
        .fail_safe = label("OFF"),
        .manual_for_us = 600 * SECOND,
        .manual_max_us = 3600 * SECOND};
}

static void draw(struct plan *plan)
{
    *plan = (struct plan){
        .inputs = {{"temperature", "°C", 60 * SECOND},
                   {"humidity", "%", 60 * SECOND},
                   {"fan_state", NULL, 60 * SECOND}},
        .thermostat = {.thermostat = {.id = "air",
                                      .mode = THERMOSTAT_HEAT,
                                      .setpoint = 20,
                                      .below = 0.5,
                                      .above = 0.5,
                                      .on_value = label("ON"),
                                      .off_value = label("OFF")},
                       .input = "temperature",
                       .device = "heater"},
        .rule = {.rule = {.id = "vent", .when_true = label("ON"), .enabled = true},
                 .device = "fan"},
        .devices = {device_plan("heater"), device_plan("fan")},
    };
    plan->rule.rule.condition = condition_on(plan->inputs, 3, "humidity > 80 hysteresis 5 for 30s");
    plan->devices[HEATER].required = heater_needs;
    plan->devices[HEATER].required_count = 1;
    plan->devices[FAN].feedback = "fan_state";
    plan->options = (struct engine_options){.inputs = plan->inputs,
                                            .input_count = 3,
                                            .thermostats = &plan->thermostat,
                                            .thermostat_count = 1,
                                            .rules = &plan->rule,
                                            .rule_count = 1,
                                            .devices = plan->devices,
                                            .device_count = 2};
}

/* What the outputs since the last look came to. */
struct seen {
    size_t commands;
    size_t states;
    struct device_command command[2]; /* the last one of each device */
    struct device_state state[2];
};

static struct seen look(struct engine *engine)
{
    struct seen seen = {0};
    struct engine_output output;
    while (engine_take(engine, &output)) {
        if (output.kind == ENGINE_COMMAND) {
            seen.commands++;
            seen.command[output.device] = output.command;
        } else if (output.kind == ENGINE_STATE) {
            seen.states++;
            seen.state[output.device] = output.state;
        }
    }
    return seen;
}

static struct engine *make(void)
{
    struct plan plan;
    draw(&plan);
    struct engine *engine = NULL;
    assert_int_equal(engine_new(&plan.options, 0, &engine), 0);
    return engine;
}

static void send_number(struct engine *engine, size_t input, double number, int64_t now_us)
{
    struct reading reading = good(value_number(number), 1);
    engine_input(engine, input, &reading, now_us);
}

static void send_label(struct engine *engine, size_t input, const char *text, int64_t now_us)
{
    struct reading reading = good(label(text), 1);
    engine_input(engine, input, &reading, now_us);
}

static enum refusal ask(struct engine *engine, size_t device, struct value value, int64_t for_us,
                        int64_t now_us)
{
    struct wish wish = {.value = value, .for_us = for_us};
    return engine_wish(engine, device, &wish, now_us);
}

static void at_start_fail_safe_and_resting_values_are_commanded(void **state)
{
    (void)state;
    struct engine *engine = make();
    struct seen seen = look(engine);
    assert_int_equal(seen.commands, 2);
    assert_int_equal(seen.states, 2);
    assert_value(seen.command[HEATER].value, "OFF");
    assert_string_equal(seen.state[HEATER].cause.source, "fail_safe");
    assert_string_equal(seen.state[HEATER].cause.reason,
                        "input 'temperature' is stale (never seen)");
    assert_string_equal(seen.state[FAN].cause.source, "rest");
    engine_free(engine);
}

static void a_reading_touches_only_what_depends_on_it(void **state)
{
    (void)state;
    struct engine *engine = make();
    (void)look(engine);
    uint64_t before = engine_stats(engine).evaluations;
    send_number(engine, TEMPERATURE, 15, SECOND);
    assert_int_equal(engine_stats(engine).evaluations, before + 1);
    struct seen seen = look(engine);
    assert_int_equal(seen.commands, 1);
    assert_value(seen.command[HEATER].value, "ON");
    assert_string_equal(seen.state[HEATER].cause.source, "controller:air");
    assert_int_equal(seen.states, 1);
    engine_free(engine);
}

static void a_reading_that_changes_nothing_gives_nothing(void **state)
{
    (void)state;
    struct engine *engine = make();
    send_number(engine, TEMPERATURE, 15, SECOND);
    (void)look(engine);
    send_number(engine, TEMPERATURE, 15.1, 2 * SECOND);
    struct seen seen = look(engine);
    assert_int_equal(seen.commands + seen.states, 0);
    engine_free(engine);
}

static void the_deadline_leads_to_the_rule_that_waits(void **state)
{
    (void)state;
    struct engine *engine = make();
    send_label(engine, FAN_STATE, "OFF", 0);
    send_number(engine, HUMIDITY, 90, 0);
    (void)look(engine);
    while (engine_next_deadline(engine) < 30 * SECOND) {
        engine_tick(engine, engine_next_deadline(engine));
    }
    assert_true(engine_next_deadline(engine) == 30 * SECOND);
    engine_tick(engine, 30 * SECOND);
    struct seen seen = look(engine);
    assert_value(seen.command[FAN].value, "ON");
    assert_string_equal(seen.state[FAN].cause.source, "rule:vent");
    engine_free(engine);
}

static void an_input_that_aged_between_two_calls_is_not_forgotten(void **state)
{
    (void)state;
    struct engine *engine = make();
    send_number(engine, TEMPERATURE, 15, 0);
    send_label(engine, FAN_STATE, "OFF", 0); /* confirmed: no other deadline is left */
    (void)look(engine);
    send_number(engine, HUMIDITY, 50, 100 * SECOND); /* the tick due at 60 s is late */
    assert_true(engine_next_deadline(engine) <= 100 * SECOND);
    engine_tick(engine, 100 * SECOND);
    struct seen seen = look(engine);
    assert_value(seen.command[HEATER].value, "OFF");
    engine_free(engine);
}

static void a_wish_overrides_for_its_time_and_carries_its_transaction(void **state)
{
    (void)state;
    struct engine *engine = make();
    (void)look(engine);
    struct wish wish = {.value = label("ON"), .for_us = 90 * SECOND, .transaction = "ha-1"};
    assert_int_equal(engine_wish(engine, FAN, &wish, 10 * SECOND), REFUSAL_NONE);
    struct seen seen = look(engine);
    assert_string_equal(seen.command[FAN].transaction, "ha-1");
    assert_string_equal(seen.state[FAN].cause.source, "manual");
    assert_true(seen.state[FAN].until_us == 100 * SECOND);
    send_label(engine, FAN_STATE, "ON", 11 * SECOND);
    (void)look(engine);
    engine_tick(engine, 100 * SECOND);
    seen = look(engine);
    assert_value(seen.command[FAN].value, "OFF");
    assert_string_equal(seen.command[FAN].transaction, "fan-3");
    engine_free(engine);
}

static void a_wish_for_nothing_gives_the_device_back(void **state)
{
    (void)state;
    struct engine *engine = make();
    assert_int_equal(ask(engine, FAN, label("ON"), 0, 0), REFUSAL_NONE);
    assert_true(engine_decision(engine, FAN)->until_us == 600 * SECOND);
    assert_int_equal(ask(engine, FAN, none(), 0, SECOND), REFUSAL_NONE);
    assert_int_equal(engine_decision(engine, FAN)->priority, PRIORITY_REST);
    engine_free(engine);
}

static void each_refusal_is_counted_by_its_reason(void **state)
{
    (void)state;
    struct engine *engine = make();
    char long_transaction[DEVICE_TRANSACTION_SIZE + 1];
    memset(long_transaction, 'x', DEVICE_TRANSACTION_SIZE);
    long_transaction[DEVICE_TRANSACTION_SIZE] = '\0';
    struct {
        size_t device;
        struct wish wish;
        enum refusal refusal;
    } cases[] = {
        {7, {label("ON"), 0, NULL}, REFUSAL_UNKNOWN_DEVICE},
        {FAN, {label("on"), 0, NULL}, REFUSAL_UNKNOWN_VALUE},
        {FAN, {value_number(55), 0, NULL}, REFUSAL_UNKNOWN_VALUE},
        {FAN, {label("ON"), -1, NULL}, REFUSAL_BAD_EXPIRY},
        {FAN, {label("ON"), 3601 * SECOND, NULL}, REFUSAL_BAD_EXPIRY},
        {FAN, {label("ON"), 0, long_transaction}, REFUSAL_BAD_TRANSACTION},
        {FAN, {label("ON"), 0, long_transaction + 1}, REFUSAL_NONE},
    };
    size_t count = sizeof(cases) / sizeof(cases[0]);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(engine_wish(engine, cases[i].device, &cases[i].wish, 1), cases[i].refusal);
    }
    struct engine_stats stats = engine_stats(engine);
    uint64_t refused = 0;
    for (size_t i = 0; i < REFUSAL_COUNT; i++) {
        refused += stats.refused[i];
    }
    assert_int_equal(stats.wishes, count);
    assert_int_equal(stats.accepted + refused, stats.wishes);
    assert_int_equal(stats.refused[REFUSAL_NONE], 0);
    assert_int_equal(stats.refused[REFUSAL_UNKNOWN_VALUE], 2);
    assert_int_equal(stats.refused[REFUSAL_BAD_EXPIRY], 2);
    engine_free(engine);
}

static void a_newer_output_replaces_one_not_taken(void **state)
{
    (void)state;
    struct engine *engine = make();
    (void)look(engine);
    assert_int_equal(ask(engine, FAN, label("ON"), 0, 1), REFUSAL_NONE);
    assert_int_equal(ask(engine, FAN, label("OFF"), 0, 2), REFUSAL_NONE);
    struct seen seen = look(engine);
    assert_int_equal(seen.commands, 1);
    assert_value(seen.command[FAN].value, "OFF");
    engine_free(engine);
}

static void thermostats_and_rules_are_operated_while_running(void **state)
{
    (void)state;
    struct engine *engine = make();
    send_number(engine, TEMPERATURE, 20, 0);
    struct controller_change warmer = {.has_setpoint = true, .setpoint = 25};
    assert_int_equal(engine_set_controller(engine, 0, &warmer, 1), 0);
    assert_value(engine_decision(engine, HEATER)->value, "ON");
    struct controller_change off = {.has_mode = true, .mode = CONTROLLER_OFF};
    assert_int_equal(engine_set_controller(engine, 0, &off, 2), 0);
    assert_string_equal(engine_decision(engine, HEATER)->cause.source, "rest");
    struct controller_change on = {.has_mode = true, .mode = CONTROLLER_AUTO};
    assert_int_equal(engine_set_controller(engine, 0, &on, 2), 0);
    assert_value(engine_decision(engine, HEATER)->value, "ON");
    struct controller_change manual = {.has_mode = true, .mode = CONTROLLER_MANUAL};
    assert_int_equal(engine_set_controller(engine, 0, &manual, 2), -ENOTSUP);
    engine_enable_rule(engine, 0, false, 3);
    assert_int_equal(level_rule_state(engine_rule_at(engine, 0)), LEVEL_DISABLED);
    engine_free(engine);
}

static void losers_of_a_device_can_be_asked_for(void **state)
{
    (void)state;
    struct engine *engine = make();
    send_number(engine, TEMPERATURE, 15, 0);
    assert_int_equal(ask(engine, HEATER, label("OFF"), 0, 1), REFUSAL_NONE);
    char text[64];
    (void)engine_losers(engine, HEATER, text, sizeof(text));
    assert_string_equal(text, "controller:air wants ON");
    assert_value(engine_input_at(engine, TEMPERATURE)->value, "15");
    assert_int_equal(thermostat_state(engine_thermostat_at(engine, 0)), THERMOSTAT_STATE_CALLING);
    engine_free(engine);
}

static void an_empty_engine_does_nothing(void **state)
{
    (void)state;
    struct engine_options options = {0};
    struct engine *engine = NULL;
    assert_int_equal(engine_new(&options, 0, &engine), 0);
    engine_tick(engine, 1);
    assert_true(engine_next_deadline(engine) == DEADLINE_NONE);
    struct engine_output output;
    assert_false(engine_take(engine, &output));
    engine_free(engine);
    engine_free(NULL);
}

static void assert_refused(const struct plan *plan, int result)
{
    struct engine *engine = NULL;
    assert_int_equal(engine_new(&plan->options, 0, &engine), result);
    assert_null(engine);
}

static void options_that_do_not_fit_together_are_refused(void **state)
{
    (void)state;
    static const char *const unknown[] = {"pressure"};
    struct plan plan;
    draw(&plan);
    plan.thermostat.input = "pressure";
    assert_refused(&plan, -ENOENT);
    draw(&plan);
    plan.rule.device = NULL;
    assert_refused(&plan, -ENOENT);
    draw(&plan);
    plan.devices[FAN].feedback = "pressure";
    assert_refused(&plan, -ENOENT);
    draw(&plan);
    plan.devices[HEATER].required = unknown;
    assert_refused(&plan, -ENOENT);
    draw(&plan);
    plan.devices[FAN].device.id = "heater";
    assert_refused(&plan, -EEXIST);
    draw(&plan);
    plan.inputs[1].id = "temperature";
    assert_refused(&plan, -EEXIST);
    draw(&plan);
    plan.devices[HEATER].fail_safe = none();
    assert_refused(&plan, -EINVAL);
    draw(&plan);
    plan.rule.rule.when_false = label("Open");
    assert_refused(&plan, -EINVAL);
    draw(&plan);
    plan.thermostat.thermostat.on_value = value_number(1);
    assert_refused(&plan, -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_start_fail_safe_and_resting_values_are_commanded),
        cmocka_unit_test(a_reading_touches_only_what_depends_on_it),
        cmocka_unit_test(a_reading_that_changes_nothing_gives_nothing),
        cmocka_unit_test(the_deadline_leads_to_the_rule_that_waits),
        cmocka_unit_test(an_input_that_aged_between_two_calls_is_not_forgotten),
        cmocka_unit_test(a_wish_overrides_for_its_time_and_carries_its_transaction),
        cmocka_unit_test(a_wish_for_nothing_gives_the_device_back),
        cmocka_unit_test(each_refusal_is_counted_by_its_reason),
        cmocka_unit_test(a_newer_output_replaces_one_not_taken),
        cmocka_unit_test(thermostats_and_rules_are_operated_while_running),
        cmocka_unit_test(losers_of_a_device_can_be_asked_for),
        cmocka_unit_test(an_empty_engine_does_nothing),
        cmocka_unit_test(options_that_do_not_fit_together_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}
