#include "common/backoff.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#define MIN_US 1000
#define MAX_US 60000

static void assert_within(int64_t delay_us, int64_t interval_us)
{
    assert_true(delay_us >= interval_us / 2);
    assert_true(delay_us <= interval_us);
}

static void delays_double_up_to_the_maximum(void **state)
{
    (void)state;
    static const int64_t intervals[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000};
    struct backoff b;
    backoff_init(&b, MIN_US, MAX_US, test_seed());
    for (size_t i = 0; i < sizeof(intervals) / sizeof(intervals[0]); i++) {
        assert_within(backoff_next_us(&b), intervals[i]);
    }
}

static void the_same_once_more_grows_nothing(void **state)
{
    (void)state;
    struct backoff b;
    backoff_init(&b, MIN_US, MAX_US, test_seed());
    (void)backoff_next_us(&b);
    for (int i = 0; i < 100; i++) {
        assert_within(backoff_again_us(&b), 2 * MIN_US);
    }
    assert_within(backoff_next_us(&b), 2 * MIN_US);
}

static void after_a_success_the_next_delay_is_short(void **state)
{
    (void)state;
    struct backoff b;
    backoff_init(&b, MIN_US, MAX_US, 1);
    for (int i = 0; i < 20; i++) {
        (void)backoff_next_us(&b);
    }
    backoff_reset(&b);
    assert_within(backoff_next_us(&b), MIN_US);
    assert_within(backoff_next_us(&b), 2 * MIN_US);
}

static void equal_bounds_give_a_steady_interval(void **state)
{
    (void)state;
    struct backoff b;
    backoff_init(&b, MIN_US, MIN_US, 7);
    for (int i = 0; i < 100; i++) {
        assert_within(backoff_next_us(&b), MIN_US);
    }
}

static void the_longest_intervals_do_not_overflow(void **state)
{
    (void)state;
    struct backoff b;
    backoff_init(&b, INT64_MAX / 3, INT64_MAX, 7);
    assert_within(backoff_next_us(&b), INT64_MAX / 3);
    for (int i = 0; i < 10; i++) {
        assert_true(backoff_next_us(&b) >= INT64_MAX / 3);
    }
}

static void delays_spread_over_the_upper_half(void **state)
{
    (void)state;
    int quarters[2] = {0};
    struct backoff b;
    backoff_init(&b, MAX_US, MAX_US, 42);
    for (int i = 0; i < 1000; i++) {
        quarters[backoff_next_us(&b) > MAX_US / 4 * 3]++;
    }
    assert_in_range(quarters[0], 400, 600);
    assert_in_range(quarters[1], 400, 600);
}

static void nodes_with_neighbouring_seeds_do_not_come_back_together(void **state)
{
    (void)state;
    enum {
        NODES = 100
    };
    int64_t delays[NODES];
    int same = 0;
    for (int i = 0; i < NODES; i++) {
        struct backoff b;
        backoff_init(&b, 1000000, 1000000, (uint64_t)i);
        delays[i] = backoff_next_us(&b);
        for (int j = 0; j < i; j++) {
            same += delays[i] - delays[j] < 100 && delays[j] - delays[i] < 100;
        }
    }
    assert_in_range(same, 0, 10); /* chance makes two of the 4950 pairs meet within 0.1 ms */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delays_double_up_to_the_maximum),
        cmocka_unit_test(the_same_once_more_grows_nothing),
        cmocka_unit_test(after_a_success_the_next_delay_is_short),
        cmocka_unit_test(equal_bounds_give_a_steady_interval),
        cmocka_unit_test(the_longest_intervals_do_not_overflow),
        cmocka_unit_test(delays_spread_over_the_upper_half),
        cmocka_unit_test(nodes_with_neighbouring_seeds_do_not_come_back_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
