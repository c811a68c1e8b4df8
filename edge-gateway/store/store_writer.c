#include "edge-gateway/store/store_writer.h"

#include "common/clock.h"
#include "common/database.h"
#include "edge-gateway/store/store_ballast.h"
#include "edge-gateway/store/store_origin.h"
#include "edge-gateway/store/store_quota.h"
#include "edge-gateway/store/store_rollup.h"
#include "edge-gateway/store/store_schema.h"
#include "edge-gateway/store/store_seal.h"
#include "edge-gateway/store/store_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Small pages: a commit rewrites its last one whole, and a segment ends in the middle of one. */
#define PAGE_BYTES       1024
#define BUSY_TIMEOUT_MS  2000
#define PATH_BYTES       4096
#define BALLAST_RETRY_US (60 * US_PER_S)

/* Seqs reserved ahead: half a second of the fastest replay, half a minute of a full bus. After a
 * crash this many at most are never used. */
#define RESERVE_SEQS 262144

struct store_writer {
    const struct store_options *options;
    sqlite3 *db; /* NULL: not open */
    sqlite3_stmt *insert;
    struct store_state state;
    struct store_quota quota;
    struct store_seal seal;
    struct store_rollup *rollup;
    struct store_position opened_at;
    bool running;             /* a database was open in this run: the numbers below are known */
    bool damaged;             /* the file is to be set aside before the next opening */
    uint64_t reserved;        /* on the disk, in the database and in the seal */
    uint64_t acknowledged;    /* the same */
    uint64_t committed;       /* everything up to it is in a segment, a gap, or done with */
    int64_t boot;             /* row of this boot */
    int64_t ballast_after_us; /* monotonic: not tried again before */
    uint8_t bus_ids[STORE_BUSES_MAX];
    char ballast_path[PATH_BYTES];
};

static int64_t wall_us(void)
{
    return clock_system.realtime_us(clock_system.context);
}

static int64_t monotonic_us(void)
{
    return clock_system.monotonic_us(clock_system.context);
}

static void close_database(struct store_writer *w)
{
    (void)sqlite3_finalize(w->insert); /* repeats a fault that was reported */
    w->insert = NULL;
    store_rollup_close(w->rollup);
    store_state_deinit(&w->state);
    store_quota_deinit(&w->quota);
    database_close(w->db);
    w->db = NULL;
}

/* SQLite may have done it by itself; the fault that led here is the one to tell. */
static void rollback(struct store_writer *w)
{
    (void)sqlite3_exec(w->db, "ROLLBACK", NULL, NULL, NULL);
}

static int prepare(struct store_writer *w)
{
    int r = database_prepare(
        w->db,
        "INSERT OR REPLACE INTO segments (first_seq, last_seq, base_us, from_us, to_us,"
        " boot, clock_set, crc, keys, records)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        &w->insert);
    if (r == 0) {
        r = store_state_init(&w->state, w->db);
    }
    if (r == 0) {
        r = store_quota_init(&w->quota, w->db, w->options->quota_bytes, w->options->max_age_us);
    }
    return r;
}

/* Where the run before ended. Both bounds are true, so the higher one counts: the seal may have
 * outlived its database. */
static int read_position(struct store_writer *w, const struct store_seal_state *sealed,
                         struct store_position *ret)
{
    struct store_position at = {.newest = 0};
    uint64_t committed = 0;
    int r = store_state_get(&w->state, STORE_STATE_RESERVED, &at.newest);
    if (r == 0) {
        r = store_state_get(&w->state, STORE_STATE_ACKNOWLEDGED, &at.acknowledged);
    }
    if (r == 0) {
        r = store_state_query(w->db,
                              "SELECT max(coalesce((SELECT max(last_seq) FROM segments), 0),"
                              " coalesce((SELECT max(last_seq) FROM gaps), 0))",
                              &committed);
    }
    if (r < 0) {
        return r;
    }
    if (sealed->reserved > at.newest) {
        at.newest = sealed->reserved;
        at.acknowledged =
            sealed->acknowledged > at.acknowledged ? sealed->acknowledged : at.acknowledged;
    }
    at.newest = committed > at.newest ? committed : at.newest;
    at.acknowledged = at.acknowledged < at.newest ? at.acknowledged : at.newest;
    w->committed = committed > at.acknowledged ? committed : at.acknowledged;
    *ret = at;
    return 0;
}

static int reserve(struct store_writer *w, uint64_t newest, uint64_t acknowledged,
                   uint64_t *ret_reserved)
{
    const struct store_seal_state state = {newest + RESERVE_SEQS, acknowledged};
    int r = store_seal_write(&w->seal, state);
    if (r == 0) {
        r = store_state_set(&w->state, STORE_STATE_RESERVED, state.reserved);
    }
    if (r == 0) {
        *ret_reserved = state.reserved;
    }
    return r;
}

/* What was reserved by the run before, perhaps even published, and is in no segment will never
 * come. */
static int begin_run(struct store_writer *w, const struct store_seal_state *sealed,
                     enum segment_void reason)
{
    struct store_position at;
    int r = read_position(w, sealed, &at);
    if (r == 0 && w->committed < at.newest) {
        r = store_quota_gap(&w->quota, w->committed + 1, at.newest, reason);
    }
    if (r == 0) {
        r = store_state_set(&w->state, STORE_STATE_ACKNOWLEDGED, at.acknowledged);
    }
    if (r == 0) {
        r = reserve(w, at.newest, at.acknowledged, &w->reserved);
    }
    if (r == 0) {
        w->opened_at = at;
        w->acknowledged = at.acknowledged;
        w->committed = at.newest;
    }
    return r;
}

/* The same run in a new file: what the old one held and nobody acknowledged is lost. */
static int continue_run(struct store_writer *w)
{
    int r = store_state_set(&w->state, STORE_STATE_RESERVED, w->reserved);
    if (r == 0) {
        r = store_state_set(&w->state, STORE_STATE_ACKNOWLEDGED, w->acknowledged);
    }
    if (r == 0 && w->acknowledged < w->committed) {
        r = store_quota_gap(&w->quota, w->acknowledged + 1, w->committed, SEGMENT_VOID_CORRUPT);
    }
    return r;
}

/* Within the transaction of the opening. */
static int enter(struct store_writer *w, const struct store_seal_state *sealed, bool replaced)
{
    int r = store_origin_boot(w->db, &w->boot);
    for (size_t i = 0; r == 0 && i < w->options->bus_count; i++) {
        r = store_origin_bus(w->db, w->options->buses[i].name, &w->bus_ids[i]);
    }
    if (r < 0) {
        return r;
    }
    if (!w->running) {
        return begin_run(w, sealed, replaced ? SEGMENT_VOID_CORRUPT : SEGMENT_VOID_RESTART);
    }
    return replaced ? continue_run(w) : 0;
}

/* Read anew until a run has begun: the database it belongs to may have come meanwhile. */
static int reopen_seal(struct store_writer *w, const char *path, struct store_seal_state *ret)
{
    store_seal_close(&w->seal);
    return store_seal_open(&w->seal, path, ret);
}

static int open_run(struct store_writer *w, bool replaced)
{
    char path[PATH_BYTES];
    struct store_seal_state sealed = {0};
    (void)snprintf(path, sizeof(path), "%s.seal", w->options->path); /* fits: see _new() */
    int r = w->seal.fd < 0 || !w->running ? reopen_seal(w, path, &sealed) : 0;
    if (r == 0) {
        r = prepare(w);
    }
    if (r == 0) {
        r = database_exec(w->db, "BEGIN IMMEDIATE");
    }
    if (r < 0) {
        return r;
    }
    r = enter(w, &sealed, replaced);
    if (r == 0) {
        r = database_exec(w->db, "COMMIT");
    }
    if (r < 0) {
        rollback(w);
        return r;
    }
    w->running = true;
    return 0;
}

static int open_database(struct store_writer *w, bool replaced, char *error)
{
    const struct database_options options = {
        .path = w->options->path,
        .page_bytes = PAGE_BYTES,
        .busy_timeout_ms = BUSY_TIMEOUT_MS,
        .schema = &store_schema,
    };
    int r = database_open(&options, &w->db, error);
    if (r < 0) {
        return r;
    }
    r = open_run(w, replaced);
    if (r < 0) {
        (void)snprintf(error, DATABASE_ERROR_BYTES, "%s", sqlite3_errmsg(w->db));
        close_database(w);
    } else {
        store_rollup_open(w->rollup, w->db, w->bus_ids);
    }
    return r;
}

/* A fresh file in the place of one that cannot be trusted. */
static int replace_database(struct store_writer *w, struct store_outcome *outcome, char *error)
{
    char aside[PATH_BYTES];
    int r = database_set_aside(w->options->path, "damaged", wall_us(), aside, sizeof(aside));
    if (r < 0) {
        return r;
    }
    (void)snprintf(outcome->error, sizeof(outcome->error), "%.100s; kept as %.120s", error, aside);
    outcome->set_aside = true;
    w->damaged = false;
    return open_database(w, true, error);
}

static int open_or_replace(struct store_writer *w, struct store_outcome *outcome)
{
    char error[DATABASE_ERROR_BYTES] = "damaged";
    bool was_running = w->running;
    int r = w->damaged ? -EBADMSG : open_database(w, false, error);
    if (r == -EBADMSG) {
        r = replace_database(w, outcome, error);
    }
    if (r < 0) {
        (void)snprintf(outcome->error, sizeof(outcome->error), "%.200s: %s", error, strerror(-r));
    } else {
        outcome->opened = !was_running;
    }
    return r;
}

static int insert_segment(struct store_writer *w, const struct store_batch *batch,
                          const struct segment *segment)
{
    sqlite3_stmt *s = w->insert;
    /* Binding cannot fail: the indices exist, and the blobs are not copied. */
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)segment->first_seq);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)(segment->first_seq + segment->count - 1));
    (void)sqlite3_bind_int64(s, 3, segment->base_us);
    (void)sqlite3_bind_int64(s, 4, segment->from_us);
    (void)sqlite3_bind_int64(s, 5, segment->to_us);
    (void)sqlite3_bind_int64(s, 6, w->boot);
    (void)sqlite3_bind_int(s, 7, batch->clock_set ? 1 : 0);
    (void)sqlite3_bind_int64(s, 8, segment_crc(segment));
    (void)sqlite3_bind_blob64(s, 9, segment->keys, segment->keys_bytes, SQLITE_STATIC);
    (void)sqlite3_bind_blob64(s, 10, segment->records, segment->records_bytes, SQLITE_STATIC);
    return database_step(s);
}

/* What the disk holds once the transaction is through. */
struct progress {
    uint64_t reserved;
    uint64_t acknowledged;
};

static int write_batch(struct store_writer *w, struct store_batch *batch,
                       const struct segment *segment, struct progress *progress)
{
    int r = segment->count > 0 ? insert_segment(w, batch, segment) : 0;
    if (r == 0 && batch->acknowledged > progress->acknowledged) {
        progress->acknowledged = batch->acknowledged;
        r = store_state_set(&w->state, STORE_STATE_ACKNOWLEDGED, batch->acknowledged);
    }
    if (r == 0 && batch->newest + RESERVE_SEQS / 2 > progress->reserved) {
        r = reserve(w, batch->newest, progress->acknowledged, &progress->reserved);
    }
    if (r == 0) {
        r = store_state_set_counters(&w->state, batch->counters, batch->counter_count);
    }
    if (r == 0) {
        r = store_quota_enforce(&w->quota, progress->acknowledged, wall_us(), &batch->outcome);
    }
    return r;
}

/* A batch that was committed and then reported as failed is written again: the same rows. */
static int transact(struct store_writer *w, struct store_batch *batch)
{
    const struct segment segment = segment_builder_view(batch->builder);
    struct progress progress = {w->reserved, w->acknowledged};
    struct store_outcome *outcome = &batch->outcome;
    const struct store_outcome before = *outcome;
    int r = database_exec(w->db, "BEGIN IMMEDIATE");
    if (r == 0) {
        r = write_batch(w, batch, &segment, &progress);
        if (r == 0) {
            r = database_exec(w->db, "COMMIT");
        }
    }
    if (r < 0) {
        *outcome = before; /* nothing of it happened */
        (void)snprintf(outcome->error, sizeof(outcome->error), "%s", sqlite3_errmsg(w->db));
        rollback(w);
        return r;
    }
    w->reserved = progress.reserved;
    w->acknowledged = progress.acknowledged;
    w->committed = segment.count > 0 ? segment.first_seq + segment.count - 1 : w->committed;
    return 0;
}

/* The disk is full: gives up the ballast, and as much of the oldest as the batch needs. */
static int make_room(struct store_writer *w, struct store_batch *batch)
{
    const struct segment segment = segment_builder_view(batch->builder);
    struct store_outcome *outcome = &batch->outcome;
    const struct store_outcome before = *outcome;
    uint64_t wanted = 4 * (segment.records_bytes + segment.keys_bytes) + 64 * PAGE_BYTES;
    (void)store_ballast_drop(w->ballast_path); /* gone already: the log itself is what is left */
    w->ballast_after_us = monotonic_us() + BALLAST_RETRY_US;
    int r = database_exec(w->db, "BEGIN IMMEDIATE");
    if (r == 0) {
        r = store_quota_free(&w->quota, wanted, w->acknowledged, outcome);
    }
    if (r == 0) {
        r = database_exec(w->db, "COMMIT");
    }
    if (r < 0) {
        *outcome = before;
        rollback(w);
        return r;
    }
    return database_exec(w->db, "PRAGMA wal_checkpoint(TRUNCATE)");
}

static int commit(struct store_writer *w, struct store_batch *batch)
{
    int r = w->db != NULL ? 0 : open_or_replace(w, &batch->outcome);
    if (r == 0) {
        r = transact(w, batch);
    }
    if (r == -ENOSPC) {
        r = make_room(w, batch);
        r = r < 0 ? r : transact(w, batch);
    }
    return r;
}

static void keep_ballast(struct store_writer *w)
{
    if (w->options->ballast_bytes == 0 || monotonic_us() < w->ballast_after_us) {
        return;
    }
    w->ballast_after_us = store_ballast_make(w->ballast_path, w->options->ballast_bytes) < 0
                              ? monotonic_us() + BALLAST_RETRY_US
                              : INT64_MAX;
}

void store_writer_commit(struct store_writer *writer, struct store_batch *batch)
{
    struct store_writer *w = writer;
    int64_t start_us = monotonic_us();
    batch->outcome = (struct store_outcome){0};
    int r = commit(w, batch);
    batch->outcome.result = r;
    batch->outcome.reserved = w->reserved;
    if (r == 0) {
        const struct segment segment = segment_builder_view(batch->builder);
        keep_ballast(w);
        store_rollup_follow(w->rollup, &segment);
    } else if (r != -ENOSPC && r != -EBUSY) {
        w->damaged = r == -EBADMSG;
        close_database(w); /* opening it anew recovers what SQLite itself could not be sure of */
    }
    batch->outcome.rollup = store_rollup_stats(w->rollup);
    batch->outcome.took_us = monotonic_us() - start_us;
}

int store_writer_new(const struct store_options *options, struct store_outcome *ret_outcome,
                     struct store_writer **ret)
{
    struct store_writer *w = calloc(1, sizeof(*w));
    if (w == NULL) {
        return -ENOMEM;
    }
    w->options = options;
    w->seal.fd = -1;
    int length = snprintf(w->ballast_path, sizeof(w->ballast_path), "%s.ballast", options->path);
    int r = length < PATH_BYTES && options->bus_count <= STORE_BUSES_MAX
                ? store_rollup_new(options, &w->rollup)
                : -EINVAL;
    if (r < 0) {
        free(w);
        return r;
    }
    *ret_outcome = (struct store_outcome){0};
    ret_outcome->result = open_or_replace(w, ret_outcome);
    ret_outcome->reserved = w->reserved;
    ret_outcome->rollup = store_rollup_stats(w->rollup);
    *ret = w;
    return 0;
}

/* Gives back the seqs that were reserved and not used. */
static void end_run(struct store_writer *w, uint64_t newest)
{
    const struct store_seal_state state = {newest, w->acknowledged};
    int r = store_state_set(&w->state, STORE_STATE_RESERVED, newest);
    for (int i = 0; r == 0 && i < 2; i++) { /* both lines: the older one is higher */
        r = store_seal_write(&w->seal, state);
    }
    /* A fault costs a gap at the next start, which is announced then. */
}

void store_writer_free(struct store_writer *writer, uint64_t newest)
{
    if (writer == NULL) {
        return;
    }
    if (writer->db != NULL && newest > 0 && newest == writer->committed) {
        end_run(writer, newest);
    }
    close_database(writer);
    store_rollup_free(writer->rollup);
    store_seal_close(&writer->seal);
    free(writer);
}

bool store_writer_is_open(const struct store_writer *writer)
{
    return writer->db != NULL;
}

struct store_position store_writer_opened_at(const struct store_writer *writer)
{
    return writer->opened_at;
}

uint8_t store_writer_bus_id(const struct store_writer *writer, size_t bus)
{
    return writer->bus_ids[bus];
}
