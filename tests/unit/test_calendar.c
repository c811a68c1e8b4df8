#include "edge-gateway/can/calendar.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

static void dates_are_seconds_since_1970(void **state)
{
    (void)state;
    static const struct {
        struct calendar_time time;
        int64_t seconds;
    } cases[] = {
        {{1970, 1, 1, 0, 0, 0}, 0},           {{1969, 12, 31, 23, 59, 59}, -1},
        {{2000, 2, 29, 12, 0, 0}, 951825600}, {{2017, 9, 30, 22, 6, 13}, 1506809173},
        {{2100, 3, 1, 0, 0, 0}, 4107542400},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t seconds = 12345;
        assert_true(calendar_to_unix(&cases[i].time, &seconds));
        assert_int_equal(seconds, cases[i].seconds);
    }
}

static void what_is_no_date_is_refused(void **state)
{
    (void)state;
    static const struct calendar_time cases[] = {
        {0, 1, 1, 0, 0, 0},     {10000, 1, 1, 0, 0, 0}, {2001, 0, 1, 0, 0, 0},
        {2001, 13, 1, 0, 0, 0}, {2001, 1, 0, 0, 0, 0},  {2001, 2, 29, 0, 0, 0},
        {2100, 2, 29, 0, 0, 0}, {2001, 4, 31, 0, 0, 0}, {2001, 1, 1, 24, 0, 0},
        {2001, 1, 1, 0, 60, 0}, {2001, 1, 1, 0, 0, 61}, {2001, 1, 1, -1, 0, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t seconds;
        assert_false(calendar_to_unix(&cases[i], &seconds));
    }
}

static void clocks(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
    } cases[] = {{"08:17:32", true},  {"8:1:2", true},      {"08:17", false}, {":17:32", false},
                 {"08-17-32", false}, {"100:00:00", false}, {"", false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cursor c = {cases[i].text, cases[i].text + strlen(cases[i].text)};
        struct calendar_time time;
        assert_int_equal(calendar_take_clock(&c, &time), cases[i].ok);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_seconds_since_1970),
        cmocka_unit_test(what_is_no_date_is_refused),
        cmocka_unit_test(clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
