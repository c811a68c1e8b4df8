#include "edge-gateway/store/store_reader.h"

#include "common/database.h"
#include "edge-gateway/dbc/dbc_arena.h"
#include "edge-gateway/store/store_row.h"
#include "edge-gateway/store/store_summaries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_TIMEOUT_MS 1000

enum {
    FIND_SEGMENT,
    FIND_NEXT,
    FIND_GAP,
    FIND_SUMMARIES,
    STATEMENT_COUNT
};

#define CLOCK_SET STORE_ROW_COLUMN_COUNT /* of FIND_SEGMENT; of an earlier boot, none will be */

static const char *const sql[STATEMENT_COUNT] = {
    [FIND_SEGMENT] = "SELECT " STORE_ROW_COLUMNS
                     ", clock_set OR boot <> (SELECT max(id) FROM boots) FROM segments"
                     " WHERE first_seq <= ?1 ORDER BY first_seq DESC LIMIT 1",
    [FIND_NEXT] = "SELECT min(coalesce((SELECT min(first_seq) FROM segments WHERE first_seq > ?1),"
                  "  9223372036854775807), coalesce((SELECT min(first_seq) FROM gaps"
                  "  WHERE first_seq > ?1), 9223372036854775807))",
    [FIND_GAP] = "SELECT last_seq, reason FROM gaps"
                 " WHERE first_seq <= ?1 ORDER BY first_seq DESC LIMIT 1",
    [FIND_SUMMARIES] = STORE_SUMMARIES_SQL,
};

struct store_reader {
    const char *path;
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    struct store_row_blobs blobs; /* of the segment that was read last */
    struct dbc_arena arena;       /* its summaries */
};

int store_reader_new(const char *path, struct store_reader **ret)
{
    struct store_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL) {
        return -ENOMEM;
    }
    reader->path = path;
    *ret = reader;
    return 0;
}

static void close_database(struct store_reader *reader)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        (void)sqlite3_finalize(reader->statements[i]); /* repeats a fault that was reported */
        reader->statements[i] = NULL;
    }
    database_close(reader->db);
    reader->db = NULL;
}

void store_reader_free(struct store_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    close_database(reader);
    store_row_blobs_deinit(&reader->blobs);
    dbc_arena_deinit(&reader->arena);
    free(reader);
}

/* Another file may be in its place by now: a damaged one is set aside. */
static int open_database(struct store_reader *reader)
{
    const struct database_options options = {
        .path = reader->path, .read_only = true, .busy_timeout_ms = BUSY_TIMEOUT_MS};
    if (reader->db != NULL && database_has_moved(reader->db)) {
        close_database(reader);
    }
    int r = reader->db == NULL ? database_open(&options, &reader->db, NULL) : 0;
    for (int i = 0; r == 0 && i < STATEMENT_COUNT; i++) {
        if (reader->statements[i] == NULL) {
            r = database_prepare(reader->db, sql[i], &reader->statements[i]);
        }
    }
    return r;
}

/* 1: a row, to be ended with sqlite3_reset(); 0: none; -errno. */
static int find(struct store_reader *reader, int statement, uint64_t seq, sqlite3_stmt **ret)
{
    sqlite3_stmt *s = reader->statements[statement];
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)seq); /* the index exists */
    *ret = s;
    return database_step(s);
}

/* The first seq of the segment or gap after `seq`; INT64_MAX: there is none. 0 or -errno. */
static int find_next(struct store_reader *reader, uint64_t seq, uint64_t *ret)
{
    sqlite3_stmt *row;
    int r = find(reader, FIND_NEXT, seq, &row);
    if (r != 1) {
        return r < 0 ? r : -EBADMSG;
    }
    uint64_t next = (uint64_t)sqlite3_column_int64(row, 0);
    (void)sqlite3_reset(row); /* the step's result is known */
    if (next <= seq || next > INT64_MAX) {
        return -EBADMSG; /* the tree is out of order */
    }
    *ret = next;
    return 0;
}

/* The segment whose place this is cannot be trusted, not even in where it ends. */
static int declare_corrupt(struct store_reader *reader, uint64_t seq, uint64_t last,
                           struct store_fetched *ret)
{
    uint64_t next;
    int r = find_next(reader, seq, &next);
    if (r == 0) {
        *ret = (struct store_fetched){.found = STORE_FOUND_VOID,
                                      .first = seq,
                                      .last = last < next ? last : next - 1,
                                      .reason = SEGMENT_VOID_CORRUPT};
    }
    return r;
}

/* 1: *ret has it; 0: `row` does not reach as far as `seq`; -errno. */
static int take_segment(struct store_reader *reader, sqlite3_stmt *row, uint64_t seq,
                        struct store_fetched *ret)
{
    struct segment segment = store_row_head(row);
    uint64_t last = segment.first_seq + segment.count - 1;
    if (segment.first_seq > seq) {
        return -EBADMSG; /* the tree is out of order */
    }
    if (last < seq) {
        return 0;
    }
    int r = store_row_take(row, &reader->blobs, &segment);
    if (r == 0) {
        *ret = (struct store_fetched){.found = STORE_FOUND_SEGMENT,
                                      .segment = segment,
                                      .clock_set = sqlite3_column_int(row, CLOCK_SET) != 0};
        r = store_summaries_read(reader->statements[FIND_SUMMARIES], &segment, &reader->arena,
                                 &ret->summaries);
    } else if (r == -EBADMSG) {
        r = declare_corrupt(reader, seq, last, ret);
    }
    return r < 0 ? r : 1;
}

/* Of the gap in this row; one that gives no reason we know is as good as damaged. */
static enum segment_void reason_of(sqlite3_stmt *row)
{
    enum segment_void reason = SEGMENT_VOID_CORRUPT;
    (void)segment_void_from_text((const char *)sqlite3_column_text(row, 1), &reason);
    return reason;
}

/* Between segments: a gap says why. Without one, whatever was there is lost. */
static int describe_hole(struct store_reader *reader, uint64_t seq, struct store_fetched *ret)
{
    uint64_t next;
    sqlite3_stmt *row;
    int r = find_next(reader, seq, &next);
    if (r < 0) {
        return r;
    }
    r = find(reader, FIND_GAP, seq, &row);
    uint64_t gap_last = r == 1 ? (uint64_t)sqlite3_column_int64(row, 0) : 0;
    if (r == 1 && gap_last >= seq) {
        *ret = (struct store_fetched){
            .found = STORE_FOUND_VOID,
            .first = seq,
            .last = gap_last < next ? gap_last : next - 1,
            .reason = reason_of(row),
        };
    } else if (r >= 0 && next < INT64_MAX) {
        *ret = (struct store_fetched){.found = STORE_FOUND_VOID,
                                      .first = seq,
                                      .last = next - 1,
                                      .reason = SEGMENT_VOID_CORRUPT};
    }
    (void)sqlite3_reset(row); /* the step's result is known */
    return r < 0 ? r : 0;
}

static int fetch(struct store_reader *reader, uint64_t seq, struct store_fetched *ret)
{
    sqlite3_stmt *row;
    int r = open_database(reader);
    if (r < 0) {
        return r;
    }
    r = find(reader, FIND_SEGMENT, seq, &row);
    if (r == 1) {
        r = take_segment(reader, row, seq, ret);
    }
    (void)sqlite3_reset(row); /* the step's result is known */
    return r == 0 ? describe_hole(reader, seq, ret) : r;
}

void store_reader_fetch(struct store_reader *reader, uint64_t seq, struct store_fetched *ret)
{
    *ret = (struct store_fetched){.found = STORE_FOUND_NOTHING};
    dbc_arena_deinit(&reader->arena);
    int r = fetch(reader, seq, ret);
    if (r < 0) {
        *ret = (struct store_fetched){.found = STORE_FOUND_FAULT, .error = r};
        close_database(reader);
    }
}
