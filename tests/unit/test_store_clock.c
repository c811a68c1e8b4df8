/* A machine whose clock is wrong at first, or jumps: what the log makes of it. */
#include "common/database.h"
#include "edge-gateway/store/store_clock.h"
#include "edge-gateway/store/store_schema.h"
#include "edge-gateway/store/store_state.h"
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

/* Nobody knows any more how far they were off: nothing waits for it. */
static void stamps_of_an_earlier_boot_are_as_true_as_they_get(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    store_bench_run_until_committed(b, store_bench_append_many(b, 5));
    assert_false(store_bench_fetch(b, 1)->clock_set);
    store_bench_close(b);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
    assert_int_equal(database_exec(db, "UPDATE boots SET uuid = 'earlier'"), 0);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    store_bench_open(b);
    store_bench_run_until_committed(b, store_bench_append_many(b, 5));
    assert_true(store_bench_fetch(b, 1)->clock_set);
    assert_false(store_bench_fetch(b, b->highest)->clock_set);
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

static void a_jump_is_not_lost_though_all_memory_waits_for_the_disk(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    fault_disk_hold(b->disk, 0);
    while (store_stats(b->store).voids[SEGMENT_VOID_STALLED] == 0) {
        (void)store_bench_append(b);
    }
    uint64_t last = b->highest - 1; /* the one after it had no place */
    int64_t moved_us = set_clock(b, NOW_US);
    fault_disk_release(b->disk);
    store_bench_await_well(b, 10 * US_PER_S);
    uint64_t next = store_bench_append_many(b, 1);
    store_bench_run_until_committed(b, next);
    assert_stamp(b, 1, moved_us);
    assert_stamp(b, last, moved_us);
    assert_stamp(b, next, 0);
}

static int64_t ask(sqlite3 *db, const char *sql)
{
    uint64_t value;
    assert_int_equal(store_state_query(db, sql, &value), 0);
    return (int64_t)value;
}

/* A commit that succeeded and was reported as failed is repeated: the last segment is as it was. */
static void a_jump_moves_stamps_once_though_its_commit_is_repeated(void **state)
{
    struct store_bench *b = *state;
    static const char last[] =
        "INSERT OR REPLACE INTO segments (first_seq, last_seq, base_us, from_us, to_us, boot,"
        " clock_set, crc, keys, records) VALUES (6, 9, 200, 200, 209, 1, 0, 0, x'', x'')";
    const struct database_options options = {
        .path = b->path, .page_bytes = 1024, .busy_timeout_ms = 1000, .schema = &store_schema};
    const struct store_clock_jump jump = {
        .at_seq = 9, .monotonic_us = 300, .after_us = 1300, .jump_us = 1000};
    sqlite3 *db;
    assert_int_equal(database_open(&options, &db, NULL), 0);
    assert_int_equal(
        database_exec(db, "INSERT INTO boots VALUES (1, 'a');"
                          "INSERT INTO segments (first_seq, last_seq, base_us, from_us, to_us,"
                          " boot, clock_set, crc, keys, records)"
                          " VALUES (1, 5, 100, 100, 109, 1, 0, 0, x'', x'')"),
        0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(database_exec(db, last), 0);
        assert_int_equal(store_clock_correct(db, &jump, 1, 6), 0);
        assert_int_equal(ask(db, "SELECT base_us FROM segments WHERE first_seq = 1"), 1100);
        assert_int_equal(ask(db, "SELECT base_us FROM segments WHERE first_seq = 6"), 1200);
        assert_int_equal(ask(db, "SELECT count(*) FROM clock"), 1);
    }
    database_close(db);
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
        cmocka_unit_test_setup_teardown(a_jump_is_not_lost_though_all_memory_waits_for_the_disk,
                                        set_up_in_1970, store_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_jump_moves_stamps_once_though_its_commit_is_repeated,
                                        set_up_in_1970, store_bench_tear_down),
        cmocka_unit_test_setup_teardown(stamps_of_an_earlier_boot_are_as_true_as_they_get,
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
