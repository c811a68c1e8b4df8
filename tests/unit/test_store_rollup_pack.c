#include "edge-gateway/statistics/bucket_pack.h"
#include "tests/unit/rollup_check.h"

/* Of the first minute of the log, which is packed by now. */
static void a_frame_that_is_late_for_a_packed_hour_is_packed_with_it(void **state)
{
    struct rollup_bench *bench = *state;
    check_rows_of_four_hours(bench);
    bench_open(bench);
    bench_append_one(bench, 256, FIRST_HOUR_US + 51 * STORE_MINUTE_US + 1, 7 << 16);
    bench_append_one(bench, 258, FIRST_HOUR_US + 5 * STORE_MINUTE_US, 5000);
    bench_close(bench);
    assert_true(count_loose(bench, FIRST_HOUR_US + STORE_HOUR_US) > 0);
    assert_int_equal(check_rollups(bench), 90002);
    bench_open(bench);
    bench->step_us = 15000;
    bench_append(bench, 45000);
    bench_close(bench);
    assert_hours_are_packed(bench);
    assert_int_equal(check_rollups(bench), 135002);
}

/* Adds the minutes of one signal to rows of their own and to their quarters. */
static void unpack_row(struct store_rollup_rows *rows, sqlite3_stmt *row)
{
    int64_t series = sqlite3_column_int64(row, 0);
    size_t signal = (size_t)sqlite3_column_int(row, 1);
    size_t count = (size_t)sqlite3_column_int(row, 4);
    struct bucket_pack pack;
    assert_int_equal(bucket_pack_decode(sqlite3_column_blob(row, 3),
                                        (size_t)sqlite3_column_bytes(row, 3),
                                        sqlite3_column_int64(row, 2), &pack),
                     0);
    for (int i = 0; i < BUCKET_PACK_MINUTES; i++) {
        struct bucket buckets[SIGNALS_MAX] = {{.count = 0}};
        buckets[signal] = pack.minutes[i];
        int64_t start_us = bucket_pack_start(sqlite3_column_int64(row, 2), i);
        const struct store_rollup_key minute = {series, STORE_LEVEL_MINUTE, start_us};
        const struct store_rollup_key quarter = {
            series, STORE_LEVEL_QUARTER, start_us - start_us % store_level_us(STORE_LEVEL_QUARTER)};
        if (pack.minutes[i].count > 0 || pack.minutes[i].weighted_s > 0.0) {
            assert_int_equal(store_rollup_add(rows, &minute, buckets, count, true), 0);
            assert_int_equal(store_rollup_add(rows, &quarter, buckets, count, true), 0);
        }
    }
}

/* The log as the version before left it: minutes in rows of their own, and quarters of an hour. */
static void make_former(struct rollup_bench *bench)
{
    struct store_rollup_rows rows;
    sqlite3_stmt *s;
    sqlite3 *db = bench_database(bench);
    assert_int_equal(database_exec(db, "BEGIN"), 0);
    assert_int_equal(store_rollup_rows_init(&rows, db), 0);
    rows.bytes = (uint64_t)ask(db, "SELECT sum(length(data)) + 32 * count(*) FROM rollups");
    assert_int_equal(database_prepare(db,
                                      "SELECT series, signal, hour_us, data,"
                                      " json_array_length(signals) FROM minutes"
                                      " JOIN series ON series.id = minutes.series",
                                      &s),
                     0);
    while (database_step(s) == 1) {
        unpack_row(&rows, s);
    }
    (void)sqlite3_finalize(s);
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "DROP TABLE minutes; DROP INDEX zones_short; DROP INDEX zones_long; DROP TABLE "
                   "memos; UPDATE "
                   "state SET value = %llu WHERE name = 'rollup_bytes';"
                   "UPDATE schema_versions SET version = 2 WHERE component = 'framelog'; COMMIT",
                   (unsigned long long)rows.bytes);
    store_rollup_rows_deinit(&rows);
    assert_int_equal(database_exec(db, sql), 0);
    (void)sqlite3_close(db);
}

static void the_minutes_of_a_former_version_are_packed(void **state)
{
    struct rollup_bench *bench = *state;
    bench->in_order = true;
    check_rows_of_four_hours(bench);
    make_former(bench);
    assert_true(count_loose(bench, INT64_MAX) > 1000);
    bench_open(bench);
    bench->step_us = 15000; /* ten minutes, in which all is packed; the hour remains the same */
    bench_append(bench, 100000);
    bench_close(bench);
    assert_hours_are_packed(bench);
    assert_int_equal(check_rollups(bench), 190000);
}

/* The first one of one series. */
static void damage_a_minute(struct rollup_bench *bench)
{
    make_former(bench);
    bench_exec(bench, "CREATE TEMP TABLE victim AS SELECT series, min(start_us) start_us,"
                      " length(data) - 1 lost FROM rollups WHERE level_s = 60;"
                      "UPDATE rollups SET data = x'ff' WHERE level_s = 60 AND (series, start_us) IN"
                      " (SELECT series, start_us FROM victim);"
                      "UPDATE state SET value = value - (SELECT lost FROM victim)"
                      " WHERE name = 'rollup_bytes'");
}

static void a_damaged_minute_is_counted_and_stops_nothing(void **state)
{
    struct rollup_bench *bench = *state;
    bench->in_order = true;
    check_rows_of_four_hours(bench);
    damage_a_minute(bench);
    bench_open(bench);
    bench->step_us = 15000;
    bench_append(bench, 100000);
    struct store_rollup_stats stats = store_stats(bench->store).rollup;
    bench_close(bench);
    assert_int_equal(stats.faults, 1);
    assert_int_equal(stats.behind, false);
    assert_hours_are_packed(bench);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_frame_that_is_late_for_a_packed_hour_is_packed_with_it),
        TEST(the_minutes_of_a_former_version_are_packed),
        TEST(a_damaged_minute_is_counted_and_stops_nothing),
    };
    return cmocka_run_group_tests_name("store_rollup_pack", tests, NULL, NULL);
}
