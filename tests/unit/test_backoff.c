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

static void another_address_is_tried_after_the_shortest_delay_and_grows_nothing(void **state)
{
    (void)state;
    struct backoff b;
    backoff_init(&b, MIN_US, MAX_US, test_seed());
    (void)backoff_next_us(&b);
    for (int i = 0; i < 100; i++) {
        assert_within(backoff_other_us(&b), MIN_US);
    }
    assert_within(backoff_next_us(&b), 2 * MIN_US);
}

/* A node of a cluster is dead, and all its clients go to the others: after the spread, without
 * another wait as long. */
static void whoever_is_spread_out_goes_on_to_another_address_soon(void **state)
{
    (void)state;
    struct backoff b;
    backoff_init(&b, MIN_US, MAX_US, test_seed());
    (void)backoff_spread_us(&b, 10 * MIN_US);
    assert_int_equal(backoff_other_us(&b), MIN_US);
    assert_int_equal(backoff_next_us(&b), 10 * MIN_US);
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
        NEIGHBOURS = 100
    };
    int64_t delays[NEIGHBOURS];
    int same = 0;
    for (int i = 0; i < NEIGHBOURS; i++) {
        struct backoff b;
        backoff_init(&b, 1000000, 1000000, (uint64_t)i);
        delays[i] = backoff_next_us(&b);
        for (int j = 0; j < i; j++) {
            same += delays[i] - delays[j] < 100 && delays[j] - delays[i] < 100;
        }
    }
    assert_in_range(same, 0, 10); /* chance makes two of the 4950 pairs meet within 0.1 ms */
}

enum {
    NODES = 200
};

/* When each of them is back, in milliseconds after the broker is: it was away for so long. */
static void simulate(int64_t away_us, uint64_t seed, int64_t ret_back_ms[NODES])
{
    for (size_t i = 0; i < NODES; i++) {
        struct backoff b;
        backoff_init(&b, 500000, 5000000, seed * NODES + i);
        int64_t now_us = backoff_spread_us(&b, 5000000);
        while (now_us < away_us) {
            now_us += backoff_next_us(&b);
        }
        ret_back_ms[i] = (now_us - away_us) / 1000;
    }
}

/* That come within any second, and how long until the last one. */
static int64_t most_in_a_second(const int64_t back_ms[NODES], int64_t *ret_last_ms)
{
    int64_t most = 0;
    *ret_last_ms = 0;
    for (size_t i = 0; i < NODES; i++) {
        int64_t within = 0; /* of the second that begins with this one */
        for (size_t k = 0; k < NODES; k++) {
            within += back_ms[k] >= back_ms[i] && back_ms[k] < back_ms[i] + 1000;
        }
        most = within > most ? within : most;
        *ret_last_ms = back_ms[i] > *ret_last_ms ? back_ms[i] : *ret_last_ms;
    }
    return most;
}

static void after_a_restart_of_the_broker_no_second_has_twice_the_mean(void **state)
{
    (void)state;
    static const int64_t away_us[] = {0, 700000, 1500000, 4000000, 12000000, 61000000};
    for (size_t i = 0; i < sizeof(away_us) / sizeof(away_us[0]); i++) {
        for (uint64_t seed = 1; seed <= 50; seed++) {
            int64_t back_ms[NODES];
            int64_t last_ms;
            simulate(away_us[i], seed, back_ms);
            int64_t most = most_in_a_second(back_ms, &last_ms);
            assert_true(last_ms <= 10000);
            assert_true(most * last_ms <= 2 * NODES * (int64_t)1000);
        }
    }
}

static void a_spread_is_even_and_leaves_the_delays_as_long(void **state)
{
    (void)state;
    int quarters[4] = {0};
    struct backoff b;
    backoff_init(&b, MIN_US, MAX_US, test_seed());
    for (int i = 0; i < 1000; i++) {
        int64_t delay_us = backoff_spread_us(&b, 39999);
        assert_in_range(delay_us, 0, 39999);
        quarters[delay_us / 10000]++;
    }
    for (int i = 0; i < 4; i++) {
        assert_in_range(quarters[i], 180, 320);
    }
    assert_int_equal(backoff_next_us(&b), 39999);
    (void)backoff_spread_us(&b, 10 * MAX_US);
    assert_int_equal(backoff_next_us(&b), MAX_US);
    backoff_reset(&b);
    assert_within(backoff_next_us(&b), MIN_US);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delays_double_up_to_the_maximum),
        cmocka_unit_test(the_same_once_more_grows_nothing),
        cmocka_unit_test(another_address_is_tried_after_the_shortest_delay_and_grows_nothing),
        cmocka_unit_test(whoever_is_spread_out_goes_on_to_another_address_soon),
        cmocka_unit_test(after_a_success_the_next_delay_is_short),
        cmocka_unit_test(equal_bounds_give_a_steady_interval),
        cmocka_unit_test(the_longest_intervals_do_not_overflow),
        cmocka_unit_test(delays_spread_over_the_upper_half),
        cmocka_unit_test(after_a_restart_of_the_broker_no_second_has_twice_the_mean),
        cmocka_unit_test(a_spread_is_even_and_leaves_the_delays_as_long),
        cmocka_unit_test(nodes_with_neighbouring_seeds_do_not_come_back_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
