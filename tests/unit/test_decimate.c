#include "edge-gateway/statistics/decimate.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MANY 3000

static struct decimate *new_decimate(int64_t from_us, int64_t to_us, size_t max_points)
{
    struct decimate *d = NULL;
    assert_int_equal(decimate_new(from_us, to_us, max_points, &d), 0);
    return d;
}

static void add(struct decimate *d, int64_t ts_us, double value)
{
    decimate_add(d, (struct decimate_point){ts_us, value});
}

static void assert_points(struct decimate *d, const struct decimate_point *expected, size_t count)
{
    struct decimate_point points[MANY];
    assert_int_equal(decimate_finish(d, points), count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(points[i].ts_us, expected[i].ts_us);
        assert_true(points[i].value == expected[i].value);
    }
}

static void what_cannot_be_drawn_is_refused(void **state)
{
    (void)state;
    struct decimate *d = NULL;
    assert_int_equal(decimate_new(10, 10, 100, &d), -EINVAL);
    assert_int_equal(decimate_new(11, 10, 100, &d), -EINVAL);
    assert_int_equal(decimate_new(0, 10, DECIMATE_POINTS_MIN - 1, &d), -EINVAL);
    assert_int_equal(decimate_new(0, 10, DECIMATE_POINTS_MAX + 1, &d), -EINVAL);
    assert_null(d);
    decimate_free(NULL);
}

static void without_points_there_are_none(void **state)
{
    (void)state;
    struct decimate *d = new_decimate(0, 100, 10);
    assert_points(d, NULL, 0);
    assert_int_equal(decimate_count(d), 0);
    decimate_free(d);
}

static void points_outside_or_not_finite_are_ignored(void **state)
{
    (void)state;
    struct decimate *d = new_decimate(10, 20, 4);
    add(d, 9, 1.0);
    add(d, 20, 1.0);
    add(d, 15, NAN);
    add(d, 15, INFINITY);
    add(d, 10, 2.0);
    add(d, 19, 3.0);
    assert_int_equal(decimate_count(d), 2);
    const struct decimate_point expected[] = {{10, 2.0}, {19, 3.0}};
    assert_points(d, expected, 2);
    decimate_free(d);
}

/* Equal values, equal times: nothing is left out while there is room. */
static void as_many_points_as_there_is_room_for_all_remain(void **state)
{
    (void)state;
    struct decimate *d = new_decimate(0, 1000, 6);
    add(d, 30, 5.0);
    add(d, 10, 7.0);
    add(d, 30, 5.0);
    add(d, 20, 5.0);
    add(d, 30, 1.0);
    add(d, 10, 6.0);
    const struct decimate_point expected[] = {
        {10, 7.0}, {10, 6.0}, {20, 5.0}, {30, 5.0}, {30, 5.0}, {30, 1.0},
    };
    assert_points(d, expected, 6);
    assert_points(d, expected, 6); /* asking changes nothing */
    decimate_free(d);
}

/* Two columns, [0, 50) and [50, 100). */
static void one_point_more_leaves_the_extremes_of_the_columns(void **state)
{
    (void)state;
    struct decimate *d = new_decimate(0, 100, 6);
    const struct decimate_point in[] = {
        {5, 3.0}, {10, 9.0}, {20, 1.0}, {49, 4.0}, {50, 2.0}, {60, 2.0}, {99, 1.5},
    };
    for (size_t i = 0; i < 6; i++) {
        decimate_add(d, in[i]);
    }
    assert_points(d, in, 6);
    decimate_add(d, in[6]);
    const struct decimate_point expected[] = {{5, 3.0}, {10, 9.0}, {20, 1.0}, {50, 2.0}, {99, 1.5}};
    assert_points(d, expected, 5);
    assert_int_equal(decimate_count(d), 7);
    decimate_free(d);
}

static void points_may_come_after_a_finish(void **state)
{
    (void)state;
    struct decimate *d = new_decimate(0, 100, 4);
    struct decimate_point points[4];
    for (int i = 99; i >= 0; i--) {
        add(d, i, (i - 40) * (i - 40));
        assert_true(decimate_finish(d, points) <= 4);
    }
    const struct decimate_point expected[] = {{0, 1600.0}, {40, 0.0}, {99, 3481.0}};
    assert_points(d, expected, 3);
    decimate_free(d);
}

static void the_widest_and_the_narrowest_span_work(void **state)
{
    (void)state;
    struct decimate *d = new_decimate(INT64_MIN, INT64_MAX, 5);
    for (int i = 0; i < 10; i++) {
        add(d, INT64_MAX - 1 - i, i);
        add(d, INT64_MIN + i, -i);
    }
    const struct decimate_point expected[] = {
        {INT64_MIN, 0.0}, {INT64_MIN + 9, -9.0}, {INT64_MAX - 10, 9.0}, {INT64_MAX - 1, 0.0}};
    assert_points(d, expected, 4);
    decimate_free(d);

    d = new_decimate(7, 8, 1000);
    for (int i = 0; i < 2000; i++) {
        add(d, 7, i);
    }
    const struct decimate_point both[] = {{7, 0.0}, {7, 1999.0}};
    assert_points(d, both, 2);
    decimate_free(d);
}

/* --- random points against what the header promises */

struct trial {
    int64_t from_us;
    int64_t to_us;
    size_t max_points;
    size_t in_count;
    struct decimate_point in[MANY];
    size_t out_count;
    struct decimate_point out[MANY];
};

static void run_trial(struct trial *t)
{
    t->from_us = rand() - RAND_MAX / 2;
    t->to_us = t->from_us + 1 + rand() % (rand() % 2 == 0 ? 2000 : 1000000000);
    t->max_points = DECIMATE_POINTS_MIN + (size_t)rand() % 300;
    t->in_count = (size_t)rand() % (rand() % 2 == 0 ? MANY : 2 * t->max_points);
    bool ordered = rand() % 2 == 0;
    int64_t span_us = t->to_us - t->from_us;
    struct decimate *d = new_decimate(t->from_us, t->to_us, t->max_points);
    for (size_t i = 0; i < t->in_count; i++) {
        int64_t at_us = ordered ? span_us * (int64_t)i / (int64_t)t->in_count : rand() % span_us;
        t->in[i] = (struct decimate_point){t->from_us + at_us, (double)(rand() % 5000) - 2500.0};
        decimate_add(d, t->in[i]);
    }
    assert_int_equal(decimate_count(d), t->in_count);
    t->out_count = decimate_finish(d, t->out);
    decimate_free(d);
}

/* As wide as the header says: the span cut into (max_points - 2) / 2, rounded up. */
static size_t column_of(const struct trial *t, const struct decimate_point *point)
{
    int64_t columns = (int64_t)(t->max_points - 2) / 2;
    int64_t width_us = (t->to_us - t->from_us + columns - 1) / columns;
    return (size_t)((point->ts_us - t->from_us) / width_us);
}

struct extremes {
    bool used;
    double low;
    double high;
};

static void find_extremes(const struct trial *t, const struct decimate_point *points, size_t count,
                          struct extremes *columns)
{
    memset(columns, 0, MANY * sizeof(*columns));
    for (size_t i = 0; i < count; i++) {
        struct extremes *c = &columns[column_of(t, &points[i])];
        c->low = c->used ? fmin(c->low, points[i].value) : points[i].value;
        c->high = c->used ? fmax(c->high, points[i].value) : points[i].value;
        c->used = true;
    }
}

static void check_extremes(const struct trial *t)
{
    static struct extremes in[MANY];
    static struct extremes out[MANY];
    find_extremes(t, t->in, t->in_count, in);
    find_extremes(t, t->out, t->out_count, out);
    for (size_t i = 0; i < MANY; i++) {
        assert_true(in[i].used == out[i].used && in[i].low == out[i].low &&
                    in[i].high == out[i].high);
    }
}

static bool is_among(const struct decimate_point *point, const struct trial *t)
{
    for (size_t i = 0; i < t->in_count; i++) {
        if (t->in[i].ts_us == point->ts_us && t->in[i].value == point->value) {
            return true;
        }
    }
    return false;
}

static void check_order_and_origin(const struct trial *t)
{
    int64_t first_us = INT64_MAX;
    int64_t last_us = INT64_MIN;
    for (size_t i = 0; i < t->in_count; i++) {
        first_us = t->in[i].ts_us < first_us ? t->in[i].ts_us : first_us;
        last_us = t->in[i].ts_us > last_us ? t->in[i].ts_us : last_us;
    }
    for (size_t i = 0; i < t->out_count; i++) {
        assert_true(is_among(&t->out[i], t));
        assert_true(i == 0 || t->out[i - 1].ts_us <= t->out[i].ts_us);
    }
    if (t->in_count > 0) {
        assert_int_equal(t->out[0].ts_us, first_us);
        assert_int_equal(t->out[t->out_count - 1].ts_us, last_us);
    }
}

static void random_points_keep_every_promise(void **state)
{
    (void)state;
    srand(test_seed());
    static struct trial t;
    for (int round = 0; round < 300; round++) {
        run_trial(&t);
        assert_true(t.out_count <= t.max_points);
        assert_true(t.in_count > t.max_points || t.out_count == t.in_count);
        check_order_and_origin(&t);
        check_extremes(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_drawn_is_refused),
        cmocka_unit_test(without_points_there_are_none),
        cmocka_unit_test(points_outside_or_not_finite_are_ignored),
        cmocka_unit_test(as_many_points_as_there_is_room_for_all_remain),
        cmocka_unit_test(one_point_more_leaves_the_extremes_of_the_columns),
        cmocka_unit_test(points_may_come_after_a_finish),
        cmocka_unit_test(the_widest_and_the_narrowest_span_work),
        cmocka_unit_test(random_points_keep_every_promise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
