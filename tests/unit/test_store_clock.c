/* A machine whose clock is wrong at first, or jumps: what the log makes of it. */
#include "tests/unit/store_bench.h"

#include <sqlite3.h>
#include <string.h>

#define NOW_US (1795423160 * US_PER_S)

static int set_up_in_1970(void **state)
{
    int r = store_bench_set_up_fake_clock(state);
    struct store_bench *b = *state;
    b->clock.realtime_us = 100 * US_PER_S;
    assert_int_equal(loop_run_once(b->loop, 0), 0); /* the loop reads the clock */
    return r;
}

/* Returns by how much it jumped. */
static int64_t set_clock(struct store_bench *b, int64_t realtime_us)
{
    int64_t jump_us = realtime_us - b->clock.realtime_us;
    b->clock.realtime_us = realtime_us;
    assert_int_equal(loop_run_once(b->loop, 0), 0);
    store_clock_jumped(b->store, jump_us);
    return jump_us;
}

static void assert_stamp(struct store_bench *b, uint64_t seq, int64_t moved_us)
{
    const struct store_fetched *found = store_bench_fetch(b, seq);
    assert_int_equal(found->found, STORE_FOUND_SEGMENT);
    struct segment_reader reader;
    struct segment_record record;
    segment_reader_init(&reader, &found->segment);
    segment_seek(&reader, seq);
    assert_int_equal(segment_next(&reader, &record), SEGMENT_FRAME);
    assert_int_equal(record.ts_us, store_bench_frame(seq).ts_us + moved_us);
    assert_true(found->segment.from_us <= record.ts_us && record.ts_us <= found->segment.to_us);
}

static void stamps_from_before_the_clock_was_set_are_corrected(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    assert_false(store_clock_is_set(b->store));
    store_bench_run_until_committed(b, store_bench_append_many(b, 5));
    assert_false(store_bench_fetch(b, 1)->clock_set);
    (void)store_bench_append_many(b, 5); /* still in memory when it happens */
    int64_t moved_us = set_clock(b, NOW_US);
    assert_true(store_clock_is_set(b->store));
    store_bench_run_until_committed(b, store_bench_append_many(b, 5));
    assert_true(store_bench_fetch(b, 1)->clock_set);
    assert_stamp(b, 1, moved_us);
    assert_stamp(b, 10, moved_us);
    assert_stamp(b, 11, 0);
    assert_int_equal(b->notices[STORE_NOTICE_CLOCK], 1);
}

static void a_jump_in_1970_leaves_the_clock_unset(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    store_bench_run_until_committed(b, store_bench_append_many(b, 5));
    (void)set_clock(b, b->clock.realtime_us + 50 * US_PER_S);
    assert_false(store_clock_is_set(b->store));
    store_bench_run_until_committed(b, store_bench_append_many(b, 5));
    assert_false(store_bench_fetch(b, 1)->clock_set);
    assert_int_equal(b->notices[STORE_NOTICE_CLOCK], 0);
}

static void a_jump_moves_stamps_once_though_the_log_ends(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    store_bench_run_until_committed(b, store_bench_append_many(b, 5));
    int64_t moved_us = set_clock(b, b->clock.realtime_us + 50 * US_PER_S);
    store_bench_await_well(b, US_PER_S);
    store_bench_close(b);
    store_bench_open(b);
    assert_stamp(b, 1, moved_us);
}

static void a_jump_of_a_clock_that_was_set_moves_no_stamp_and_is_recorded(void **state)
{
    struct store_bench *b = *state;
    b->clock.realtime_us = NOW_US;
    assert_int_equal(loop_run_once(b->loop, 0), 0);
    store_bench_open(b);
    store_bench_run_until_committed(b, store_bench_append_many(b, 5));
    (void)set_clock(b, NOW_US + 4 * 366 * 86400 * US_PER_S);
    store_bench_run_until_committed(b, store_bench_append_many(b, 5));
    assert_stamp(b, 1, 0);
    assert_stamp(b, 6, 0);
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open_v2(b->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM clock", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(statement, 0), 1);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_clock_that_is_trusted_is_set(void **state)
{
    struct store_bench *b = *state;
    b->options.trust_clock = true;
    store_bench_open(b);
    assert_true(store_clock_is_set(b->store));
    store_bench_run_until_committed(b, store_bench_append_many(b, 5));
    assert_true(store_bench_fetch(b, 1)->clock_set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stamps_from_before_the_clock_was_set_are_corrected,
                                        set_up_in_1970, store_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_jump_moves_stamps_once_though_the_log_ends,
                                        set_up_in_1970, store_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_jump_in_1970_leaves_the_clock_unset, set_up_in_1970,
                                        store_bench_tear_down),
        cmocka_unit_test_setup_teardown(
            a_jump_of_a_clock_that_was_set_moves_no_stamp_and_is_recorded, set_up_in_1970,
            store_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_clock_that_is_trusted_is_set, set_up_in_1970,
                                        store_bench_tear_down),
    };
    return cmocka_run_group_tests_name("store_clock", tests, NULL, NULL);
}
