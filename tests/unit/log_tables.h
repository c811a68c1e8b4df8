/* A frame log of a test's own making: rows of the tables `segments`, `gaps` and `buses`, without a
 * store. */
#ifndef EDGE_TESTS_UNIT_LOG_TABLES_H
#define EDGE_TESTS_UNIT_LOG_TABLES_H

#include "edge-gateway/framelog/segment_builder.h"
#include "edge-gateway/store/store_schema.h"
#include "tests/unit/database_files.h"
#include "tests/unit/segment_help.h"

#include <inttypes.h>

static inline sqlite3 *open_log(struct files *files)
{
    const struct database_options options = {
        .path = files->path, .busy_timeout_ms = BUSY_MS, .schema = &store_schema};
    sqlite3 *db = NULL;
    int r = database_open(&options, &db, files->error);
    if (r < 0) {
        fail_msg("%d: %s", r, files->error);
    }
    exec(db, "INSERT INTO boots (id, uuid) VALUES (1, 'a boot')");
    return db;
}

static inline void insert_segment(sqlite3 *db, const struct segment *segment)
{
    sqlite3_stmt *s = NULL;
    assert_int_equal(database_prepare(db,
                                      "INSERT INTO segments VALUES"
                                      " (?1, ?2, ?3, ?4, ?5, 1, 1, 0, ?6, ?7, ?8)",
                                      &s),
                     0);
    const int64_t numbers[] = {
        (int64_t)segment->first_seq,
        (int64_t)(segment->first_seq + segment->count - 1),
        segment->base_us,
        segment->from_us,
        segment->to_us,
        segment_crc(segment),
    };
    for (int i = 0; i < 6; i++) {
        assert_int_equal(sqlite3_bind_int64(s, i + 1, numbers[i]), SQLITE_OK);
    }
    assert_int_equal(
        sqlite3_bind_blob64(s, 7, segment->keys, segment->keys_bytes, SQLITE_TRANSIENT), SQLITE_OK);
    assert_int_equal(
        sqlite3_bind_blob64(s, 8, segment->records, segment->records_bytes, SQLITE_TRANSIENT),
        SQLITE_OK);
    assert_int_equal(database_step(s), 0);
    assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
}

static inline void insert_gap(sqlite3 *db, uint64_t first, uint64_t last, const char *reason)
{
    char sql[160];
    (void)snprintf(sql, sizeof(sql), "INSERT INTO gaps VALUES (%" PRIu64 ", %" PRIu64 ", '%s')",
                   first, last, reason);
    exec(db, sql);
}

/* `count` frames of id 0x100 from `first` on, one each millisecond from `ts_us`. */
static inline void insert_frames(sqlite3 *db, uint64_t first, uint64_t count, int64_t ts_us)
{
    struct segment_builder *builder = NULL;
    assert_int_equal(segment_builder_new(65536, &builder), 0);
    segment_builder_reset(builder, first);
    for (uint64_t i = 0; i < count; i++) {
        const struct frame frame = {
            .ts_us = ts_us + (int64_t)i * 1000, .can_id = 0x100, .len = 1, .data = {(uint8_t)i}};
        assert_true(segment_append_frame(builder, &frame));
    }
    const struct segment segment = segment_builder_view(builder);
    insert_segment(db, &segment);
    segment_builder_free(builder);
}

#endif
