#include "edge-gateway/alarm/alarm_rate.h"

#include "tests/unit/cmocka_all.h"

#define S INT64_C(1000000)

static void ten_minutes_are_counted(void **state)
{
    (void)state;
    struct alarm_rate rate = {.sum = 0};
    const int64_t start_us = 123456 * S;
    for (int i = 0; i < 7; i++) {
        alarm_rate_add(&rate, start_us + i * 60 * S);
    }
    assert_int_equal(alarm_rate_count(&rate, start_us + 420 * S), 7);
    assert_int_equal(alarm_rate_count(&rate, start_us + 580 * S), 7);
    assert_int_equal(alarm_rate_count(&rate, start_us + 610 * S), 6);
    assert_int_equal(alarm_rate_count(&rate, start_us + 730 * S), 4);
    assert_int_equal(alarm_rate_count(&rate, start_us + 100000 * S), 0);
    alarm_rate_add(&rate, start_us + 100000 * S);
    assert_int_equal(alarm_rate_count(&rate, start_us + 100000 * S), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ten_minutes_are_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
