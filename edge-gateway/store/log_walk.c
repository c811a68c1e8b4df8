#include "edge-gateway/store/log_walk.h"

#include "common/database.h"

#include <errno.h>
#include <stdlib.h>

static const char select_segment[] =
    "SELECT first_seq, last_seq, base_us, from_us, to_us, crc, keys, records FROM segments"
    " WHERE first_seq >= ?1 AND last_seq > ?2 AND (?3 = 0 OR (to_us >= ?4 AND from_us < ?5))"
    " ORDER BY first_seq LIMIT 1";
static const char select_gap[] = "SELECT first_seq, last_seq, reason FROM gaps"
                                 " WHERE first_seq >= ?1 AND last_seq > ?2 AND first_seq < ?3"
                                 " ORDER BY first_seq LIMIT 1";

/* The row that holds the next seq begins there or before. */
static const char select_start[] =
    "SELECT coalesce((SELECT max(first_seq) FROM segments WHERE first_seq <= ?1), ?1),"
    " coalesce((SELECT max(first_seq) FROM gaps WHERE first_seq <= ?1), ?1)";

struct log_walk {
    struct log_span span;
    sqlite3_stmt *segment; /* on its row while `has_segment` */
    sqlite3_stmt *gap;
    int64_t after_seq;     /* rows that end there or before are left out */
    int64_t segments_from; /* first_seq of the next segment, at least */
    int64_t gaps_from;
    bool has_segment; /* the next one, not handed out yet */
    bool ended;       /* no segment follows */
    bool has_started; /* one was handed out, or will be */
};

static int find_start(struct log_walk *walk, sqlite3 *db)
{
    sqlite3_stmt *statement;
    walk->after_seq = INT64_MIN;
    walk->segments_from = INT64_MIN;
    walk->gaps_from = INT64_MIN;
    if (walk->span.after_seq == 0) {
        return 0;
    }
    int r = database_prepare(db, select_start, &statement);
    if (r < 0) {
        return r;
    }
    bool too_high = walk->span.after_seq > INT64_MAX; /* for any row */
    walk->after_seq = too_high ? INT64_MAX : (int64_t)walk->span.after_seq;
    (void)sqlite3_bind_int64(statement, 1, walk->after_seq); /* cannot fail: the index exists */
    r = database_step(statement);
    if (r == 1) {
        walk->segments_from = sqlite3_column_int64(statement, 0);
        walk->gaps_from = sqlite3_column_int64(statement, 1);
    }
    (void)sqlite3_finalize(statement); /* the step's fault is in r */
    return r < 0 ? r : 0;
}

int log_walk_new(sqlite3 *db, const struct log_span *span, struct log_walk **ret)
{
    struct log_walk *walk = calloc(1, sizeof(*walk));
    if (walk == NULL) {
        return -ENOMEM;
    }
    walk->span = *span;
    int r = find_start(walk, db);
    if (r == 0) {
        r = database_prepare(db, select_segment, &walk->segment);
    }
    if (r == 0) {
        r = database_prepare(db, select_gap, &walk->gap);
    }
    if (r < 0) {
        log_walk_free(walk);
        return r;
    }
    *ret = walk;
    return 0;
}

void log_walk_free(struct log_walk *walk)
{
    if (walk != NULL) {
        (void)sqlite3_finalize(walk->segment); /* repeats a fault that was reported */
        (void)sqlite3_finalize(walk->gap);
        free(walk);
    }
}

static int find_segment(struct log_walk *walk)
{
    sqlite3_stmt *s = walk->segment;
    (void)sqlite3_bind_int64(s, 1, walk->segments_from); /* cannot fail: the indices exist */
    (void)sqlite3_bind_int64(s, 2, walk->after_seq);
    (void)sqlite3_bind_int(s, 3, walk->span.has_time ? 1 : 0);
    (void)sqlite3_bind_int64(s, 4, walk->span.from_us);
    (void)sqlite3_bind_int64(s, 5, walk->span.to_us);
    int r = database_step(s);
    walk->has_segment = r == 1;
    walk->ended = r == 0;
    if (r == 1 && walk->span.has_time && !walk->has_started) {
        walk->gaps_from = sqlite3_column_int64(s, 0);
    }
    walk->has_started |= r == 1;
    return r < 0 ? r : 0;
}

static int64_t after(int64_t seq)
{
    return seq < INT64_MAX ? seq + 1 : seq;
}

/* 1: a gap lies before the next segment. */
static int take_gap(struct log_walk *walk, int64_t limit, struct log_item *ret)
{
    sqlite3_stmt *s = walk->gap;
    (void)sqlite3_bind_int64(s, 1, walk->gaps_from); /* cannot fail: the indices exist */
    (void)sqlite3_bind_int64(s, 2, walk->after_seq);
    (void)sqlite3_bind_int64(s, 3, limit);
    int r = database_step(s);
    if (r == 1) {
        walk->gaps_from = after(sqlite3_column_int64(s, 0));
        *ret = (struct log_item){.kind = LOG_ITEM_GAP,
                                 .first = (uint64_t)sqlite3_column_int64(s, 0),
                                 .last = (uint64_t)sqlite3_column_int64(s, 1),
                                 .reason = (const char *)sqlite3_column_text(s, 2)};
    }
    return r;
}

/* Never NULL, also where it has no bytes. */
static const uint8_t *blob(sqlite3_stmt *row, int column)
{
    const uint8_t *bytes = sqlite3_column_blob(row, column);
    return bytes != NULL ? bytes : (const uint8_t *)"";
}

static void take_segment(struct log_walk *walk, struct log_item *ret)
{
    sqlite3_stmt *s = walk->segment;
    int64_t first = sqlite3_column_int64(s, 0);
    int64_t last = sqlite3_column_int64(s, 1);
    const struct segment segment = {
        .first_seq = (uint64_t)first,
        .count = (uint64_t)last - (uint64_t)first + 1,
        .base_us = sqlite3_column_int64(s, 2),
        .from_us = sqlite3_column_int64(s, 3),
        .to_us = sqlite3_column_int64(s, 4),
        .keys = blob(s, 6),
        .keys_bytes = (size_t)sqlite3_column_bytes(s, 6),
        .records = blob(s, 7),
        .records_bytes = (size_t)sqlite3_column_bytes(s, 7),
    };
    bool intact = first > 0 && last >= first && sqlite3_column_int64(s, 5) == segment_crc(&segment);
    walk->has_segment = false;
    walk->segments_from = after(first);
    walk->ended = first == INT64_MAX;
    *ret = (struct log_item){.kind = LOG_ITEM_SEGMENT,
                             .first = segment.first_seq,
                             .last = (uint64_t)last,
                             .segment = segment,
                             .intact = intact};
}

int log_walk_next(struct log_walk *walk, struct log_item *ret)
{
    (void)sqlite3_reset(walk->gap); /* both repeat a fault that was reported */
    if (!walk->has_segment) {
        (void)sqlite3_reset(walk->segment);
    }
    if (!walk->has_segment && !walk->ended) {
        int r = find_segment(walk);
        if (r < 0) {
            return r;
        }
    }
    if (walk->ended && walk->span.has_time) {
        return 0;
    }
    int r = take_gap(walk, walk->ended ? INT64_MAX : sqlite3_column_int64(walk->segment, 0), ret);
    if (r != 0 || walk->ended) {
        return r;
    }
    take_segment(walk, ret);
    return 1;
}
