/*
 * What users of other engines have complained of for years, each with the number it has in our list
 * of complaints, and what happens here instead: conditions, their timers, and readings that are not
 * what they seem.
 */
#include "tests/scenario/house_life.h"

static void open_with_rule(struct house *house, const char *condition)
{
    struct engine_rule rule = house_rule("r", condition, "fan");
    struct engine_options options = {.rules = &rule, .rule_count = 1};
    house_open(house, &options);
}

/* 1: `for` is lost at a restart. Here the broker's retained reading tells how long it has lasted at
 * least, and until it is known whether that is enough nothing is switched off either. */
static void complaint_1_for_counts_on_from_a_retained_reading(void **state)
{
    (void)state;
    struct house house;
    open_with_rule(&house, "door is open for 10min");
    struct reading reading = good(label("open"), 1);
    reading.age_us = 8 * MINUTE;
    house.now_us = SECOND;
    engine_input(house.engine, DOOR, &reading, house.now_us);
    house_carry_out(&house);
    assert_shown(&house, FAN, "OFF");
    house_wait(&house, 2 * MINUTE);
    assert_shown(&house, FAN, "ON");
    assert_true(house.switched_us[FAN] == SECOND + 2 * MINUTE);
    house_close(&house);
}

/* 4: a blip through "unavailable" resets "for at least", and a pump never stops. */
static void complaint_4_a_blip_does_not_restart_for(void **state)
{
    (void)state;
    struct house house;
    open_with_rule(&house, "temperature < 30 for 5min");
    house_keep_seeing(&house, TEMPERATURE, 35, MINUTE);
    int64_t began_us = house.now_us;
    house_keep_seeing(&house, TEMPERATURE, 25, 2 * MINUTE);
    house_see_quality(&house, TEMPERATURE, QUALITY_NOT_AVAILABLE);
    house_wait(&house, 5 * SECOND);
    house_keep_seeing(&house, TEMPERATURE, 25, 4 * MINUTE);
    assert_true(house.switched_us[FAN] - began_us <= 5 * MINUTE + 5 * SECOND);
    assert_shown(&house, FAN, "ON");
    house_close(&house);
}

/* 5: a numeric trigger fires after a restart although the value was below already. 16: restored
 * values fire rules. A state does not fire: it holds, or not. */
static void complaint_5_and_16_the_first_value_is_no_change(void **state)
{
    (void)state;
    struct house house;
    open_with_rule(&house, "temperature changed within 1min or button changed within 1min");
    house_see_number(&house, TEMPERATURE, 20);
    house_see(&house, BUTTON, label("pressed"));
    house_wait(&house, MINUTE);
    assert_shown(&house, FAN, "OFF");
    assert_int_equal(house.commands[FAN], 1); /* the resting value, at the start */
    house_see(&house, BUTTON, label("released"));
    house_see_number(&house, TEMPERATURE, 20);
    assert_shown(&house, FAN, "ON");
    house_close(&house);
}

/* 9: a fail-safe that does not work if the sensor was missing since the start. An expression does
 * not take silence for a value. */
static void complaint_9_a_sensor_that_was_never_seen_decides_nothing(void **state)
{
    (void)state;
    struct house house;
    open_with_rule(&house, "not (temperature > 25)");
    house_wait(&house, HOUR);
    assert_int_equal(level_rule_state(engine_rule_at(house.engine, 0)), LEVEL_UNKNOWN);
    assert_shown(&house, FAN, "OFF");
    house_close(&house);
}

/* 17: a change of clocks stops or shifts jobs. */
static void complaint_17_times_of_day_survive_changes_of_clocks(void **state)
{
    (void)state;
    static const struct {
        int month;
        int day;
        int utc_hour; /* of 22:00 local time that day */
    } rows[] = {{3, 28, 21}, {3, 29, 20}, {10, 24, 20}, {10, 25, 21}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct house house;
        open_with_rule(&house, "between 22:00 and 06:00");
        house_set_clock(&house, house_utc_us(2026, rows[i].month, rows[i].day, 12, 0));
        assert_shown(&house, FAN, "OFF");
        house_wait(&house, 12 * HOUR);
        assert_shown(&house, FAN, "ON");
        assert_true(house.switched_us[FAN] == (rows[i].utc_hour - 12) * HOUR);
        house_close(&house);
    }
}

/* 18: schedules run before NTP has set the clock after a power cut. */
static void complaint_18_nothing_asks_a_clock_that_is_not_set(void **state)
{
    (void)state;
    struct house house;
    open_with_rule(&house, "between 06:00 and 22:00");
    house_wait(&house, 5 * HOUR);
    assert_shown(&house, FAN, "OFF");
    assert_string_equal(level_rule_proposal(engine_rule_at(house.engine, 0))->cause.reason,
                        "between 06:00 and 22:00: the clock is not set yet");
    house_set_clock(&house, house_utc_us(2026, 11, 26, 12, 0));
    assert_shown(&house, FAN, "ON");
    house_close(&house);
}

static void when_the_clock_jumps_times_of_day_are_judged_anew(void **state)
{
    (void)state;
    struct house house;
    open_with_rule(&house, "between 22:00 and 06:00");
    house_set_clock(&house, house_utc_us(2026, 11, 26, 12, 0));
    house_wait(&house, HOUR);
    assert_shown(&house, FAN, "OFF");
    house_set_clock(&house, house_utc_us(2026, 11, 26, 23, 0)); /* midnight */
    assert_shown(&house, FAN, "ON");
    house_set_clock(&house, house_utc_us(2026, 11, 26, 20, 59)); /* 21:59 */
    assert_shown(&house, FAN, "OFF");
    house_wait(&house, MINUTE);
    assert_shown(&house, FAN, "ON");
    house_close(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complaint_1_for_counts_on_from_a_retained_reading),
        cmocka_unit_test(complaint_4_a_blip_does_not_restart_for),
        cmocka_unit_test(complaint_5_and_16_the_first_value_is_no_change),
        cmocka_unit_test(complaint_9_a_sensor_that_was_never_seen_decides_nothing),
        cmocka_unit_test(complaint_17_times_of_day_survive_changes_of_clocks),
        cmocka_unit_test(complaint_18_nothing_asks_a_clock_that_is_not_set),
        cmocka_unit_test(when_the_clock_jumps_times_of_day_are_judged_anew),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}
