#include "automation-node/engine/thermostat.h"

#include "tests/unit/engine_help.h"

#include <errno.h>
#include <math.h>

static struct thermostat_options options_of(enum thermostat_mode mode)
{
    return (struct thermostat_options){.id = "air",
                                       .mode = mode,
                                       .setpoint = 20,
                                       .below = 0.5,
                                       .above = 1,
                                       .on_value = label("ON"),
                                       .off_value = label("OFF")};
}

static struct thermostat *make(enum thermostat_mode mode)
{
    struct thermostat_options options = options_of(mode);
    struct thermostat *thermostat = NULL;
    assert_int_equal(thermostat_new(&options, &thermostat), 0);
    return thermostat;
}

/* A walk through the temperatures, and whether the device is asked to run after each. */
struct step {
    double value;
    bool calls;
};

static void walk(enum thermostat_mode mode, const struct step *steps, size_t count)
{
    struct thermostat *thermostat = make(mode);
    struct input input = make_input("temperature", "°C", 10 * SECOND);
    for (size_t i = 0; i < count; i++) {
        show(&input, steps[i].value, (int64_t)i);
        thermostat_evaluate(thermostat, &input, (int64_t)i);
        assert_value(thermostat_proposal(thermostat)->value, steps[i].calls ? "ON" : "OFF");
    }
    thermostat_free(thermostat);
}

static void heating_cycles_between_both_edges_of_the_band(void **state)
{
    (void)state;
    static const struct step steps[] = {{20, false},   {19.5, false}, {19.49, true}, {20.9, true},
                                        {21, false},   {20.5, false}, {19.4, true},  {19.6, true},
                                        {21.2, false}, {30, false}};
    walk(THERMOSTAT_HEAT, steps, sizeof(steps) / sizeof(steps[0]));
}

static void cooling_is_the_mirror_image(void **state)
{
    (void)state;
    static const struct step steps[] = {{20, false},   {21, false}, {21.1, true}, {19.6, true},
                                        {19.5, false}, {21, false}, {22, true},   {10, false}};
    walk(THERMOSTAT_COOL, steps, sizeof(steps) / sizeof(steps[0]));
}

static void a_band_of_no_width_does_not_chatter_at_the_setpoint(void **state)
{
    (void)state;
    struct thermostat_options options = options_of(THERMOSTAT_HEAT);
    options.below = 0;
    options.above = 0;
    struct thermostat *thermostat = NULL;
    assert_int_equal(thermostat_new(&options, &thermostat), 0);
    struct input input = make_input("temperature", "°C", 0);
    show(&input, 20, 0);
    thermostat_evaluate(thermostat, &input, 0);
    for (int64_t i = 1; i < 5; i++) {
        assert_false(thermostat_evaluate(thermostat, &input, i));
    }
    thermostat_free(thermostat);
}

static void a_stale_input_ends_the_demand_and_is_named(void **state)
{
    (void)state;
    struct thermostat *thermostat = make(THERMOSTAT_HEAT);
    struct input input = make_input("temperature", "°C", 10 * SECOND);
    show(&input, 15, 0);
    assert_true(thermostat_evaluate(thermostat, &input, 0));
    assert_true(thermostat_evaluate(thermostat, &input, 10 * SECOND));
    assert_int_equal(thermostat_state(thermostat), THERMOSTAT_STATE_BLIND);
    const struct proposal *proposal = thermostat_proposal(thermostat);
    assert_value(proposal->value, "OFF");
    assert_string_equal(proposal->cause.reason, "input 'temperature' is stale");
    thermostat_free(thermostat);
}

static void a_held_input_changes_nothing(void **state)
{
    (void)state;
    struct thermostat *thermostat = make(THERMOSTAT_HEAT);
    struct input input = make_input("temperature", "°C", 10 * SECOND);
    show(&input, 15, 0);
    thermostat_evaluate(thermostat, &input, 0);
    show_quality(&input, QUALITY_NOT_AVAILABLE, SECOND);
    assert_false(thermostat_evaluate(thermostat, &input, SECOND));
    assert_value(thermostat_proposal(thermostat)->value, "ON");
    thermostat_free(thermostat);
}

static void the_reason_tells_value_limit_and_setpoint(void **state)
{
    (void)state;
    struct thermostat *thermostat = make(THERMOSTAT_HEAT);
    struct input input = make_input("temperature", "°C", 10 * SECOND);
    struct reading reading = good(value_number(18.9), 77);
    input_update(&input, &reading, 0);
    thermostat_evaluate(thermostat, &input, 0);
    const struct cause *cause = &thermostat_proposal(thermostat)->cause;
    assert_string_equal(cause->source, "controller:air");
    assert_string_equal(cause->reason, "temperature 18.9 °C is below 19.5 °C (setpoint 20 °C)");
    assert_int_equal(cause->seq, 77);
    assert_int_equal(cause->ts_us, 77000);
    show(&input, 21.3, 1);
    thermostat_evaluate(thermostat, &input, 1);
    assert_string_equal(cause->reason, "temperature 21.3 °C is above 21 °C (setpoint 20 °C)");
    thermostat_free(thermostat);
}

static void switched_off_it_proposes_nothing(void **state)
{
    (void)state;
    struct thermostat *thermostat = make(THERMOSTAT_HEAT);
    struct input input = make_input("temperature", "°C", 10 * SECOND);
    show(&input, 15, 0);
    thermostat_evaluate(thermostat, &input, 0);
    assert_int_equal(thermostat_set(thermostat, THERMOSTAT_OFF, 20), 0);
    assert_true(thermostat_evaluate(thermostat, &input, 1));
    assert_int_equal(thermostat_proposal(thermostat)->value.kind, VALUE_NONE);
    assert_false(thermostat_evaluate(thermostat, &input, 2));
    thermostat_free(thermostat);
}

static void a_new_mode_starts_afresh(void **state)
{
    (void)state;
    struct thermostat *thermostat = make(THERMOSTAT_HEAT);
    struct input input = make_input("temperature", "°C", 10 * SECOND);
    show(&input, 15, 0);
    thermostat_evaluate(thermostat, &input, 0);
    show(&input, 20.5, 1);
    thermostat_evaluate(thermostat, &input, 1);
    assert_value(thermostat_proposal(thermostat)->value, "ON");
    assert_int_equal(thermostat_set(thermostat, THERMOSTAT_COOL, 20), 0);
    assert_true(thermostat_evaluate(thermostat, &input, 2));
    assert_value(thermostat_proposal(thermostat)->value, "OFF");
    thermostat_free(thermostat);
}

static void a_new_setpoint_acts_on_the_present_value(void **state)
{
    (void)state;
    struct thermostat *thermostat = make(THERMOSTAT_HEAT);
    struct input input = make_input("temperature", "°C", 10 * SECOND);
    show(&input, 20, 0);
    thermostat_evaluate(thermostat, &input, 0);
    assert_int_equal(thermostat_set(thermostat, THERMOSTAT_HEAT, 25), 0);
    assert_true(thermostat_evaluate(thermostat, &input, 1));
    assert_value(thermostat_proposal(thermostat)->value, "ON");
    assert_int_equal(thermostat_set(thermostat, THERMOSTAT_HEAT, (double)NAN), -EINVAL);
    thermostat_free(thermostat);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    struct thermostat *thermostat = NULL;
    struct thermostat_options options = options_of(THERMOSTAT_HEAT);
    options.id = NULL;
    assert_int_equal(thermostat_new(&options, &thermostat), -EINVAL);
    options = options_of(THERMOSTAT_HEAT);
    options.below = -0.1;
    assert_int_equal(thermostat_new(&options, &thermostat), -EINVAL);
    options = options_of(THERMOSTAT_HEAT);
    options.setpoint = (double)NAN;
    assert_int_equal(thermostat_new(&options, &thermostat), -EINVAL);
    options = options_of(THERMOSTAT_HEAT);
    options.on_value = none();
    assert_int_equal(thermostat_new(&options, &thermostat), -EINVAL);
    assert_null(thermostat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heating_cycles_between_both_edges_of_the_band),
        cmocka_unit_test(cooling_is_the_mirror_image),
        cmocka_unit_test(a_band_of_no_width_does_not_chatter_at_the_setpoint),
        cmocka_unit_test(a_stale_input_ends_the_demand_and_is_named),
        cmocka_unit_test(a_held_input_changes_nothing),
        cmocka_unit_test(the_reason_tells_value_limit_and_setpoint),
        cmocka_unit_test(switched_off_it_proposes_nothing),
        cmocka_unit_test(a_new_mode_starts_afresh),
        cmocka_unit_test(a_new_setpoint_acts_on_the_present_value),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
