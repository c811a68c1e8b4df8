#include "edge-gateway/app/time_argument.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define NOW_US INT64_C(1795423160495983) /* 2026-11-23T08:39:20.495983Z */
#define HOUR   INT64_C(3600000000)

struct good {
    const char *text;
    int64_t us;
};

static void assert_all(const struct good *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t us = -1;
        if (time_argument_parse(rows[i].text, NOW_US, &us) != 0 || us != rows[i].us) {
            fail_msg("'%s' is %lld, not %lld", rows[i].text, (long long)us, (long long)rows[i].us);
        }
    }
}

#define ASSERT_ALL(rows) assert_all(rows, sizeof(rows) / sizeof((rows)[0]))

static void seconds_since_1970_are_exact(void **state)
{
    (void)state;
    static const struct good rows[] = {
        {"1795423160.495983", NOW_US},
        {"1795423160", INT64_C(1795423160000000)},
        {"0", 0},
        {"0.000001", 1},
        {"1795423160.5000000", INT64_C(1795423160500000)},
        {"1.795e9", INT64_C(1795000000000000)},
    };
    ASSERT_ALL(rows);
}

static void a_duration_counts_from_now(void **state)
{
    (void)state;
    static const struct good rows[] = {
        {"-1h", NOW_US - HOUR},      {"-1h 30min", NOW_US - HOUR - HOUR / 2},
        {"-2d", NOW_US - 48 * HOUR}, {"-0s", NOW_US},
        {"+1h", NOW_US + HOUR},
    };
    ASSERT_ALL(rows);
}

static void a_date_with_its_zone_is_that_moment(void **state)
{
    (void)state;
    static const struct good rows[] = {
        {"2026-11-23T08:39:20.495983Z", NOW_US},
        {"2026-11-23 09:39:20.495983+01:00", NOW_US},
        {"2026-11-23T05:09:20.495983-0330", NOW_US},
        {"2026-11-23T08:39Z", INT64_C(1795423140000000)},
        {"2024-02-29Z", INT64_C(1709164800000000)},
        {"1969-12-31T23:59:59Z", -1000000},
    };
    ASSERT_ALL(rows);
}

static void a_date_without_one_is_local(void **state)
{
    (void)state;
    assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
    tzset();
    static const struct good rows[] = {
        {"2026-11-23T09:39:20.495983", NOW_US},
        {"2026-07-01", INT64_C(1782856800000000)}, /* 22:00 UTC of the day before */
        {"2026-07-01 12:00", INT64_C(1782900000000000)},
    };
    ASSERT_ALL(rows);
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "yesterday",
        "now",
        "1h",
        "-1",
        "-1 apple",
        "1795423160.4959831", /* finer than a microsecond */
        "1e30",
        "12 34",
        "2026-11",
        "2026-11-23T",
        "2026-11-23T9:39",
        "2026-11-23T09:39:2",
        "2026-11-23T09:39:20.5x",
        "2026-11-23T09",
        "2026-11-23T24:00:00",
        "2026-02-29",
        "2026-13-01",
        "2026-11-23T08:39:20+1",
        "2026-11-23T08:39:20+25:00",
        "2026-11-23T08:39:20ZZ",
        "-9999999999999d",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t us = 7;
        if (time_argument_parse(texts[i], NOW_US, &us) != -EINVAL) {
            fail_msg("'%s' is %lld", texts[i], (long long)us);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seconds_since_1970_are_exact),
        cmocka_unit_test(a_duration_counts_from_now),
        cmocka_unit_test(a_date_with_its_zone_is_that_moment),
        cmocka_unit_test(a_date_without_one_is_local),
        cmocka_unit_test(anything_else_is_refused),
    };
    return cmocka_run_group_tests_name("time_argument", tests, NULL, NULL);
}
