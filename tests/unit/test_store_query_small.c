/* Queries of logs that are small and odd: none yet, another file, damaged, thinned, behind. */
#include "tests/unit/rollup_bench.h"

#include "edge-gateway/store/store_query.h"
#include "tests/unit/seed.h"

#include <errno.h>

#define SPAN_US(from, to) ((struct store_span){(from), (to), INT64_MAX})

static void a_value_holds_no_longer_than_now(void **state)
{
    struct rollup_bench *bench = *state;
    bench_open(bench);
    bench_append_one(bench, 258, T0_US, 5000);
    bench_close(bench);
    struct store_query *query;
    const struct store_query_options options = {bench->path, bench->buses, BUSES};
    assert_int_equal(store_query_new(&options, &query), 0);
    const struct store_signal signal = bench_signal(bench, 0, "Slow", "Level");
    const struct store_span span = {T0_US - 10 * US_PER_S, T0_US + STORE_HOUR_US,
                                    T0_US + 7 * US_PER_S};
    struct store_statistics found;
    assert_int_equal(store_query_statistics(query, &signal, &span, INT64_MAX, &found), 0);
    assert_int_equal(found.buckets[0].count, 1);
    assert_near(found.buckets[0].weighted_s, 7.0);
    assert_near(bucket_weighted_mean(&found.buckets[0]), 5.0);
    free(found.buckets);
    store_query_free(query);
}

static void no_database_is_a_fault_until_there_is_one(void **state)
{
    struct rollup_bench *bench = *state;
    struct store_query *query;
    const struct store_query_options options = {bench->path, bench->buses, BUSES};
    assert_int_equal(store_query_new(&options, &query), 0);
    const struct store_signal signal = bench_signal(bench, 0, "Slow", "Level");
    const struct store_span span = SPAN_US(T0_US, T0_US + STORE_HOUR_US);
    struct store_history found;
    struct decimate_point points[4];
    assert_int_equal(store_query_history(query, &signal, &span, 4, points, &found), -ENOENT);
    bench_open(bench);
    assert_int_equal(store_query_history(query, &signal, &span, 4, points, &found), 0);
    assert_int_equal(found.count, 0);
    bench_append_one(bench, 258, T0_US, 5000);
    assert_int_equal(store_query_history(query, &signal, &span, 4, points, &found), 0);
    assert_int_equal(found.count, 1);
    store_query_free(query);
}

static void a_new_file_in_the_place_of_the_old_one_is_noticed(void **state)
{
    struct rollup_bench *bench = *state;
    struct store_query *query;
    const struct store_query_options options = {bench->path, bench->buses, BUSES};
    assert_int_equal(store_query_new(&options, &query), 0);
    const struct store_signal signal = bench_signal(bench, 0, "Slow", "Level");
    const struct store_span span = SPAN_US(T0_US, T0_US + STORE_HOUR_US);
    struct store_history found;
    struct decimate_point points[4];
    bench_open(bench);
    bench_append_one(bench, 258, T0_US, 5000);
    bench_close(bench);
    assert_int_equal(store_query_history(query, &signal, &span, 4, points, &found), 0);
    assert_int_equal(found.count, 1);
    char aside[256];
    assert_int_equal(database_set_aside(bench->path, "test", 0, aside, sizeof(aside)), 0);
    bench_open(bench);
    assert_int_equal(store_query_history(query, &signal, &span, 4, points, &found), 0);
    assert_int_equal(found.count, 0);
    store_query_free(query);
}

static void pass_damage(struct rollup_bench *bench, const char *change)
{
    bench_open(bench);
    bench_append_one(bench, 258, T0_US, 5000);
    bench_append_one(bench, 258, T0_US + 1, 6000);
    bench_append_one(bench, 258, T0_US + 2, 7000);
    bench_close(bench);
    bench_exec(bench, change);
    struct store_query *query;
    const struct store_query_options options = {bench->path, bench->buses, BUSES};
    assert_int_equal(store_query_new(&options, &query), 0);
    const struct store_signal signal = bench_signal(bench, 0, "Slow", "Level");
    const struct store_span span = SPAN_US(T0_US, T0_US + STORE_HOUR_US);
    struct store_history found;
    struct decimate_point points[4];
    assert_int_equal(store_query_history(query, &signal, &span, 4, points, &found), 0);
    assert_int_equal(found.count, 2);
    assert_true(points[1].value == 7.0);
    assert_int_equal(store_query_damaged(query), 1);
    const struct store_span before = SPAN_US(T0_US, T0_US + 1);
    assert_int_equal(store_query_history(query, &signal, &before, 4, points, &found), 0);
    assert_int_equal(store_query_damaged(query), 0);
    store_query_free(query);
}

static void a_segment_that_cannot_be_read_is_passed(void **state)
{
    pass_damage(*state, "UPDATE segments SET records = zeroblob(12) WHERE first_seq = 2");
}

static void a_segment_with_a_key_that_is_none_is_passed(void **state)
{
    pass_damage(*state, "UPDATE segments SET keys = substr(keys, 2) WHERE first_seq = 2");
}

static void ask_all(struct rollup_bench *bench, const struct store_span *span,
                    struct store_history *ret_history, struct store_statistics *ret_statistics)
{
    struct store_query *query;
    struct decimate_point points[100];
    const struct store_query_options options = {bench->path, bench->buses, BUSES};
    assert_int_equal(store_query_new(&options, &query), 0);
    const struct store_signal signal = bench_signal(bench, 0, "Climate", "Temperature");
    assert_int_equal(store_query_history(query, &signal, span, 100, points, ret_history), 0);
    assert_int_equal(
        store_query_statistics(query, &signal, span, 2 * STORE_MINUTE_US, ret_statistics), 0);
    store_query_free(query);
}

static void what_thinning_left_stands_in_for_the_frames(void **state)
{
    struct rollup_bench *bench = *state;
    struct store_history whole;
    struct store_history thinned;
    struct store_statistics whole_buckets;
    struct store_statistics thinned_buckets;
    srand(test_seed());
    int64_t from_us = clock_system.realtime_us(clock_system.context) - 48 * STORE_HOUR_US;
    from_us -= from_us % STORE_MINUTE_US;
    bench->now_us = from_us;
    bench->in_order = true;
    bench_open(bench);
    bench_append(bench, 30000); /* some five minutes */
    bench_close(bench);
    const struct store_span span = SPAN_US(from_us, from_us + STORE_HOUR_US);
    ask_all(bench, &span, &whole, &whole_buckets);
    assert_int_equal(whole.source, STORE_SOURCE_FRAMES);
    assert_int_equal(whole_buckets.source, STORE_SOURCE_FRAMES);

    const enum store_priority low[MESSAGES] = {STORE_PRIORITY_LOW, STORE_PRIORITY_LOW,
                                               STORE_PRIORITY_LOW, STORE_PRIORITY_LOW};
    bench->buses[0].priorities = low;
    bench->buses[1].priorities = low;
    bench->quota_bytes = (uint64_t)8 << 20;
    bench->thinning = (struct store_thinning){
        .from_percent = 1, .older_than_us = STORE_HOUR_US, .interval_us = 10 * US_PER_S};
    bench->now_us = clock_system.realtime_us(clock_system.context);
    bench_open(bench);
    bench_catch_up(bench);
    for (int i = 0; i < 60; i++) { /* an interval with each commit */
        bench_append(bench, 1);
    }
    bench_close(bench);
    ask_all(bench, &span, &thinned, &thinned_buckets);
    assert_int_equal(thinned.source, STORE_SOURCE_SUMMARIES);
    assert_int_equal(thinned.count, whole.count);
    assert_int_equal(thinned_buckets.source, STORE_SOURCE_MINUTES);
    assert_int_equal(thinned_buckets.count, whole_buckets.count);
    for (size_t i = 0; i < whole_buckets.count; i++) {
        assert_bucket_equal(&thinned_buckets.buckets[i], &whole_buckets.buckets[i]);
    }
    free(whole_buckets.buckets);
    free(thinned_buckets.buckets);
}

static int history_of_level(struct rollup_bench *bench)
{
    struct store_query *query;
    const struct store_query_options options = {bench->path, bench->buses, BUSES};
    assert_int_equal(store_query_new(&options, &query), 0);
    const struct store_signal signal = bench_signal(bench, 0, "Slow", "Level");
    const struct store_span span = SPAN_US(T0_US, T0_US + STORE_HOUR_US);
    struct store_history found;
    struct decimate_point points[4];
    int r = store_query_history(query, &signal, &span, 4, points, &found);
    store_query_free(query);
    return r;
}

static void roll_ups_that_are_far_behind_are_waited_for(void **state)
{
    struct rollup_bench *bench = *state;
    bench_open(bench);
    bench_append_one(bench, 258, T0_US, 5000);
    bench_close(bench);
    bench_exec(bench, "UPDATE segments SET last_seq = 3000000");
    assert_int_equal(history_of_level(bench), -EAGAIN);
}

/* A log that begins anew takes its first seq from the clock. */
static void a_log_that_begins_with_a_high_seq_is_not_far_behind(void **state)
{
    struct rollup_bench *bench = *state;
    bench_open(bench);
    bench_append_one(bench, 258, T0_US, 5000);
    bench_close(bench);
    bench_exec(bench, "UPDATE segments SET first_seq = 3000000, last_seq = 3000000");
    bench_exec(bench, "DELETE FROM zones");
    bench_exec(bench, "DELETE FROM state WHERE name = 'rollup_seq'");
    assert_int_equal(history_of_level(bench), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_value_holds_no_longer_than_now),
        TEST(no_database_is_a_fault_until_there_is_one),
        TEST(a_new_file_in_the_place_of_the_old_one_is_noticed),
        TEST(a_segment_that_cannot_be_read_is_passed),
        TEST(a_segment_with_a_key_that_is_none_is_passed),
        TEST(what_thinning_left_stands_in_for_the_frames),
        TEST(roll_ups_that_are_far_behind_are_waited_for),
        TEST(a_log_that_begins_with_a_high_seq_is_not_far_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
