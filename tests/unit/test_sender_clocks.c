#include "edge-gateway/command/sender_clocks.h"

#include "tests/unit/cmocka_all.h"

#define MS INT64_C(1000)

static int64_t late_ms(struct sender_clocks *clocks, uint64_t clock, uint64_t sent_ms,
                       int64_t now_ms)
{
    const struct payload_stamp sent = {clock, sent_ms};
    return sender_clocks_late_us(clocks, &sent, now_ms * MS) / MS;
}

static void what_waited_is_late_by_as_long_as_it_waited(void **state)
{
    (void)state;
    struct sender_clocks clocks = {0};
    assert_int_equal(late_ms(&clocks, 7, 500000, 1000), 0);
    assert_int_equal(late_ms(&clocks, 7, 501000, 2000), 0);
    assert_int_equal(late_ms(&clocks, 7, 502000, 13000), 9997); /* 11 s of silence may be 2.2 ms */
    assert_int_equal(late_ms(&clocks, 7, 512500, 13500), 0);
}

/* There is nothing to hold it against. */
static void the_first_wish_by_a_clock_is_never_late(void **state)
{
    (void)state;
    struct sender_clocks clocks = {0};
    assert_int_equal(late_ms(&clocks, 7, 500000, 1000), 0);
    assert_int_equal(late_ms(&clocks, 8, 1, 90000), 0);
    assert_int_equal(late_ms(&clocks, 9, UINT64_C(9007199254740991), 90000), 0);
}

static void each_sender_has_its_own_measure(void **state)
{
    (void)state;
    struct sender_clocks clocks = {0};
    assert_int_equal(late_ms(&clocks, 7, 500000, 1000), 0);
    assert_int_equal(late_ms(&clocks, 8, 1000, 1000), 0);
    assert_int_equal(late_ms(&clocks, 7, 501000, 5000), 2999);
    assert_int_equal(late_ms(&clocks, 8, 5000, 5000), 0);
}

static void a_silence_is_no_delay_nor_is_what_clocks_drift_in_it(void **state)
{
    (void)state;
    struct sender_clocks clocks = {0};
    const int64_t day_ms = 24 * 3600 * 1000;
    assert_int_equal(late_ms(&clocks, 7, 500000, 1000), 0);
    for (int64_t day = 1; day <= 3; day++) {
        int64_t drift_ms = day * day_ms / 10000; /* 100 ppm */
        assert_int_equal(
            late_ms(&clocks, 7, (uint64_t)(500000 + day * day_ms - drift_ms), 1000 + day * day_ms),
            0);
    }
}

/* Twelve senders with eight places: whoever is forgotten begins anew, and nobody else suffers. */
static void the_clock_that_was_heard_least_lately_makes_way(void **state)
{
    (void)state;
    struct sender_clocks clocks = {0};
    for (uint64_t clock = 1; clock <= SENDER_CLOCKS_MAX; clock++) {
        assert_int_equal(late_ms(&clocks, clock, 1000, 1000 + (int64_t)clock), 0);
    }
    assert_int_equal(late_ms(&clocks, 1, 2000, 2001), 0); /* now 2 is the one */
    assert_int_equal(late_ms(&clocks, 99, 1, 3000), 0);
    assert_int_equal(late_ms(&clocks, 1, 3000, 13001), 9997);
    assert_int_equal(late_ms(&clocks, 2, 3000, 13002), 0); /* in the place of 3 */
    assert_int_equal(late_ms(&clocks, 4, 3000, 13004), 9997);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waited_is_late_by_as_long_as_it_waited),
        cmocka_unit_test(the_first_wish_by_a_clock_is_never_late),
        cmocka_unit_test(each_sender_has_its_own_measure),
        cmocka_unit_test(a_silence_is_no_delay_nor_is_what_clocks_drift_in_it),
        cmocka_unit_test(the_clock_that_was_heard_least_lately_makes_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
