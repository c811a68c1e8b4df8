/*
 * What users of other engines have complained of for years, each with the number it has in our list
 * of complaints, and what happens here instead: schedules, clocks that change, and clocks that lie.
 */
#include "tests/scenario/house_life.h"

/* The fan runs by day. */
struct daily {
    struct schedule_block block;
    struct engine_schedule schedule;
};

static void daily_init(struct daily *d)
{
    d->block = (struct schedule_block){.value = label("ON"), .text = "06:00 to 22:00"};
    assert_int_equal(moment_parse("06:00", 5, &d->block.from), 0);
    assert_int_equal(moment_parse("22:00", 5, &d->block.to), 0);
    d->schedule = (struct engine_schedule){.schedule = {.id = "day",
                                                        .blocks = &d->block,
                                                        .block_count = 1,
                                                        .otherwise = label("OFF"),
                                                        .enabled = true},
                                           .device = "fan"};
}

static void open_with(struct house *house, struct daily *d)
{
    struct engine_options options = {.schedules = &d->schedule, .schedule_count = 1};
    daily_init(d);
    house_open(house, &options);
}

/* 17: a change of clocks stops or shifts jobs. Two switches a day, at the right local time. */
static void complaint_17_a_schedule_keeps_its_hours_through_a_year(void **state)
{
    (void)state;
    struct house house;
    struct daily d;
    open_with(&house, &d);
    house_set_clock(&house, house_utc_us(2025, 12, 31, 23, 0));
    for (int64_t day = civil_day((struct civil_date){2026, 1, 1}); day < 20820; day++) {
        static const struct {
            int hour;
            const char *value;
        } looks[] = {{6, "ON"}, {22, "OFF"}};
        for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
            int64_t due_us =
                zone_instant(house.zone, day, looks[i].hour * 3600) * SECOND - house.wall_offset_us;
            house_wait(&house, due_us - house.now_us);
            assert_shown(&house, FAN, looks[i].value);
            assert_true(house.switched_us[FAN] == due_us);
        }
    }
    house_close(&house);
}

/* 18: schedules start before NTP has set the clock after a power cut. */
static void complaint_18_a_schedule_waits_for_a_clock_that_is_set(void **state)
{
    (void)state;
    struct house house;
    struct daily d;
    open_with(&house, &d);
    house_wait(&house, 30 * HOUR);
    assert_shown(&house, FAN, "OFF");
    assert_int_equal(house.commands[FAN], 1);
    house_set_clock(&house, house_utc_us(2026, 11, 26, 12, 0));
    assert_shown(&house, FAN, "ON");
    assert_string_equal(house.state[FAN].cause.source, "schedule:day");
    assert_true(house.state[FAN].until_us == house.now_us + 9 * HOUR);
    house_close(&house);
}

static void whatever_the_clock_does_the_schedule_says_what_it_says_now(void **state)
{
    (void)state;
    struct house house;
    struct daily d;
    open_with(&house, &d);
    static const struct {
        int day;
        int hour; /* UTC */
        const char *value;
    } jumps[] = {{26, 12, "ON"}, {26, 22, "OFF"}, {26, 12, "ON"},
                 {29, 3, "OFF"}, {29, 5, "ON"},   {25, 4, "OFF"}};
    for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
        house_wait(&house, MINUTE);
        house_set_clock(&house, house_utc_us(2026, 11, jumps[i].day, jumps[i].hour, 0));
        assert_shown(&house, FAN, jumps[i].value);
    }
    house_close(&house);
}

static void a_person_overrides_a_schedule_for_a_time(void **state)
{
    (void)state;
    struct house house;
    struct daily d;
    open_with(&house, &d);
    house_set_clock(&house, house_utc_us(2026, 11, 26, 12, 0));
    struct wish wish = {.value = label("OFF"), .for_us = HOUR};
    assert_int_equal(engine_wish(house.engine, FAN, &wish, house.now_us), REFUSAL_NONE);
    house_carry_out(&house);
    assert_shown(&house, FAN, "OFF");
    house_wait(&house, HOUR);
    assert_shown(&house, FAN, "ON");
    house_close(&house);
}

static void a_schedule_gives_a_thermostat_its_set_points(void **state)
{
    (void)state;
    struct house house;
    struct daily d;
    struct engine_thermostat thermostat = {.thermostat = {.id = "air",
                                                          .mode = THERMOSTAT_HEAT,
                                                          .setpoint = 5,
                                                          .below = 0.5,
                                                          .above = 0.5,
                                                          .on_value = label("ON"),
                                                          .off_value = label("OFF")},
                                           .input = "temperature",
                                           .device = "heater"};
    daily_init(&d);
    d.block.value = value_number(21);
    d.schedule.schedule.otherwise = value_number(17);
    d.schedule.device = NULL;
    d.schedule.controller = "air";
    struct engine_options options = {.schedules = &d.schedule,
                                     .schedule_count = 1,
                                     .thermostats = &thermostat,
                                     .thermostat_count = 1};
    house_open(&house, &options);
    house_see_number(&house, TEMPERATURE, 19);
    assert_shown(&house, HEATER, "OFF"); /* until the clock is set, what is configured */
    house_set_clock(&house, house_utc_us(2026, 11, 26, 12, 0));
    house_keep_seeing(&house, TEMPERATURE, 19, 9 * HOUR - MINUTE);
    assert_shown(&house, HEATER, "ON");
    assert_int_equal(house.schedule.next.at_s, house_utc_us(2026, 11, 26, 21, 0) / SECOND);
    house_keep_seeing(&house, TEMPERATURE, 19, MINUTE);
    assert_shown(&house, HEATER, "OFF");
    assert_true(thermostat_setpoint(engine_thermostat_at(house.engine, 0)) == 17);
    house_close(&house);
}

static void disabled_a_schedule_wishes_nothing(void **state)
{
    (void)state;
    struct house house;
    struct daily d;
    open_with(&house, &d);
    house_set_clock(&house, house_utc_us(2026, 11, 26, 12, 0));
    engine_enable_schedule(house.engine, 0, false, house.now_us);
    house_carry_out(&house);
    assert_shown(&house, FAN, "OFF");
    assert_string_equal(house.state[FAN].cause.source, "rest");
    assert_false(house.schedule.enabled);
    engine_enable_schedule(house.engine, 0, true, house.now_us);
    house_carry_out(&house);
    assert_shown(&house, FAN, "ON");
    house_close(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complaint_17_a_schedule_keeps_its_hours_through_a_year),
        cmocka_unit_test(complaint_18_a_schedule_waits_for_a_clock_that_is_set),
        cmocka_unit_test(whatever_the_clock_does_the_schedule_says_what_it_says_now),
        cmocka_unit_test(a_person_overrides_a_schedule_for_a_time),
        cmocka_unit_test(a_schedule_gives_a_thermostat_its_set_points),
        cmocka_unit_test(disabled_a_schedule_wishes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}
