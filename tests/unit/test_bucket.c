#include "edge-gateway/statistics/bucket.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define S         INT64_C(1000000) /* µs */
#define MINUTE    (60 * S)
#define START     (INT64_C(1700000000) * S)
#define HOLD      (10 * S)
#define HOUR_LONG 60 /* buckets of a minute */

static void assert_near(double value, double expected)
{
    double tolerance = 1e-9 * fmax(1.0, fabs(expected));
    if (!(fabs(value - expected) <= tolerance)) {
        fail_msg("%.17g instead of %.17g", value, expected);
    }
}

static void an_empty_bucket_has_no_mean(void **state)
{
    (void)state;
    struct bucket b = {0};
    assert_true(isnan(bucket_mean(&b)));
    assert_true(isnan(bucket_weighted_mean(&b)));
}

static void extremes_come_with_their_first_times(void **state)
{
    (void)state;
    struct bucket b = {0};
    struct bucket_hold hold = {0};
    static const double values[] = {3.0, -1.5, 7.0, 7.0, -1.5, 2.0};
    for (size_t i = 0; i < 6; i++) {
        bucket_add(&b, &hold, values[i], START + (int64_t)i * S, HOLD);
    }
    assert_int_equal(b.count, 6);
    assert_true(b.min == -1.5 && b.max == 7.0 && b.last == 2.0);
    assert_int_equal(b.min_us, START + 1 * S);
    assert_int_equal(b.max_us, START + 2 * S);
    assert_int_equal(b.first_us, START);
    assert_int_equal(b.last_us, START + 5 * S);
    assert_near(bucket_mean(&b), 16.0 / 6.0);
}

static void what_is_not_finite_is_not_added(void **state)
{
    (void)state;
    struct bucket b = {0};
    struct bucket_hold hold = {0};
    bucket_add(&b, &hold, NAN, START, HOLD);
    bucket_add(&b, &hold, INFINITY, START, HOLD);
    bucket_add(&b, &hold, -INFINITY, START, HOLD);
    assert_int_equal(b.count, 0);
    assert_false(hold.valid);
}

/* 10 for 1 s, 20 for 3 s, 40 for 2 s up to the end. */
static void a_value_weighs_as_long_as_it_holds(void **state)
{
    (void)state;
    struct bucket b = {0};
    struct bucket_hold hold = {0};
    bucket_add(&b, &hold, 10.0, START, HOLD);
    bucket_add(&b, &hold, 20.0, START + 1 * S, HOLD);
    bucket_add(&b, &hold, 40.0, START + 4 * S, HOLD);
    bucket_close(&b, &hold, START + 6 * S);
    assert_near(b.weighted_s, 6.0);
    assert_near(bucket_weighted_mean(&b), (10.0 + 60.0 + 80.0) / 6.0);
    assert_near(bucket_mean(&b), 70.0 / 3.0);
}

static void a_value_without_a_successor_holds_until_its_limit(void **state)
{
    (void)state;
    struct bucket b = {0};
    struct bucket_hold hold = {0};
    bucket_add(&b, &hold, 5.0, START, HOLD);
    bucket_add(&b, &hold, 7.0, START + 25 * S, HOLD); /* 15 s without a value before it */
    bucket_close(&b, &hold, START + MINUTE);
    assert_near(b.weighted_s, 20.0);
    assert_near(bucket_weighted_mean(&b), 6.0);
}

static void closing_twice_adds_nothing(void **state)
{
    (void)state;
    struct bucket b = {0};
    struct bucket_hold hold = {0};
    bucket_add(&b, &hold, 5.0, START, HOLD);
    bucket_close(&b, &hold, START + 2 * S);
    bucket_close(&b, &hold, START + 2 * S);
    bucket_close(&b, &hold, START + 1 * S);
    assert_near(b.weighted_s, 2.0);
}

/* 8 from 58 s on: 2 s in the first minute, 4 s in the second, where 2 follows for 10 s. */
static void a_value_holds_across_the_boundary(void **state)
{
    (void)state;
    struct bucket first = {0};
    struct bucket second = {0};
    struct bucket third = {0};
    struct bucket_hold hold = {0};
    bucket_add(&first, &hold, 8.0, START + 58 * S, HOLD);
    bucket_close(&first, &hold, START + MINUTE);
    bucket_add(&second, &hold, 2.0, START + 64 * S, HOLD);
    bucket_close(&second, &hold, START + 2 * MINUTE);
    bucket_close(&third, &hold, START + 3 * MINUTE);
    assert_near(first.weighted_s, 2.0);
    assert_near(first.weighted_sum, 16.0);
    assert_near(second.weighted_s, 14.0);
    assert_near(second.weighted_sum, 8.0 * 4.0 + 2.0 * 10.0);
    assert_near(third.weighted_s, 0.0);
}

/* Without a value of its own a minute has the weight of the one before. */
static void a_held_value_alone_has_a_weighted_mean(void **state)
{
    (void)state;
    struct bucket first = {0};
    struct bucket second = {0};
    struct bucket_hold hold = {0};
    bucket_add(&first, &hold, 8.0, START + 58 * S, HOLD);
    bucket_close(&first, &hold, START + MINUTE);
    bucket_close(&second, &hold, START + 2 * MINUTE);
    assert_int_equal(second.count, 0);
    assert_near(second.weighted_s, 8.0);
    assert_near(bucket_weighted_mean(&second), 8.0);
    assert_true(isnan(bucket_mean(&second)));
}

static void a_late_value_counts_but_does_not_hold(void **state)
{
    (void)state;
    struct bucket b = {0};
    struct bucket_hold hold = {0};
    bucket_add(&b, &hold, 1.0, START + 5 * S, HOLD);
    bucket_add(&b, &hold, 100.0, START + 3 * S, HOLD);
    bucket_add(&b, &hold, 1.0, START + 8 * S, HOLD);
    assert_int_equal(b.count, 3);
    assert_true(b.max == 100.0 && b.last == 1.0);
    assert_int_equal(b.first_us, START + 3 * S);
    assert_int_equal(b.last_us, START + 8 * S);
    assert_near(b.weighted_s, 3.0);
    assert_near(b.weighted_sum, 3.0);
}

static void late_values_change_neither_last_nor_its_time(void **state)
{
    (void)state;
    struct bucket b = {0};
    struct bucket_hold hold = {0};
    bucket_add(&b, &hold, 4.0, START + 2 * S, HOLD);
    bucket_add(&b, &hold, 4.0, START + 1 * S, HOLD);
    assert_true(b.last == 4.0);
    assert_int_equal(b.last_us, START + 2 * S);
    assert_int_equal(b.min_us, START + 1 * S);
    assert_int_equal(b.max_us, START + 1 * S);
}

static void of_values_at_one_time_the_one_added_last_is_last(void **state)
{
    (void)state;
    struct bucket b = {0};
    struct bucket_hold hold = {0};
    bucket_add(&b, &hold, 4.0, START, HOLD);
    bucket_add(&b, &hold, 6.0, START, HOLD);
    bucket_close(&b, &hold, START + S);
    assert_true(b.last == 6.0);
    assert_near(b.weighted_sum, 6.0);
}

/* Newer than the held value, older than the end to which that was counted. */
static void a_value_from_before_the_close_holds_from_there(void **state)
{
    (void)state;
    struct bucket first = {0};
    struct bucket second = {0};
    struct bucket_hold hold = {0};
    bucket_add(&first, &hold, 1.0, START + 55 * S, HOLD);
    bucket_close(&first, &hold, START + MINUTE);
    bucket_add(&first, &hold, 3.0, START + 59 * S, HOLD);
    bucket_close(&second, &hold, START + 2 * MINUTE);
    assert_near(first.weighted_s, 5.0);
    assert_near(second.weighted_s, 9.0); /* up to 69 s */
    assert_near(second.weighted_sum, 27.0);
}

static void a_clock_set_back_begins_anew(void **state)
{
    (void)state;
    struct bucket wrong = {0};
    struct bucket b = {0};
    struct bucket_hold hold = {0};
    bucket_add(&wrong, &hold, 1.0, START + 365 * 24 * 60 * MINUTE, HOLD);
    bucket_add(&b, &hold, 5.0, START, HOLD);
    bucket_add(&b, &hold, 5.0, START + 4 * S, HOLD);
    bucket_close(&b, &hold, START + MINUTE);
    assert_near(b.weighted_s, 14.0);
    assert_near(bucket_weighted_mean(&b), 5.0);
}

static void a_clock_at_its_ends_does_not_overflow(void **state)
{
    (void)state;
    struct bucket b = {0};
    struct bucket_hold hold = {0};
    bucket_add(&b, &hold, 1.0, INT64_MAX, INT64_MAX);
    bucket_add(&b, &hold, 1.0, INT64_MIN, HOLD);
    bucket_add(&b, &hold, 1.0, INT64_MAX, HOLD);
    bucket_close(&b, &hold, INT64_MAX);
    assert_int_equal(b.count, 3);
    assert_near(b.weighted_s, 10.0);
}

static void assert_same(const struct bucket *a, const struct bucket *b)
{
    assert_int_equal(a->count, b->count);
    if (a->count > 0) {
        assert_true(a->min == b->min && a->max == b->max && a->last == b->last);
        assert_int_equal(a->min_us, b->min_us);
        assert_int_equal(a->max_us, b->max_us);
        assert_int_equal(a->first_us, b->first_us);
        assert_int_equal(a->last_us, b->last_us);
        assert_near(a->sum, b->sum);
    }
    assert_near(a->weighted_sum, b->weighted_sum);
    assert_near(a->weighted_s, b->weighted_s);
}

/* Values of one hour, ascending in time, with gaps beyond the limit and with times that are equal.
 * In small steps of value, so that extremes are reached more than once. */
static void minutes_merge_into_the_statistics_of_the_hour(void **state)
{
    (void)state;
    srand(test_seed());
    struct bucket hour = {0};
    struct bucket minutes[HOUR_LONG] = {0};
    struct bucket_hold hour_hold = {0};
    struct bucket_hold hold = {0};
    int64_t ts_us = START;
    size_t at = 0;
    for (;;) {
        ts_us += rand() % 20 == 0 ? rand() % (3 * MINUTE) : rand() % 3 * (rand() % (2 * S));
        for (; at < HOUR_LONG && ts_us >= START + (int64_t)(at + 1) * MINUTE; at++) {
            bucket_close(&minutes[at], &hold, START + (int64_t)(at + 1) * MINUTE);
        }
        if (at == HOUR_LONG) {
            break;
        }
        double value = (double)(rand() % 100) / 10.0;
        bucket_add(&hour, &hour_hold, value, ts_us, HOLD);
        bucket_add(&minutes[at], &hold, value, ts_us, HOLD);
    }
    bucket_close(&hour, &hour_hold, START + HOUR_LONG * MINUTE);
    struct bucket merged = {0};
    for (size_t i = 0; i < HOUR_LONG; i++) {
        bucket_merge(&merged, &minutes[i]);
    }
    assert_true(hour.count > 100);
    assert_same(&merged, &hour);
    assert_near(bucket_weighted_mean(&merged), bucket_weighted_mean(&hour));
}

static void merging_with_an_empty_one_changes_nothing(void **state)
{
    (void)state;
    struct bucket b = {0};
    struct bucket_hold hold = {0};
    bucket_add(&b, &hold, -2.0, START, HOLD);
    bucket_close(&b, &hold, START + S);
    struct bucket merged = {0};
    bucket_merge(&merged, &b);
    assert_same(&merged, &b);
    struct bucket empty = {0};
    bucket_merge(&merged, &empty);
    assert_same(&merged, &b);
}

/* Bit by bit, so that -0.0 is not 0.0. */
static void assert_round_trip(const struct bucket *b, int64_t start_us)
{
    uint8_t bytes[BUCKET_MAX_BYTES];
    size_t length = bucket_encode(b, start_us, bytes);
    assert_true(length <= sizeof(bytes));
    struct bucket read;
    memset(&read, 0xFF, sizeof(read));
    assert_int_equal(bucket_decode(bytes, length, start_us, &read), length);
    assert_memory_equal(&read, b, sizeof(read));
    for (size_t cut = 0; cut < length; cut++) {
        uint8_t *exact = malloc(cut + 1);
        assert_non_null(exact);
        memcpy(exact + 1, bytes, cut);
        assert_int_equal(bucket_decode(exact + 1, cut, start_us, &read), -EBADMSG);
        free(exact);
    }
}

static void an_empty_bucket_is_one_byte(void **state)
{
    (void)state;
    struct bucket b = {0};
    uint8_t bytes[BUCKET_MAX_BYTES];
    assert_int_equal(bucket_encode(&b, START, bytes), 1);
    assert_round_trip(&b, START);
}

static void the_layout_is_as_written(void **state)
{
    (void)state;
    struct bucket b = {0};
    struct bucket_hold hold = {0};
    bucket_add(&b, &hold, 1.0, START + 300, HOLD);
    bucket_add(&b, &hold, -2.0, START - 1, HOLD);
    bucket_close(&b, &hold, START + 1000300);
    static const uint8_t expected[] = {
        0x13, 2,                               /* values and weight; count */
        0xC0, 0x00, 0,    0,    0,    0, 0, 0, /* min -2 */
        0x3F, 0xF0, 0,    0,    0,    0, 0, 0, /* max 1 */
        0xBF, 0xF0, 0,    0,    0,    0, 0, 0, /* sum -1 */
        0x3F, 0xF0, 0,    0,    0,    0, 0, 0, /* last 1 */
        0x01, 0xD8, 0x04, 0x01, 0xD8, 4,       /* -1, 300, -1, 300 */
        0x3F, 0xF0, 0,    0,    0,    0, 0, 0, /* 1 for 1 s */
        0x3F, 0xF0, 0,    0,    0,    0, 0, 0,
    };
    uint8_t bytes[BUCKET_MAX_BYTES];
    assert_int_equal(bucket_encode(&b, START, bytes), sizeof(expected));
    assert_memory_equal(bytes, expected, sizeof(expected));
    assert_round_trip(&b, START);
}

static void a_weight_without_values_is_kept(void **state)
{
    (void)state;
    struct bucket b = {.weighted_sum = -0.0, .weighted_s = 3.5};
    uint8_t bytes[BUCKET_MAX_BYTES];
    assert_int_equal(bucket_encode(&b, START, bytes), 17);
    assert_round_trip(&b, START);
}

static void the_longest_bucket_fits(void **state)
{
    (void)state;
    struct bucket b = {
        .count = UINT64_MAX,
        .min = -DBL_MAX,
        .max = DBL_MAX,
        .sum = INFINITY,
        .last = -0.0,
        .min_us = INT64_MIN,
        .max_us = INT64_MAX,
        .first_us = INT64_MIN,
        .last_us = INT64_MAX,
        .weighted_sum = DBL_MIN,
        .weighted_s = 0.1,
    };
    assert_round_trip(&b, START);
    assert_round_trip(&b, INT64_MAX);
    assert_round_trip(&b, INT64_MIN);
    assert_round_trip(&b, 0);
}

static void random_buckets_come_back_as_they_were(void **state)
{
    (void)state;
    srand(test_seed());
    for (int round = 0; round < 500; round++) {
        struct bucket b = {0};
        struct bucket_hold hold = {0};
        for (int i = rand() % 20; i > 0; i--) {
            double value = ldexp((double)(rand() - RAND_MAX / 2), rand() % 200 - 100);
            bucket_add(&b, &hold, value, START + rand() % MINUTE, HOLD);
        }
        bucket_close(&b, &hold, START + MINUTE);
        assert_round_trip(&b, START);
    }
}

static void assert_refused(const uint8_t *bytes, size_t length)
{
    struct bucket untouched;
    struct bucket read;
    memset(&untouched, 0x5A, sizeof(untouched));
    memcpy(&read, &untouched, sizeof(read));
    assert_int_equal(bucket_decode(bytes, length, START, &read), -EBADMSG);
    assert_memory_equal(&read, &untouched, sizeof(read));
}

static void what_is_no_bucket_is_refused(void **state)
{
    (void)state;
    struct bucket good = {0};
    struct bucket_hold hold = {0};
    bucket_add(&good, &hold, 1.0, START, HOLD);
    bucket_close(&good, &hold, START + S);
    uint8_t bytes[BUCKET_MAX_BYTES];
    size_t length = bucket_encode(&good, START, bytes);
    static const struct {
        size_t at;
        uint8_t value;
    } cases[] = {
        {0, 0x01},  /* no format */
        {0, 0x10},  /* nothing in it, yet not empty */
        {0, 0x23},  /* another format */
        {0, 0x17},  /* an unknown part */
        {1, 0},     /* values, but none */
        {2, 0x40},  /* min above last */
        {10, 0xBF}, /* max below last */
        {26, 0x7F}, /* last is infinite */
        {46, 0xBF}, /* a weight of less than no time */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t changed[BUCKET_MAX_BYTES];
        memcpy(changed, bytes, length);
        assert_int_not_equal(changed[cases[i].at], cases[i].value);
        changed[cases[i].at] = cases[i].value;
        assert_refused(changed, length);
    }
}

static void a_varint_beyond_64_bits_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[BUCKET_MAX_BYTES] = {0x11, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                       0xFF, 0xFF, 0xFF, 0xFF, 0x02};
    assert_refused(bytes, sizeof(bytes));
    bytes[10] = 0x81;
    assert_refused(bytes, sizeof(bytes));
    struct bucket read;
    bytes[10] = 0x01;
    assert_int_equal(bucket_decode(bytes, sizeof(bytes), START, &read), 11 + 32 + 4);
    assert_true(read.count == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_bucket_has_no_mean),
        cmocka_unit_test(extremes_come_with_their_first_times),
        cmocka_unit_test(what_is_not_finite_is_not_added),
        cmocka_unit_test(a_value_weighs_as_long_as_it_holds),
        cmocka_unit_test(a_value_without_a_successor_holds_until_its_limit),
        cmocka_unit_test(closing_twice_adds_nothing),
        cmocka_unit_test(a_value_holds_across_the_boundary),
        cmocka_unit_test(a_held_value_alone_has_a_weighted_mean),
        cmocka_unit_test(a_late_value_counts_but_does_not_hold),
        cmocka_unit_test(late_values_change_neither_last_nor_its_time),
        cmocka_unit_test(of_values_at_one_time_the_one_added_last_is_last),
        cmocka_unit_test(a_value_from_before_the_close_holds_from_there),
        cmocka_unit_test(a_clock_set_back_begins_anew),
        cmocka_unit_test(a_clock_at_its_ends_does_not_overflow),
        cmocka_unit_test(minutes_merge_into_the_statistics_of_the_hour),
        cmocka_unit_test(merging_with_an_empty_one_changes_nothing),
        cmocka_unit_test(an_empty_bucket_is_one_byte),
        cmocka_unit_test(the_layout_is_as_written),
        cmocka_unit_test(a_weight_without_values_is_kept),
        cmocka_unit_test(the_longest_bucket_fits),
        cmocka_unit_test(random_buckets_come_back_as_they_were),
        cmocka_unit_test(what_is_no_bucket_is_refused),
        cmocka_unit_test(a_varint_beyond_64_bits_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
