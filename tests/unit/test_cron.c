#include "automation-node/calendar/civil.h"
#include "automation-node/calendar/cron.h"
#include "automation-node/calendar/moment.h"
#include "tests/unit/cmocka_all.h"

#include <errno.h>

#define HOUR 3600

static struct zone *berlin(void)
{
    struct zone *zone = NULL;
    assert_int_equal(zone_new_posix("CET-1CEST,M3.5.0,M10.5.0/3", &zone), 0);
    return zone;
}

static struct cron cron_of(const char *text)
{
    struct cron cron = {0};
    assert_int_equal(cron_parse(text, &cron), 0);
    return cron;
}

static int64_t utc(int month, int day, int hour, int minute)
{
    return civil_day((struct civil_date){2026, month, day}) * DAY_S + hour * HOUR + minute * 60;
}

static void assert_next(const char *text, int64_t after_s, int64_t expected_s)
{
    struct zone *zone = berlin();
    struct cron cron = cron_of(text);
    assert_int_equal(cron_next(&cron, zone, after_s), expected_s);
    zone_free(zone);
}

static void fields_are_numbers_ranges_lists_and_steps(void **state)
{
    (void)state;
    struct cron cron = cron_of("0-30/10,45 8-10 1,15 jan-mar,12 mon-fri");
    assert_true(cron.minutes == (1ull << 0 | 1ull << 10 | 1ull << 20 | 1ull << 30 | 1ull << 45));
    assert_true(cron.hours == 0x700);
    assert_true(cron.days == (1ull << 1 | 1ull << 15));
    assert_true(cron.months == (0xEu | 1u << 12));
    assert_true((cron.weekdays & 0x7F) == 0x3E);
    assert_true((cron_of("* * * * 7").weekdays & 1) == 1);
    assert_true((cron_of("*/20 * * * *").minutes) == (1ull | 1ull << 20 | 1ull << 40));
    assert_true((cron_of("5/20 * * * *").minutes) == (1ull << 5 | 1ull << 25 | 1ull << 45));
}

static void what_is_no_form_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",           "* * * *",     "* * * * * *", "60 * * * *",
                                        "* 24 * * *", "* * 0 * *",   "* * 32 * *",  "* * * 13 *",
                                        "* * * * 8",  "5-1 * * * *", "*/0 * * * *", "a * * * *",
                                        "1, * * * *", "1- * * * *",  "**  * * * *"};
    struct cron cron;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(cron_parse(texts[i], &cron), -EINVAL);
    }
}

static void the_next_match_is_found(void **state)
{
    (void)state;
    assert_next("*/15 * * * *", utc(11, 26, 12, 0), utc(11, 26, 12, 15));
    assert_next("*/15 * * * *", utc(11, 26, 12, 59), utc(11, 26, 13, 0));
    assert_next("30 6 * * mon-fri", utc(11, 27, 6, 0), utc(11, 30, 5, 30)); /* Friday to Monday */
    assert_next("0 0 1 * *", utc(11, 26, 12, 0), utc(11, 30, 23, 0));
    assert_next("0 12 13 * fri", utc(11, 1, 0, 0), utc(11, 6, 11, 0)); /* either day */
    assert_next("0 12 29 2 *", utc(11, 1, 0, 0),
                civil_day((struct civil_date){2028, 2, 29}) * DAY_S + 11 * HOUR);
    assert_next("0 12 31 2 *", utc(11, 1, 0, 0), CALENDAR_NEVER);
}

/* Complaint 17, with cron: neither stops nor shifts. */
static void periods_go_on_through_a_repeated_hour(void **state)
{
    (void)state;
    struct zone *zone = berlin();
    struct cron cron = cron_of("*/15 * * * *");
    int64_t at_s = utc(10, 24, 22, 0); /* midnight of the day with 25 hours */
    for (int i = 0; i < 25 * 4; i++) {
        int64_t next_s = cron_next(&cron, zone, at_s);
        assert_int_equal(next_s - at_s, 900);
        at_s = next_s;
    }
    at_s = utc(3, 28, 23, 0);
    for (int i = 0; i < 23 * 4; i++) {
        int64_t next_s = cron_next(&cron, zone, at_s);
        assert_int_equal(next_s - at_s, 900);
        at_s = next_s;
    }
    zone_free(zone);
}

static void times_of_day_come_once_on_such_days(void **state)
{
    (void)state;
    assert_next("30 2 * * *", utc(3, 28, 12, 0), utc(3, 29, 1, 0)); /* when the clocks jump */
    assert_next("30 2 * * *", utc(3, 29, 1, 0), utc(3, 30, 0, 30));
    assert_next("30 2 * * *", utc(10, 24, 12, 0), utc(10, 25, 0, 30)); /* the first of two */
    assert_next("30 2 * * *", utc(10, 25, 0, 30), utc(10, 26, 1, 30));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_numbers_ranges_lists_and_steps),
        cmocka_unit_test(what_is_no_form_is_refused),
        cmocka_unit_test(the_next_match_is_found),
        cmocka_unit_test(periods_go_on_through_a_repeated_hour),
        cmocka_unit_test(times_of_day_come_once_on_such_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
