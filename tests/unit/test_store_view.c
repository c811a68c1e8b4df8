#include "edge-gateway/store/log_walk.h"

#include "tests/unit/log_tables.h"
#include "tests/unit/seed.h"

#define SEGMENTS 40
#define RECORDS  200 /* of a segment, at most */

static void add_random_segment(sqlite3 *db, struct segment_builder *builder, int64_t *ts_us)
{
    char text[SEGMENT_EVENT_MAX_BYTES];
    int records = 1 + rand() % RECORDS;
    for (int i = 0; i < records; i++) {
        struct segment_record record = random_record(*ts_us, text);
        record.frame.ts_us = *ts_us;
        assert_true(append_record(builder, &record));
        *ts_us += random_step_us();
    }
    const struct segment segment = segment_builder_view(builder);
    insert_segment(db, &segment);
    segment_builder_reset(builder, segment.first_seq + segment.count);
}

/* A log of random segments, some seqs apart. */
static sqlite3 *make_random_log(struct files *files)
{
    int64_t ts_us = INT64_C(1795423160000000);
    struct segment_builder *builder = NULL;
    sqlite3 *db = open_log(files);
    exec(db, "INSERT INTO buses VALUES (0, 'can0'), (1, 'body')"); /* there are frames of a third */
    assert_int_equal(segment_builder_new((size_t)1 << 20, &builder), 0);
    segment_builder_reset(builder, 1);
    for (int i = 0; i < SEGMENTS; i++) {
        add_random_segment(db, builder, &ts_us);
        const struct segment next = segment_builder_view(builder);
        segment_builder_reset(builder, next.first_seq + (uint64_t)(rand() % 2) * 1000);
    }
    segment_builder_free(builder);
    return db;
}

static void assert_column(sqlite3_stmt *row, int column, const char *expected)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    if (expected == NULL) {
        assert_null(text);
    } else {
        assert_non_null(text);
        assert_string_equal(text, expected);
    }
}

static void assert_flags(sqlite3_stmt *row, int first_column, uint8_t flags)
{
    static const uint8_t bits[] = {FRAME_EXTENDED, FRAME_REMOTE, FRAME_ERROR, FRAME_FD};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(sqlite3_column_int(row, first_column + i), (flags & bits[i]) != 0);
    }
}

/* The next row is this frame. Columns: seq, ts, bus, can_id, extended, remote, error, fd, len,
 * data. */
static void assert_next_row(sqlite3_stmt *rows, const struct segment_record *record)
{
    static const char *const names[] = {"can0", "body", NULL};
    const struct frame *frame = &record->frame;
    char data[2 * FRAME_DATA_MAX_BYTES + 1] = "";
    for (size_t i = 0; i < frame->len && (frame->flags & FRAME_REMOTE) == 0; i++) {
        (void)snprintf(data + 2 * i, 3, "%02X", frame->data[i]);
    }
    assert_int_equal(database_step(rows), 1);
    assert_int_equal(sqlite3_column_int64(rows, 0), record->seq);
    assert_true(sqlite3_column_double(rows, 1) == (double)frame->ts_us / 1e6);
    assert_column(rows, 2, names[frame->bus]);
    assert_int_equal(sqlite3_column_int64(rows, 3), frame->can_id);
    assert_flags(rows, 4, frame->flags);
    assert_int_equal(sqlite3_column_int(rows, 8), frame->len);
    assert_column(rows, 9, data);
}

static uint64_t assert_rows_of_segment(sqlite3_stmt *rows, const struct segment *segment)
{
    struct segment_reader reader;
    struct segment_record record;
    enum segment_kind kind;
    uint64_t frames = 0;
    segment_reader_init(&reader, segment);
    while ((kind = segment_next(&reader, &record)) != SEGMENT_END) {
        assert_int_not_equal(kind, SEGMENT_CORRUPT);
        if (kind == SEGMENT_FRAME) {
            assert_next_row(rows, &record);
            frames++;
        }
    }
    return frames;
}

static void its_rows_are_the_frames_of_the_log(void **state)
{
    srand(test_seed());
    sqlite3 *db = make_random_log(*state);
    sqlite3_stmt *rows = NULL;
    struct log_walk *walk = NULL;
    struct log_item item;
    uint64_t frames = 0;
    assert_int_equal(database_prepare(db,
                                      "SELECT seq, ts, bus, can_id, extended, remote, error, fd,"
                                      " len, data FROM can_messages",
                                      &rows),
                     0);
    assert_int_equal(log_walk_new(db, &(struct log_span){0}, &walk), 0);
    while (log_walk_next(walk, &item) == 1) {
        frames += assert_rows_of_segment(rows, &item.segment);
    }
    assert_int_equal(database_step(rows), 0);
    assert_true(frames > SEGMENTS);
    log_walk_free(walk);
    assert_int_equal(sqlite3_finalize(rows), SQLITE_OK);
    database_close(db);
}

static void insert_frame_at(sqlite3 *db, uint64_t seq, int64_t ts_us)
{
    insert_frames(db, seq, 1, ts_us);
}

static void the_time_is_text_too(void **state)
{
    sqlite3 *db = open_log(*state);
    insert_frame_at(db, 1, INT64_C(1795423160000001));
    insert_frame_at(db, 2, 0);
    insert_frame_at(db, 3, -1);
    insert_frame_at(db, 4, -1000000);
    assert_answer(db, "SELECT group_concat(time) FROM can_messages",
                  "2026-11-23 08:39:20.000001,1970-01-01 00:00:00.000000,"
                  "1969-12-31 23:59:59.999999,1969-12-31 23:59:59.000000");
    database_close(db);
}

static void a_log_without_frames_has_no_rows(void **state)
{
    sqlite3 *db = open_log(*state);
    struct segment_builder *builder = NULL;
    assert_answer(db, "SELECT count(*) FROM can_messages", "0");
    assert_int_equal(segment_builder_new(65536, &builder), 0);
    assert_true(segment_append_void(builder, 7, SEGMENT_VOID_STALLED));
    const struct segment segment = segment_builder_view(builder);
    insert_segment(db, &segment);
    segment_builder_free(builder);
    assert_answer(db, "SELECT count(*) FROM can_messages", "0");
    database_close(db);
}

static void a_damaged_segment_does_not_stop_the_rows_after_it(void **state)
{
    sqlite3 *db = open_log(*state);
    insert_frames(db, 1, 100, 0);
    insert_frames(db, 101, 100, 0);
    exec(db, "UPDATE segments SET records = substr(records, 3), keys = x'' WHERE first_seq = 1");
    assert_answer(db, "SELECT count(*) FROM can_messages WHERE seq > 100 AND can_id = 256", "100");
    database_close(db);
}

/* Counted in steps of SQLite's machine: one that looked at each segment first would need many more.
 */
static void the_first_rows_come_at_once_however_long_the_log_is(void **state)
{
    sqlite3 *db = open_log(*state);
    insert_frames(db, 1, 1000, 0);
    exec(db,
         "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1000 FROM n WHERE i < 3000000)"
         " INSERT INTO segments SELECT first_seq + i, last_seq + i, base_us, from_us, to_us,"
         " boot, clock_set, thinned, crc, keys, records FROM segments, n");
    sqlite3_stmt *rows = NULL;
    assert_int_equal(database_prepare(db, "SELECT seq FROM can_messages LIMIT 5", &rows), 0);
    for (int64_t seq = 1; seq <= 5; seq++) {
        assert_int_equal(database_step(rows), 1);
        assert_int_equal(sqlite3_column_int64(rows, 0), seq);
    }
    assert_int_equal(database_step(rows), 0);
    assert_true(sqlite3_stmt_status(rows, SQLITE_STMTSTATUS_VM_STEP, 0) < 5000);
    assert_int_equal(sqlite3_finalize(rows), SQLITE_OK);
    database_close(db);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_files, remove_files)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(its_rows_are_the_frames_of_the_log),
        CASE(the_time_is_text_too),
        CASE(a_log_without_frames_has_no_rows),
        CASE(a_damaged_segment_does_not_stop_the_rows_after_it),
        CASE(the_first_rows_come_at_once_however_long_the_log_is),
    };
    return cmocka_run_group_tests_name("store_view", tests, NULL, NULL);
}
