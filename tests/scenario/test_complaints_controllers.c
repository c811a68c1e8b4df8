/*
 * What users of other engines have complained of for years, each with the number it has in our list
 * of complaints, and what happens here instead: heaters, their sensors, and what protects them.
 */
#include "tests/scenario/house_life.h"

#include <math.h>

static const char *const temperature_only[] = {"temperature"};

static struct engine_device safe_heater(void)
{
    struct engine_device heater = house_device("heater");
    heater.required = temperature_only;
    heater.required_count = 1;
    heater.fail_safe = label("OFF");
    return heater;
}

static struct engine_thermostat heating(void)
{
    return (struct engine_thermostat){.thermostat = {.id = "air",
                                                     .mode = THERMOSTAT_HEAT,
                                                     .setpoint = 20,
                                                     .below = 0.5,
                                                     .above = 0.5,
                                                     .on_value = label("ON"),
                                                     .off_value = label("OFF")},
                                      .input = "temperature",
                                      .device = "heater"};
}

static void open_heated(struct house *house, const struct engine_device *heater)
{
    struct engine_thermostat thermostat = heating();
    struct engine_device devices[] = {*heater, house_device("fan")};
    struct engine_options options = {.thermostats = &thermostat,
                                     .thermostat_count = 1,
                                     .devices = devices,
                                     .device_count = HOUSE_DEVICES};
    house_open(house, &options);
}

/* 6: a thermostat goes on heating when its sensor dies. 21: inputs keep their last value when the
 * bus drops. */
static void complaint_6_and_21_a_dead_sensor_stops_the_heater(void **state)
{
    (void)state;
    struct house house;
    struct engine_device heater = safe_heater();
    open_heated(&house, &heater);
    house_keep_seeing(&house, TEMPERATURE, 15, MINUTE);
    assert_shown(&house, HEATER, "ON");
    house_wait(&house, 30 * SECOND);
    assert_shown(&house, HEATER, "OFF");
    assert_string_equal(house.state[HEATER].cause.source, "fail_safe");
    house_close(&house);
}

/* 7: a sensor that is unavailable for a moment resets the minimum time, up to a thermal runaway. */
static void complaint_7_a_blip_neither_prolongs_nor_ends_a_minimum_time(void **state)
{
    (void)state;
    struct house house;
    struct engine_device heater = safe_heater();
    heater.min_on_us = 5 * MINUTE;
    open_heated(&house, &heater);
    house_see_number(&house, TEMPERATURE, 15);
    int64_t on_us = house.now_us;
    house_wait(&house, 10 * SECOND);
    house_see_quality(&house, TEMPERATURE, QUALITY_NOT_AVAILABLE);
    assert_shown(&house, HEATER, "ON");
    house_keep_seeing(&house, TEMPERATURE, 25, 6 * MINUTE);
    assert_shown(&house, HEATER, "OFF");
    assert_true(house.switched_us[HEATER] == on_us + 5 * MINUTE);
    house_close(&house);
}

/* 8: a minimum time is not obeyed when the set point changes. */
static void complaint_8_a_new_set_point_does_not_break_a_minimum_time(void **state)
{
    (void)state;
    struct house house;
    struct engine_device heater = safe_heater();
    heater.min_on_us = 5 * MINUTE;
    heater.min_off_us = 3 * MINUTE;
    open_heated(&house, &heater);
    house_wait(&house, 3 * MINUTE);
    house_keep_seeing(&house, TEMPERATURE, 15, MINUTE);
    assert_shown(&house, HEATER, "ON");
    int64_t on_us = house.switched_us[HEATER];
    for (int i = 0; i < 60; i++) {
        const struct controller_change change = {.has_setpoint = true,
                                                 .setpoint = i % 2 == 0 ? 5 : 25};
        assert_int_equal(engine_set_controller(house.engine, 0, &change, house.now_us), 0);
        house_carry_out(&house);
        house_keep_seeing(&house, TEMPERATURE, 15, 10 * SECOND);
        int64_t lasted_us = house.switched_us[HEATER] - on_us;
        assert_true(lasted_us == 0 || lasted_us >= 5 * MINUTE);
    }
    house_close(&house);
}

/* 9: the fail-safe does not work if the sensor was missing since the start. */
static void complaint_9_a_sensor_missing_since_the_start_is_a_dead_one(void **state)
{
    (void)state;
    struct house house;
    struct engine_device heater = safe_heater();
    open_heated(&house, &heater);
    house_wait(&house, 24 * HOUR);
    assert_shown(&house, HEATER, "OFF");
    assert_string_equal(house.state[HEATER].cause.source, "fail_safe");
    house_close(&house);
}

/* A fan that takes numbers, and a PID controller that heats with it. */
static void open_controlled(struct house *house)
{
    struct engine_device fan = house_device("fan");
    fan.device.domain = (struct domain){.numeric = true, .max = 100};
    fan.off = value_number(0);
    fan.rest = value_number(0);
    fan.fail_safe = value_number(0);
    fan.required = temperature_only;
    fan.required_count = 1;
    struct engine_device devices[] = {house_device("heater"), fan};
    struct engine_pid pid = {.pid = {.id = "air",
                                     .mode = PID_AUTO,
                                     .setpoint = 20,
                                     .kp = 5,
                                     .ki = 0.05,
                                     .max = 100,
                                     .period_us = 10 * SECOND},
                             .input = "temperature",
                             .device = "fan"};
    struct engine_options options = {
        .pids = &pid, .pid_count = 1, .devices = devices, .device_count = HOUSE_DEVICES};
    house_open(house, &options);
}

static double integral(const struct house *house)
{
    return engine_controller_terms(house->engine, 0).i;
}

/* 11: after a blackout one huge step winds the integral up. */
static void complaint_11_a_blackout_does_not_wind_the_integral_up(void **state)
{
    (void)state;
    struct house house;
    open_controlled(&house);
    house_keep_seeing(&house, TEMPERATURE, 19, 5 * MINUTE);
    double before = integral(&house);
    house_wait(&house, 8 * HOUR);
    assert_shown(&house, FAN, "0");
    house_see_number(&house, TEMPERATURE, 19);
    assert_true(integral(&house) <= before);
    house_close(&house);
}

/* 12: the integral grows while the controller is off. */
static void complaint_12_a_controller_that_is_off_learns_nothing(void **state)
{
    (void)state;
    struct house house;
    open_controlled(&house);
    const struct controller_change off = {.has_mode = true, .mode = CONTROLLER_OFF};
    assert_int_equal(engine_set_controller(house.engine, 0, &off, 0), 0);
    house_keep_seeing(&house, TEMPERATURE, 10, 2 * HOUR);
    assert_true(integral(&house) == 0);
    house_close(&house);
}

/* 13: with strict limits the integral never falls at saturation, and the room is overheated. */
static void complaint_13_after_a_long_saturation_the_output_falls_at_once(void **state)
{
    (void)state;
    struct house house;
    open_controlled(&house);
    house_keep_seeing(&house, TEMPERATURE, 0, 5 * HOUR);
    assert_shown(&house, FAN, "100");
    house_keep_seeing(&house, TEMPERATURE, 22, MINUTE);
    assert_true(house.shown[FAN].number < 90);
    house_close(&house);
}

/* While a person has the device the controller follows, and takes over from there. */
static void after_a_persons_wish_there_is_no_bump(void **state)
{
    (void)state;
    struct house house;
    open_controlled(&house);
    house_keep_seeing(&house, TEMPERATURE, 19.9, 5 * MINUTE);
    struct wish wish = {.value = value_number(70), .for_us = 10 * MINUTE};
    assert_int_equal(engine_wish(house.engine, FAN, &wish, house.now_us), REFUSAL_NONE);
    house_carry_out(&house);
    house_keep_seeing(&house, TEMPERATURE, 19.9, 10 * MINUTE);
    house_keep_seeing(&house, TEMPERATURE, 19.9, MINUTE);
    assert_true(fabs(house.shown[FAN].number - 70) < 2);
    house_close(&house);
}

/* 14: two relays are on when they are switched fast. 15: an interlock turns off the other one. */
static void complaint_14_and_15_fast_wishes_never_have_two_on_and_the_first_stays(void **state)
{
    (void)state;
    static const size_t members[] = {HEATER, FAN};
    const struct engine_interlock interlock = {"pair", members, 2, 5 * SECOND};
    struct engine_options options = {.interlocks = &interlock, .interlock_count = 1};
    struct house house;
    house_open(&house, &options);
    house_wait(&house, 5 * SECOND);
    for (int i = 0; i < 20; i++) {
        struct wish wish = {.value = label("ON"), .for_us = HOUR};
        assert_int_equal(engine_wish(house.engine, i % 2 == 0 ? HEATER : FAN, &wish, house.now_us),
                         REFUSAL_NONE);
        house_carry_out(&house);
        house_wait(&house, 100000);
    }
    assert_shown(&house, HEATER, "ON");
    assert_shown(&house, FAN, "OFF");
    assert_string_equal(house.state[FAN].cause.source, "interlock:pair");
    struct wish back = {.value = label("OFF"), .for_us = HOUR};
    assert_int_equal(engine_wish(house.engine, HEATER, &back, house.now_us), REFUSAL_NONE);
    house_carry_out(&house);
    house_wait(&house, 5 * SECOND - 1);
    assert_shown(&house, FAN, "OFF");
    house_wait(&house, 1);
    assert_shown(&house, FAN, "ON");
    house_close(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complaint_6_and_21_a_dead_sensor_stops_the_heater),
        cmocka_unit_test(complaint_7_a_blip_neither_prolongs_nor_ends_a_minimum_time),
        cmocka_unit_test(complaint_8_a_new_set_point_does_not_break_a_minimum_time),
        cmocka_unit_test(complaint_9_a_sensor_missing_since_the_start_is_a_dead_one),
        cmocka_unit_test(complaint_11_a_blackout_does_not_wind_the_integral_up),
        cmocka_unit_test(complaint_12_a_controller_that_is_off_learns_nothing),
        cmocka_unit_test(complaint_13_after_a_long_saturation_the_output_falls_at_once),
        cmocka_unit_test(after_a_persons_wish_there_is_no_bump),
        cmocka_unit_test(complaint_14_and_15_fast_wishes_never_have_two_on_and_the_first_stays),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}
