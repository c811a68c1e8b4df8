#include "tests/unit/rollup_check.h"

#include "edge-gateway/statistics/bucket_pack.h"
#include "edge-gateway/store/log_check.h"
#include "tests/unit/seed.h"

/* What the simple way's minutes come to in the hour that begins where `like` does. */
static struct bucket naive_sum(const struct naive *naive, const struct naive_cell *like,
                               size_t signal)
{
    struct bucket sum = {.count = 0};
    for (int64_t us = like->start_us; us < like->start_us + STORE_HOUR_US; us += STORE_MINUTE_US) {
        const struct naive_cell *cell = naive_find(naive, like->bus, like->message, us);
        if (cell != NULL) {
            bucket_merge(&sum, &cell->buckets[signal]);
        }
    }
    return sum;
}

static void check_bucket(const struct rollup_bench *bench, const struct bucket *bucket,
                         const struct bucket *wanted)
{
    if (bench->in_order) {
        assert_bucket_equal(bucket, wanted);
    } else {
        assert_values_equal(bucket, wanted);
    }
}

/* Of a row of: bus, message, start_us, data, ... */
static struct naive_cell place_of(const struct rollup_bench *bench, sqlite3_stmt *row)
{
    return (struct naive_cell){
        .bus = strcmp((const char *)sqlite3_column_text(row, 0), "can0") == 0 ? 0 : 1,
        .message = dbc_find_by_name(bench->dbc.db, (const char *)sqlite3_column_text(row, 1)),
        .start_us = sqlite3_column_int64(row, 2),
    };
}

static struct naive_cell read_row(const struct rollup_bench *bench, sqlite3_stmt *row)
{
    struct naive_cell cell = place_of(bench, row);
    int count =
        store_rollup_unpack(sqlite3_column_blob(row, 3), (size_t)sqlite3_column_bytes(row, 3),
                            cell.start_us, cell.buckets, SIGNALS_MAX);
    assert_int_equal(count, cell.message->signal_count);
    return cell;
}

static void check_hour(struct naive *naive, sqlite3_stmt *row)
{
    const struct naive_cell hour = read_row(naive->bench, row);
    for (size_t i = 0; i < hour.message->signal_count; i++) {
        const struct bucket wanted = naive_sum(naive, &hour, i);
        check_bucket(naive->bench, &hour.buckets[i], &wanted);
    }
}

static void take_minute(struct naive *found, sqlite3_stmt *row)
{
    const struct naive_cell minute = read_row(found->bench, row);
    struct naive_cell *into = naive_cell(found, minute.bus, minute.message, minute.start_us);
    for (size_t i = 0; i < minute.message->signal_count; i++) {
        bucket_merge(&into->buckets[i], &minute.buckets[i]);
    }
}

/* Of a row of: bus, message, hour_us, data, signal. */
static void take_packed(struct naive *found, sqlite3_stmt *row)
{
    const struct naive_cell place = place_of(found->bench, row);
    size_t signal = (size_t)sqlite3_column_int(row, 4);
    struct bucket_pack pack;
    assert_int_equal(bucket_pack_decode(sqlite3_column_blob(row, 3),
                                        (size_t)sqlite3_column_bytes(row, 3), place.start_us,
                                        &pack),
                     0);
    assert_true(signal < place.message->signal_count);
    for (int i = 0; i < BUCKET_PACK_MINUTES; i++) {
        const struct bucket *bucket = &pack.minutes[i];
        if (bucket->count > 0 || bucket->weighted_s > 0.0) {
            struct naive_cell *into =
                naive_cell(found, place.bus, place.message, bucket_pack_start(place.start_us, i));
            bucket_merge(&into->buckets[signal], bucket);
        }
    }
}

static void for_each_row(sqlite3 *db, const char *sql,
                         void (*take)(struct naive *naive, sqlite3_stmt *row), struct naive *naive)
{
    sqlite3_stmt *s;
    assert_int_equal(database_prepare(db, sql, &s), 0);
    int r;
    while ((r = database_step(s)) == 1) {
        take(naive, s);
    }
    assert_int_equal(r, 0);
    (void)sqlite3_finalize(s);
}

/* Out of order, a minute may have a weight in one way and none in the other. */
static bool is_compared(const struct naive *naive, const struct naive_cell *cell)
{
    bool has_value = naive->bench->in_order;
    for (size_t i = 0; i < SIGNALS_MAX; i++) {
        has_value = has_value || cell->buckets[i].count > 0;
    }
    return has_value;
}

static size_t count_compared(const struct naive *naive)
{
    size_t count = 0;
    for (size_t i = 0; i < naive->count; i++) {
        count += is_compared(naive, &naive->cells[i]);
    }
    return count;
}

static void check_minutes(const struct naive *naive, const struct naive *found)
{
    assert_int_equal(count_compared(found), count_compared(naive));
    for (size_t i = 0; i < naive->count; i++) {
        const struct naive_cell *wanted = &naive->cells[i];
        if (!is_compared(naive, wanted)) {
            continue;
        }
        const struct naive_cell *cell =
            naive_find(found, wanted->bus, wanted->message, wanted->start_us);
        assert_non_null(cell);
        for (size_t k = 0; k < wanted->message->signal_count; k++) {
            check_bucket(naive->bench, &cell->buckets[k], &wanted->buckets[k]);
        }
    }
}

static void assert_verified(sqlite3 *db)
{
    struct log_report report = {.count = 0};
    assert_int_equal(log_check_run(db, &report), 0);
    for (size_t i = 0; i < report.count; i++) {
        const struct log_finding *finding = &report.findings[i];
        if (!finding->ok && strcmp(finding->name, "rollups") == 0) {
            fail_msg("%s", finding->text);
        }
    }
}

void rollup_read_minutes(struct naive *found, sqlite3 *db)
{
    for_each_row(db,
                 "SELECT bus, message, start_us, data FROM rollups"
                 " JOIN series ON series.id = rollups.series WHERE level_s = 60",
                 take_minute, found);
    for_each_row(db,
                 "SELECT bus, message, hour_us, data, signal FROM minutes"
                 " JOIN series ON series.id = minutes.series",
                 take_packed, found);
}

uint64_t check_rollups(struct rollup_bench *bench)
{
    uint64_t seq =
        (uint64_t)bench_ask(bench, "SELECT max(value) FROM state WHERE name = 'rollup_seq'");
    struct naive naive;
    naive_read(&naive, bench, seq);
    sqlite3 *db = bench_database(bench);
    for_each_row(db,
                 "SELECT bus, message, start_us, data FROM rollups"
                 " JOIN series ON series.id = rollups.series WHERE level_s = 3600",
                 check_hour, &naive);
    struct naive found = {.bench = bench};
    rollup_read_minutes(&found, db);
    check_minutes(&naive, &found);
    assert_verified(db);
    (void)sqlite3_close(db);
    free(naive.cells);
    free(found.cells);
    return seq;
}

int64_t count_loose(struct rollup_bench *bench, int64_t before_us)
{
    char sql[160];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM rollups WHERE level_s < 3600 AND start_us < %lld",
                   (long long)before_us);
    return bench_ask(bench, sql);
}

void assert_bytes_are_known(struct rollup_bench *bench)
{
    assert_int_equal(bench_ask(bench, "SELECT sum(length(data)) + 32 * count(*) FROM"
                                      " (SELECT data FROM rollups UNION ALL"
                                      " SELECT data FROM minutes)"),
                     bench_ask(bench, "SELECT value FROM state WHERE name = 'rollup_bytes'"));
}

void assert_hours_are_packed(struct rollup_bench *bench)
{
    int64_t open_us = bench->now_us - bench->now_us % STORE_HOUR_US - STORE_HOUR_US;
    assert_int_equal(count_loose(bench, open_us), 0);
    assert_true(bench_ask(bench, "SELECT max(hour_us) FROM minutes") < open_us);
    assert_int_equal(bench_ask(bench, "SELECT min(hour_us) FROM minutes"), FIRST_HOUR_US);
    assert_true(count_loose(bench, INT64_MAX) > 60);
    assert_bytes_are_known(bench);
}

void check_rows_of_four_hours(struct rollup_bench *bench)
{
    srand(test_seed());
    bench->step_us = 300000; /* 90,000 frames take four hours */
    bench_open(bench);
    bench_append(bench, 90000);
    struct store_rollup_stats stats = store_stats(bench->store).rollup;
    assert_false(stats.behind);
    assert_int_equal(stats.faults, 0);
    assert_true(stats.writes >= 3);
    bench_close(bench);
    assert_true(stats.seq > 60000);
    assert_int_equal(check_rollups(bench), 90000); /* the end of the run writes the rest */
    assert_true(bench_ask(bench, "SELECT count(DISTINCT start_us) FROM rollups"
                                 " WHERE level_s = 3600") >= 3);
    assert_hours_are_packed(bench);
}
