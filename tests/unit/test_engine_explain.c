/* What would change what a device does: the end of whatever won, and that it is true. */
#include "automation-node/engine/engine_explain.h"

#include "automation-node/input/deadline.h"
#include "tests/unit/condition_help.h"

#define CHANGES_MAX 8

static const char *const needs[] = {"temperature"};

/* A heater with a thermostat and a longest time on. */
static struct engine *make(void)
{
    static struct input_options inputs[] = {{"temperature", "°C", 60 * SECOND}};
    const struct engine_thermostat thermostat = {.thermostat = {.id = "air",
                                                                .mode = THERMOSTAT_HEAT,
                                                                .setpoint = 20,
                                                                .below = 0.5,
                                                                .above = 0.5,
                                                                .on_value = label("ON"),
                                                                .off_value = label("OFF")},
                                                 .input = "temperature",
                                                 .device = "heater"};
    const struct engine_device device = {
        .device = {.id = "heater", .domain = on_off(), .confirm_us = SECOND, .attempts = 2},
        .off = label("OFF"),
        .rest = label("OFF"),
        .fail_safe = label("OFF"),
        .required = needs,
        .required_count = 1,
        .max_on_us = 3600 * SECOND,
        .pause_us = 60 * SECOND,
        .manual_for_us = 600 * SECOND};
    const struct engine_options options = {.inputs = inputs,
                                           .input_count = 1,
                                           .thermostats = &thermostat,
                                           .thermostat_count = 1,
                                           .devices = &device,
                                           .device_count = 1};
    struct engine *engine = NULL;
    assert_int_equal(engine_new(&options, 0, &engine), 0);
    return engine;
}

static void send(struct engine *engine, double number, int64_t now_us)
{
    const struct reading reading = good(value_number(number), 7);
    engine_input(engine, 0, &reading, now_us);
}

/* One of the changes says so; gives its time. */
static int64_t assert_change(const struct engine *engine, const char *what)
{
    static struct engine_change changes[CHANGES_MAX];
    int count = engine_changes(engine, 0, changes, CHANGES_MAX);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        if (strcmp(changes[i].what, what) == 0) {
            return changes[i].at_us;
        }
    }
    fail_msg("'%s' and %d others instead of '%s'", changes[0].what, count - 1, what);
    return 0;
}

static void a_lost_sensor_has_to_be_good_again(void **state)
{
    (void)state;
    struct engine *engine = make();
    assert_int_equal(assert_change(engine, "temperature is good again: then OFF"), DEADLINE_NONE);
    engine_free(engine);
}

static void a_thermostat_turns_at_its_band(void **state)
{
    (void)state;
    struct engine *engine = make();
    send(engine, 18, SECOND);
    assert_value(engine_device_state(engine, 0).target, "ON");
    (void)assert_change(engine, "temperature >= 20.5 °C (now 18 °C): then OFF");
    send(engine, 20.4, 2 * SECOND);
    assert_value(engine_device_state(engine, 0).target, "ON");
    send(engine, 20.5, 3 * SECOND);
    assert_value(engine_device_state(engine, 0).target, "OFF");
    (void)assert_change(engine, "temperature < 19.5 °C (now 20.5 °C): then ON");
    engine_free(engine);
}

static void times_that_are_known_are_told(void **state)
{
    (void)state;
    struct engine *engine = make();
    send(engine, 18, SECOND);
    assert_int_equal(assert_change(engine, "it has been on for its max_on: then OFF"),
                     3601 * SECOND);
    assert_int_equal(assert_change(engine, "no reading of temperature until then: then OFF"),
                     61 * SECOND);
    engine_tick(engine, 61 * SECOND);
    assert_value(engine_device_state(engine, 0).target, "OFF");
    engine_free(engine);
}

static void a_wish_ends_and_the_next_below_has_its_way(void **state)
{
    (void)state;
    struct engine *engine = make();
    struct claim claim;
    send(engine, 18, SECOND);
    const struct wish wish = {.value = label("OFF"), .for_us = 30 * SECOND};
    assert_int_equal(engine_wish(engine, 0, &wish, 2 * SECOND), REFUSAL_NONE);
    assert_int_equal(assert_change(engine, "the wish ends, or is taken back: then ON"),
                     32 * SECOND);
    size_t claims = 0;
    for (size_t i = 0; i < engine_claim_count(engine, 0); i++) {
        if (engine_claim_at(engine, 0, i, &claim)) {
            assert_string_equal(claim.proposal->cause.source,
                                claims == 0 ? "manual" : "controller:air");
            claims++;
        }
    }
    assert_int_equal(claims, 2);
    engine_tick(engine, 32 * SECOND);
    assert_value(engine_device_state(engine, 0).target, "ON");
    engine_free(engine);
}

static void the_reading_that_decided_is_kept(void **state)
{
    (void)state;
    struct engine *engine = make();
    send(engine, 18, SECOND);
    const struct device_state device = engine_device_state(engine, 0);
    assert_string_equal(device.cause.input, "temperature");
    assert_int_equal(device.cause.seq, 7);
    size_t inputs[4];
    assert_int_equal(engine_counting_inputs(engine, 0, inputs, 4), 1);
    engine_free(engine);
}

/* Nobody is the winner: there is nothing that could end. */
static void a_device_that_nobody_asks_anything_of_is_explained_too(void **state)
{
    (void)state;
    static const struct input_options inputs[] = {{"temperature", "°C", 60 * SECOND}};
    const struct engine_rule rule = {
        .rule = {.id = "air",
                 .condition = condition_on(inputs, 1, "temperature > 25"),
                 .when_true = label("ON"),
                 .enabled = true},
        .device = "fan"};
    const struct engine_device device = {
        .device = {.id = "fan", .domain = on_off(), .confirm_us = SECOND, .attempts = 2},
        .off = label("OFF"),
        .rest = label("OFF")};
    const struct engine_options options = {.inputs = inputs,
                                           .input_count = 1,
                                           .rules = &rule,
                                           .rule_count = 1,
                                           .devices = &device,
                                           .device_count = 1};
    struct engine *engine = NULL;
    assert_int_equal(engine_new(&options, 0, &engine), 0);
    send(engine, 18, SECOND);
    assert_string_equal(engine_device_state(engine, 0).cause.source, "rest");
    (void)assert_change(engine, "rule:air: temperature > 25 °C (now 18 °C): then ON");
    engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_sensor_has_to_be_good_again),
        cmocka_unit_test(a_thermostat_turns_at_its_band),
        cmocka_unit_test(times_that_are_known_are_told),
        cmocka_unit_test(a_wish_ends_and_the_next_below_has_its_way),
        cmocka_unit_test(the_reading_that_decided_is_kept),
        cmocka_unit_test(a_device_that_nobody_asks_anything_of_is_explained_too),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}
