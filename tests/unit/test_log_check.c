#include "edge-gateway/store/log_check.h"

#include "edge-gateway/store/store_seal.h"
#include "tests/unit/dbc_text.h"
#include "tests/unit/log_tables.h"
#include "tests/unit/store_bench.h"

#include <errno.h>

#define T0_US INT64_C(1795423160000000)

/* One bucket, as bucket_encode() writes it. */
#define FIVE_VALUES                              \
    "x'1105000000000000000000000000000000000000" \
    "000000000000000000000000000000000000'"

/* The same of the first minute of an hour, as bucket_pack_encode() writes it. */
#define FIVE_PACKED                              \
    "x'0011050000000000000000000000000000000000" \
    "00000000000000000000000000000000000000'"

/* Seqs 1 to 10 are gone; segments 11-20, 31-40 and, of voids alone, 41-45; a gap 21-30; 10 more are
 * reserved. */
static sqlite3 *make_log(struct files *files)
{
    sqlite3 *db = open_log(files);
    struct segment_builder *builder = NULL;
    exec(db, "INSERT INTO buses VALUES (0, 'can0')");
    insert_frames(db, 11, 10, T0_US);
    insert_gap(db, 21, 30, "restart");
    insert_frames(db, 31, 10, T0_US + 1000000);
    assert_int_equal(segment_builder_new(65536, &builder), 0);
    segment_builder_reset(builder, 41);
    assert_true(segment_append_void(builder, 5, SEGMENT_VOID_STALLED));
    const struct segment voids = segment_builder_view(builder);
    insert_segment(db, &voids);
    segment_builder_free(builder);
    exec(db, "INSERT INTO state VALUES ('reserved_seq', 55), ('acknowledged_seq', 15)");
    exec(db, "INSERT INTO series VALUES (1, 'can0', 'M', '[\"A\"]', 0);"
             "INSERT INTO rollups VALUES (1, 60, 7200000000, " FIVE_VALUES "),"
             " (1, 900, 7200000000, " FIVE_VALUES "), (1, 3600, 0, " FIVE_VALUES ");"
             "INSERT INTO minutes VALUES (1, 0, 0, " FIVE_PACKED ");"
             "INSERT INTO summaries VALUES (12, 25, 1, 0, 0, 5, " FIVE_VALUES ");"
             "INSERT INTO zones VALUES (11, 20, 0, 0, 1, 10), (21, 40, 0, 0, 1, 10);"
             "INSERT INTO state VALUES ('rollup_seq', 40)");
    return db;
}

static void check(sqlite3 *db, struct log_report *report)
{
    memset(report, 0, sizeof(*report));
    assert_int_equal(log_check_run(db, report), 0);
}

static void assert_holds(const struct log_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        if (!report->findings[i].ok) {
            fail_msg("%s: %s", report->findings[i].name, report->findings[i].text);
        }
    }
}

static void a_good_log_holds_and_its_figures_are_right(void **state)
{
    sqlite3 *db = make_log(*state);
    struct log_report report;
    check(db, &report);
    assert_holds(&report);
    assert_int_equal(report.count, 12);
    assert_int_equal(report.figures.segments, 3);
    assert_int_equal(report.figures.frames, 20);
    assert_int_equal(report.figures.voids[SEGMENT_VOID_STALLED], 5);
    assert_int_equal(report.figures.gaps[SEGMENT_VOID_RESTART], 10);
    assert_int_equal(report.figures.oldest, 11);
    assert_int_equal(report.figures.newest, 45);
    assert_int_equal(report.figures.reserved, 55);
    assert_int_equal(report.figures.acknowledged, 15);
    database_close(db);
}

static void an_empty_log_holds(void **state)
{
    sqlite3 *db = open_log(*state);
    struct log_report report;
    check(db, &report);
    assert_holds(&report);
    assert_int_equal(report.figures.oldest, 0);
    database_close(db);
}

/* Gaps may lie below the oldest segment, with acknowledged seqs between them. */
static void what_was_acknowledged_may_be_gone_below_the_oldest_segment(void **state)
{
    sqlite3 *db = make_log(*state);
    struct log_report report;
    insert_gap(db, 3, 5, "quota_bytes");
    insert_gap(db, 8, 8, "quota_age");
    check(db, &report);
    assert_holds(&report);
    exec(db, "UPDATE state SET value = 9 WHERE name = 'acknowledged_seq'");
    check(db, &report);
    assert_int_equal(log_report_faults(&report), 1); /* 9 and 10 */
    database_close(db);
}

struct log_fault {
    const char *sql;
    const char *name;
    const char *text; /* part of it */
};

static const struct log_fault faults[] = {
    {"UPDATE segments SET crc = 0 WHERE first_seq = 31", "checksums",
     "segment 31 to 40 has another checksum"},
    {"UPDATE segments SET records = zeroblob(length(records)) WHERE first_seq = 31", "checksums",
     "segment 31 to 40"},
    {"UPDATE segments SET from_us = from_us - 1 WHERE first_seq = 31", "times",
     "segment 31 to 40 is of 1795423161000000 to 1795423161009000 us, its row says"
     " 1795423160999999"},
    {"UPDATE segments SET to_us = to_us + 1 WHERE first_seq = 31", "times", "segment 31 to 40"},
    {"UPDATE segments SET base_us = base_us + 1 WHERE first_seq = 31", "times", "segment 31 to 40"},
    {"UPDATE segments SET to_us = -1 WHERE first_seq = 41", "times", "segment 41 to 45"},
    {"UPDATE segments SET last_seq = 39 WHERE first_seq = 31;"
     " INSERT INTO gaps VALUES (40, 40, 'corrupt')",
     "contents", "segment 31 to 39 cannot be read from seq 40 on"},
    {"UPDATE buses SET id = 1", "contents", "seq 11 is of bus 0, which has no name; and 19 more"},
    {"UPDATE gaps SET reason = 'lost' WHERE first_seq = 21", "gaps",
     "the reason of gap 21 to 30 is 'lost'"},
    {"DELETE FROM segments WHERE first_seq = 31", "coverage",
     "seqs 31 to 40 are in no segment and no gap"},
    {"UPDATE state SET value = 44 WHERE name = 'acknowledged_seq';"
     " DELETE FROM segments WHERE first_seq = 31",
     "coverage", "seqs 31 to 40"}, /* also when they are acknowledged */
    {"DELETE FROM gaps", "coverage", "seqs 21 to 30 are in no segment and no gap"},
    {"UPDATE gaps SET last_seq = 28", "coverage", "seqs 29 to 30 are in no segment and no gap"},
    {"UPDATE gaps SET last_seq = 33", "coverage",
     "seqs 31 to 33 are there twice, the second time in the segment from 31 to 40"},
    {"INSERT INTO gaps VALUES (31, 40, 'stalled')", "coverage", "seqs 31 to 40 are there twice"},
    {"INSERT INTO gaps VALUES (33, 35, 'stalled')", "coverage",
     "seqs 33 to 35 are there twice, the second time in the gap from 33 to 35"},
    {"UPDATE gaps SET first_seq = 30, last_seq = 21", "coverage", "a gap is from 30 to 21"},
    {"INSERT INTO gaps VALUES (-3, -1, 'stalled')", "coverage", "a gap is from -3 to -1"},
    {"UPDATE state SET value = 10 WHERE name = 'acknowledged_seq';"
     " DELETE FROM segments WHERE first_seq = 11",
     "coverage", "seqs 1 to 20 are in no segment and no gap"},
    {"UPDATE state SET value = 44 WHERE name = 'reserved_seq'", "reservation",
     "the newest seq is 45, reserved are those up to 44"},
    {"DELETE FROM state WHERE name = 'reserved_seq';"
     " DELETE FROM state WHERE name = 'acknowledged_seq'",
     "reservation", "reserved are those up to 0"},
    {"UPDATE state SET value = -1 WHERE name = 'reserved_seq'", "reservation", "the newest"},
    {"UPDATE state SET value = 56 WHERE name = 'acknowledged_seq'", "acknowledgement",
     "acknowledged are seqs up to 56, given out are at most 55"},
    {"UPDATE summaries SET first_seq = 22", "summaries", "of seqs 22 to 25 is damaged"},
    {"UPDATE summaries SET data = x'00ff'", "summaries", "of seqs 12 to 25 is damaged"},
    {"UPDATE rollups SET start_us = start_us + 1 WHERE level_s = 60", "rollups",
     "series 1, 60 s from 7200000001 us on is damaged"},
    {"UPDATE rollups SET data = x'' WHERE level_s = 3600", "rollups",
     "series 1, 3600 s from 0 us on is damaged"},
    {"UPDATE rollups SET data = x'00' WHERE level_s = 3600", "rollups",
     "series 1, 3600 s from 0 us on: 0 values, in its minutes 5"},
    {"INSERT INTO rollups VALUES (1, 60, 60000000, " FIVE_VALUES ")", "rollups",
     "series 1, 3600 s from 0 us on: 5 values, in its minutes 10"},
    {"UPDATE minutes SET hour_us = 60000000", "rollups",
     "series 1, signal 0: the minutes from 60000000 us on are damaged"},
    {"UPDATE minutes SET signal = 1", "rollups",
     "series 1, signal 1: the minutes from 0 us on are damaged"},
    {"UPDATE minutes SET data = x''", "rollups",
     "series 1, signal 0: the minutes from 0 us on are damaged"},
    {"UPDATE minutes SET data = substr(data, 1, 20)", "rollups",
     "series 1, signal 0: the minutes from 0 us on are damaged"},
    {"UPDATE zones SET first_seq = 22 WHERE first_seq = 21", "zones",
     "1 do not follow the one before"},
    {"UPDATE state SET value = 39 WHERE name = 'rollup_seq'", "zones",
     "2 up to seq 40, 0 do not follow the one before; rolled up are seqs up to 39"},
};

static void assert_names(const struct log_report *report, const struct log_fault *fault)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct log_finding *finding = &report->findings[i];
        if (!finding->ok && strcmp(finding->name, fault->name) == 0) {
            if (strstr(finding->text, fault->text) == NULL) {
                fail_msg("%s: '%s' is not in '%s'", fault->sql, fault->text, finding->text);
            }
            return;
        }
    }
    fail_msg("%s: no fault of the %s", fault->sql, fault->name);
}

static void each_fault_is_named(void **state)
{
    sqlite3 *db = make_log(*state);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct log_report report;
        exec(db, "BEGIN");
        exec(db, faults[i].sql);
        check(db, &report);
        exec(db, "ROLLBACK");
        assert_names(&report, &faults[i]);
    }
    database_close(db);
}

/* With the right checksum: the writer itself went wrong. */
static void contents_that_contradict_themselves_are_named(void **state)
{
    sqlite3 *db = make_log(*state);
    static const uint8_t keys[8] = {0, 0, 1, 0, 0, 0, 1, 0};
    static const uint8_t records[] = {0, 8, 0, 0, 7, 0, 8};
    struct segment segment = {.first_seq = 46,
                              .count = 2,
                              .keys = keys,
                              .keys_bytes = sizeof(keys),
                              .records = records,
                              .records_bytes = sizeof(records)};
    struct log_report report;
    insert_segment(db, &segment);
    check(db, &report);
    assert_names(&report, &(struct log_fault){"half a record", "contents",
                                              "segment 46 to 47 cannot be read from seq 47 on: it"
                                              " does not decode to its 2 seqs"});
    assert_int_equal(log_report_faults(&report), 1);
    database_close(db);
}

static void damage_of_the_file_is_named(void **state)
{
    struct files *files = *state;
    sqlite3 *db = make_log(files);
    char records[4096];
    memset(records, 'x', sizeof(records));
    database_close(db);
    FILE *file = fopen(files->path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, sizeof(records), SEEK_SET), 0); /* the second page and on */
    for (int i = 0; i < 8; i++) {
        assert_int_equal(fwrite(records, 1, sizeof(records), file), sizeof(records));
    }
    assert_int_equal(fclose(file), 0);
    const struct database_options options = {.path = files->path, .read_only = true};
    struct log_report report;
    assert_int_equal(database_open(&options, &db, files->error), 0);
    check(db, &report);
    assert_names(&report, &(struct log_fault){"damage", "database", "quick_check: "});
    assert_names(&report, &(struct log_fault){"damage", "reading", "cannot be read after seq 0"});
    assert_int_equal(report.count, 2); /* nothing is called good that was not seen */
    database_close(db);
}

/* Until the end of the test the seal says what the text does. */
static void a_seal_that_cannot_be_read_is_named(void **state)
{
    struct files *files = *state;
    sqlite3 *db = make_log(files);
    char path[PATH_MAX];
    struct log_report report;
    struct store_seal seal;
    struct store_seal_found found;
    (void)snprintf(path, sizeof(path), "%s.seal", files->path);
    assert_int_equal(store_seal_open(&seal, path, &found), 0);
    assert_int_equal(store_seal_write_both(&seal, (struct store_seal_state){45, 0}), 0);
    check(db, &report);
    assert_holds(&report);
    assert_int_equal(store_seal_write_both(&seal, (struct store_seal_state){44, 0}), 0);
    check(db, &report);
    assert_names(&report, &(struct log_fault){"less", "seal", "reserves seqs up to 44"});
    store_seal_close(&seal);
    write_bytes(path, "x", 1);
    check(db, &report);
    assert_names(&report, &(struct log_fault){"garbage", "seal", "it cannot be read"});
    database_close(db);
}

static void other_databases_are_refused(void **state)
{
    sqlite3 *db = open_notes(*state, 1);
    struct log_report report = {.count = 0};
    assert_int_equal(log_check_run(db, &report), -EINVAL);
    database_close(db);
}

static sqlite3 *open_bench_log(struct store_bench *bench)
{
    const struct database_options options = {
        .path = bench->path, .read_only = true, .busy_timeout_ms = BUSY_MS};
    sqlite3 *db = NULL;
    assert_int_equal(database_open(&options, &db, NULL), 0);
    return db;
}

static void a_log_at_work_holds(void **state)
{
    struct store_bench *b = *state;
    struct log_report report;
    store_bench_open(b);
    sqlite3 *db = open_bench_log(b);
    for (int i = 0; i < 20; i++) {
        uint64_t newest = store_bench_append_many(b, 500);
        store_acknowledge(b->store, newest - 100);
        store_bench_run_until_committed(b, newest);
        check(db, &report);
        assert_holds(&report);
        assert_true(report.figures.newest >= newest);
    }
    database_close(db);
}

/* The live lane is faster than the disk: the broker has what was not committed yet. */
static void a_log_holds_after_a_kill_when_the_cursor_was_ahead(void **state)
{
    struct store_bench *b = *state;
    struct log_report report;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        store_bench_open(b);
        (void)store_bench_append_many(b, 100);
        store_acknowledge(b->store, 150);
        store_bench_run_until_committed(b, 100);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    store_bench_open(b);
    assert_int_equal(store_opened_at(b->store).acknowledged, 150);
    store_bench_run_until_committed(b, store_bench_append_many(b, 1));
    sqlite3 *db = open_bench_log(b);
    check(db, &report);
    database_close(db);
    assert_holds(&report);
    uint64_t given = store_opened_at(b->store).newest;
    assert_int_equal(report.figures.gaps[SEGMENT_VOID_RESTART], given - 100);
}

/* A full log of old readings, which all become summaries: segments of voids alone, and others. */
static void a_thinned_log_holds(void **state)
{
    static const enum store_priority low = STORE_PRIORITY_LOW;
    struct store_bench *b = *state;
    struct log_report report;
    struct dbc_text dbc;
    dbc_text_init(&dbc, "VERSION \"\"\nBU_: N\nBO_ 256 Low: 8 N\n"
                        " SG_ Number : 0|32@1+ (1,0) [0|0] \"\" N\n");
    const struct store_bus bus = {.name = "can0", .database = dbc.db, .priorities = &low};
    b->options.buses = &bus;
    b->options.bus_count = 1;
    b->options.quota_bytes = (uint64_t)1 << 20;
    b->options.thinning = (struct store_thinning){
        .from_percent = 20, .older_than_us = 60 * US_PER_S, .interval_us = 10 * US_PER_S};
    store_bench_open(b);
    struct frame frame = {
        .ts_us = loop_realtime_us(b->loop) - 3600 * US_PER_S, .can_id = 0x100, .len = 8};
    for (uint64_t seq = 1; seq <= 60000; seq++) {
        frame.ts_us += 1000;
        assert_int_equal(store_append_frame(b->store, &frame), seq);
        if (seq % 1000 == 0) {
            store_bench_run_until_committed(b, seq);
        }
    }
    sqlite3 *db = open_bench_log(b);
    check(db, &report);
    database_close(db);
    store_bench_close(b);
    dbc_text_deinit(&dbc);
    assert_holds(&report);
    assert_true(report.figures.voids[SEGMENT_VOID_THINNED] > 10000);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_files, remove_files)
#define BENCH_CASE(name) \
    cmocka_unit_test_setup_teardown(name, store_bench_set_up, store_bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_good_log_holds_and_its_figures_are_right),
        CASE(an_empty_log_holds),
        CASE(what_was_acknowledged_may_be_gone_below_the_oldest_segment),
        CASE(each_fault_is_named),
        CASE(contents_that_contradict_themselves_are_named),
        CASE(damage_of_the_file_is_named),
        CASE(a_seal_that_cannot_be_read_is_named),
        CASE(other_databases_are_refused),
        BENCH_CASE(a_log_at_work_holds),
        BENCH_CASE(a_thinned_log_holds),
        BENCH_CASE(a_log_holds_after_a_kill_when_the_cursor_was_ahead),
    };
    return cmocka_run_group_tests_name("log_check", tests, NULL, NULL);
}
