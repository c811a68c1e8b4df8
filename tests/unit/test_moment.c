#include "automation-node/calendar/civil.h"
#include "automation-node/calendar/moment.h"
#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HOUR 3600

/* Berlin */
static struct calendar calendar_new(void)
{
    struct zone *zone = NULL;
    assert_int_equal(zone_new_posix("CET-1CEST,M3.5.0,M10.5.0/3", &zone), 0);
    return (struct calendar){zone, true, {52.52, 13.4}};
}

static void calendar_free(const struct calendar *calendar)
{
    zone_free((struct zone *)calendar->zone);
}

static struct moment moment_of(const char *text)
{
    struct moment moment = {0};
    assert_int_equal(moment_parse(text, strlen(text), &moment), 0);
    return moment;
}

static uint8_t weekdays_of(const char *text)
{
    uint8_t days = 0;
    assert_int_equal(moment_parse_weekdays(text, strlen(text), &days), 0);
    return days;
}

static int64_t utc(int64_t year, int month, int day, int hour, int minute)
{
    return civil_day((struct civil_date){year, month, day}) * DAY_S + hour * HOUR + minute * 60;
}

static void times_of_day_are_understood(void **state)
{
    (void)state;
    assert_int_equal(moment_of("06:30").second, 6 * HOUR + 1800);
    assert_int_equal(moment_of(" 6:05:09 ").second, 6 * HOUR + 309);
    assert_int_equal(moment_of("24:00").second, DAY_S);
    assert_int_equal(moment_of("sunset").kind, MOMENT_SUNSET);
    assert_int_equal(moment_of("sunrise + 1h 30min").second, HOUR + 1800);
    assert_int_equal(moment_of("sunset -15min").second, -900);
    assert_true(moment_needs_place(&(struct moment){.kind = MOMENT_SUNRISE}));
}

static void what_is_no_time_of_day_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",       "6",           "24:01",         "06:60",    "6:5:60",
        "noon",   "6:30 pm",     "sunset 5min",   "sunset +", "-06:30",
        "06:30+", "sunrise + 5", "sunset + -5min"};
    struct moment moment;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(moment_parse(texts[i], strlen(texts[i]), &moment), -EINVAL);
    }
    assert_int_equal(moment_parse("sunset + 13h", 12, &moment), -ERANGE);
}

static void weekdays_are_understood(void **state)
{
    (void)state;
    assert_int_equal(weekdays_of("mon"), 0x01);
    assert_int_equal(weekdays_of("mon-fri"), 0x1F);
    assert_int_equal(weekdays_of("Saturday, Sunday"), 0x60);
    assert_int_equal(weekdays_of("fri-mon"), 0x71);
    assert_int_equal(weekdays_of("mon,wed , fri-sun"), 0x75);
    uint8_t days;
    assert_int_equal(moment_parse_weekdays("mo", 2, &days), -EINVAL);
    assert_int_equal(moment_parse_weekdays("mon-", 4, &days), -EINVAL);
    assert_int_equal(moment_parse_weekdays("mon fri", 7, &days), -EINVAL);
}

static void a_time_of_day_comes_every_day(void **state)
{
    (void)state;
    struct calendar c = calendar_new();
    struct moment m = moment_of("06:30");
    int64_t at_s = utc(2026, 11, 26, 5, 30);
    assert_int_equal(moment_next(&c, &m, at_s - 1), at_s);
    assert_int_equal(moment_next(&c, &m, at_s), at_s + DAY_S);
    assert_int_equal(moment_last(&c, &m, at_s), at_s);
    assert_int_equal(moment_last(&c, &m, at_s - 1), at_s - DAY_S);
    calendar_free(&c);
}

static void only_chosen_days_count(void **state)
{
    (void)state;
    struct calendar c = calendar_new();
    struct moment m = moment_of("24:00");
    m.weekdays = weekdays_of("sat");
    /* Saturday the 28th ends at 23:00 UTC. */
    assert_int_equal(moment_next(&c, &m, utc(2026, 11, 26, 0, 0)), utc(2026, 11, 28, 23, 0));
    assert_int_equal(moment_last(&c, &m, utc(2026, 11, 26, 0, 0)), utc(2026, 11, 21, 23, 0));
    m.weekdays = 0;
    assert_true(moment_next(&c, &m, 0) == CALENDAR_NEVER);
    assert_true(moment_last(&c, &m, 0) == -CALENDAR_NEVER);
    calendar_free(&c);
}

/* Complaint 17: a change of clocks must neither stop a daily job, shift it, nor run it twice. */
static void across_changes_of_clocks_a_daily_moment_comes_once_a_day(void **state)
{
    (void)state;
    struct calendar c = calendar_new();
    static const char *const times[] = {"00:00", "01:30", "02:00", "02:30", "03:00", "12:00"};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        struct moment m = moment_of(times[i]);
        int64_t at_s = utc(2025, 12, 31, 12, 0);
        for (int64_t day = civil_day((struct civil_date){2026, 1, 1}); day < 21185; day++) {
            at_s = moment_next(&c, &m, at_s);
            assert_int_equal(zone_local(c.zone, at_s).day, day);
        }
    }
    calendar_free(&c);
}

static void the_sun_is_where_almanacs_say(void **state)
{
    (void)state;
    struct calendar c = calendar_new();
    struct moment rise = moment_of("sunrise");
    struct moment set = moment_of("sunset + 1h");
    /* Berlin, 21 June 2026: 04:43 to 21:33 local time. */
    int64_t at_s = moment_next(&c, &rise, utc(2026, 6, 20, 22, 30));
    assert_true(llabs(at_s - utc(2026, 6, 21, 2, 43)) < 120);
    at_s = moment_next(&c, &set, at_s);
    assert_true(llabs(at_s - utc(2026, 6, 21, 20, 33)) < 120);
    c.place = (struct sun_place){-33.87, 151.2}; /* Sydney, 21 December: sunrise 18:41 UTC */
    at_s = moment_next(&c, &rise, utc(2026, 12, 20, 12, 0));
    assert_true(llabs(at_s - utc(2026, 12, 20, 18, 41)) < 120);
    calendar_free(&c);
}

static void where_the_sun_does_not_set_there_is_no_sunset(void **state)
{
    (void)state;
    struct calendar c = calendar_new();
    struct moment set = moment_of("sunset");
    c.place = (struct sun_place){70.66, 23.68}; /* Hammerfest: the sun stays up until late July */
    int64_t at_s;
    assert_false(moment_on(&c, &set, civil_day((struct civil_date){2026, 6, 21}), &at_s));
    at_s = moment_next(&c, &set, utc(2026, 6, 21, 0, 0));
    assert_true(at_s > utc(2026, 7, 20, 0, 0) && at_s < utc(2026, 8, 5, 0, 0));
    c.has_place = false;
    assert_true(moment_next(&c, &set, 0) == CALENDAR_NEVER);
    calendar_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_of_day_are_understood),
        cmocka_unit_test(what_is_no_time_of_day_is_refused),
        cmocka_unit_test(weekdays_are_understood),
        cmocka_unit_test(a_time_of_day_comes_every_day),
        cmocka_unit_test(only_chosen_days_count),
        cmocka_unit_test(across_changes_of_clocks_a_daily_moment_comes_once_a_day),
        cmocka_unit_test(the_sun_is_where_almanacs_say),
        cmocka_unit_test(where_the_sun_does_not_set_there_is_no_sunset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
