#include "edge-gateway/store/store_summaries.h"

#include "common/database.h"
#include "edge-gateway/dbc/dbc.h"

#include <errno.h>
#include <string.h>

#define DATA_MAX_BYTES ((size_t)DBC_SIGNALS_MAX * BUCKET_MAX_BYTES)

/* ---- writing ---------------------------------------------------------------------------- */

int store_summaries_init(struct store_summaries *summaries, sqlite3 *db)
{
    *summaries = (struct store_summaries){.insert = NULL};
    buf_init(&summaries->data, DATA_MAX_BYTES);
    int r = database_prepare(db,
                             "INSERT OR REPLACE INTO summaries"
                             " (first_seq, last_seq, series, from_us, to_us, count, data)"
                             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                             &summaries->insert);
    return r == 0 ? store_series_init(&summaries->series, db) : r;
}

void store_summaries_deinit(struct store_summaries *summaries)
{
    (void)sqlite3_finalize(summaries->insert); /* repeats a fault that was reported */
    store_series_deinit(&summaries->series);
    buf_deinit(&summaries->data);
    *summaries = (struct store_summaries){.insert = NULL};
}

static int write_entry(struct store_summaries *summaries, const struct store_tally_entry *entry)
{
    int64_t series;
    int r = store_series_id(&summaries->series, entry->bus->name, entry->message, &series);
    if (r < 0) {
        return r;
    }
    buf_reset(&summaries->data);
    for (uint16_t i = 0; i < entry->message->signal_count; i++) {
        uint8_t bytes[BUCKET_MAX_BYTES];
        buf_append(&summaries->data, bytes,
                   bucket_encode(&entry->buckets[i], entry->from_us, bytes));
    }
    if (!buf_ok(&summaries->data)) {
        return -ENOMEM;
    }
    sqlite3_stmt *s = summaries->insert;
    /* Binding cannot fail: the indices exist, and the blob is not copied. */
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)entry->first_seq);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)entry->last_seq);
    (void)sqlite3_bind_int64(s, 3, series);
    (void)sqlite3_bind_int64(s, 4, entry->from_us);
    (void)sqlite3_bind_int64(s, 5, entry->to_us);
    (void)sqlite3_bind_int64(s, 6, (sqlite3_int64)entry->count);
    (void)sqlite3_bind_blob64(s, 7, summaries->data.data, summaries->data.length, SQLITE_STATIC);
    return database_step(s);
}

int store_summaries_write(struct store_summaries *summaries, const struct store_tally *tally)
{
    int r = 0;
    const struct store_tally_entry *entry = store_tally_first(tally);
    for (; r == 0 && entry != NULL; entry = entry->next) {
        r = write_entry(summaries, entry);
    }
    return r;
}

/* ---- reading ---------------------------------------------------------------------------- */

enum { /* as in STORE_SUMMARIES_SQL */
    FIRST_SEQ,
    LAST_SEQ,
    FROM_US,
    TO_US,
    COUNT,
    DATA,
    BUS,
    MESSAGE,
    SIGNAL_COUNT,
    SIGNAL
};

/* Sticky: out of memory shows in arena->failed. */
static const char *take_text(struct dbc_arena *arena, sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text != NULL ? dbc_arena_text(arena, text, (size_t)sqlite3_column_bytes(row, column))
                        : "";
}

/* NULL: out of memory. */
static struct store_summary *take_summary(struct dbc_arena *arena, sqlite3_stmt *row)
{
    struct store_summary *summary = dbc_arena_alloc(arena, 1, sizeof(*summary));
    size_t signals = (size_t)sqlite3_column_int64(row, SIGNAL_COUNT);
    if (summary == NULL) {
        return NULL;
    }
    *summary = (struct store_summary){
        .first_seq = (uint64_t)sqlite3_column_int64(row, FIRST_SEQ),
        .last_seq = (uint64_t)sqlite3_column_int64(row, LAST_SEQ),
        .from_us = sqlite3_column_int64(row, FROM_US),
        .to_us = sqlite3_column_int64(row, TO_US),
        .count = (uint64_t)sqlite3_column_int64(row, COUNT),
        .bus = take_text(arena, row, BUS),
        .message = take_text(arena, row, MESSAGE),
        .signals = dbc_arena_alloc(arena, signals, sizeof(*summary->signals)),
        .signal_count = signals,
    };
    return arena->failed ? NULL : summary;
}

/* A bucket that cannot be read has no values, nor have those behind it. Returns where the next one
 * begins. */
static size_t take_bucket(sqlite3_stmt *row, size_t at, int64_t start_us, struct bucket *ret)
{
    const uint8_t *data = sqlite3_column_blob(row, DATA);
    size_t length = (size_t)sqlite3_column_bytes(row, DATA);
    int used = data != NULL && at < length ? bucket_decode(data + at, length - at, start_us, ret)
                                           : -EBADMSG;
    return used < 0 ? length : at + (size_t)used;
}

/* What was read so far, and the next signal of the last summary. */
struct progress {
    struct store_summary *first;
    struct store_summary *last;
    size_t signal;
    size_t at; /* byte in its data */
};

static int take_row(struct progress *progress, struct dbc_arena *arena, sqlite3_stmt *row)
{
    struct store_summary *summary = progress->last;
    if (summary == NULL || progress->signal == summary->signal_count) {
        summary = take_summary(arena, row);
        if (summary == NULL) {
            return -ENOMEM;
        }
        *(progress->last != NULL ? &progress->last->next : &progress->first) = summary;
        progress->last = summary;
        progress->signal = 0;
        progress->at = 0;
    }
    if (progress->signal < summary->signal_count) {
        struct store_summary_signal *signal = &summary->signals[progress->signal++];
        signal->name = take_text(arena, row, SIGNAL);
        progress->at = take_bucket(row, progress->at, summary->from_us, &signal->bucket);
    }
    return arena->failed ? -ENOMEM : 0;
}

int store_summaries_read(sqlite3_stmt *statement, const struct segment *segment,
                         struct dbc_arena *arena, const struct store_summary **ret)
{
    struct progress progress = {.first = NULL};
    uint64_t last_seq = segment->first_seq + segment->count - 1;
    (void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)segment->first_seq); /* indices exist */
    (void)sqlite3_bind_int64(statement, 2, (sqlite3_int64)last_seq);
    int r;
    while ((r = database_step(statement)) == 1) {
        r = take_row(&progress, arena, statement);
        if (r < 0) {
            break;
        }
    }
    (void)sqlite3_reset(statement); /* the step's fault is in r */
    if (r == 0) {
        *ret = progress.first;
    }
    return r;
}
