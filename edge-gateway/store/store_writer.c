#include "edge-gateway/store/store_writer.h"

#include "common/clock.h"
#include "common/database.h"
#include "common/loop.h"
#include "edge-gateway/store/store_age.h"
#include "edge-gateway/store/store_ballast.h"
#include "edge-gateway/store/store_pool.h"
#include "edge-gateway/store/store_quota.h"
#include "edge-gateway/store/store_rollup.h"
#include "edge-gateway/store/store_run.h"
#include "edge-gateway/store/store_schema.h"
#include "edge-gateway/store/store_segments.h"
#include "edge-gateway/store/store_space.h"
#include "edge-gateway/store/store_state.h"
#include "edge-gateway/store/store_thin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Small pages: a commit rewrites its last one whole, and a segment ends in the middle of one. */
#define PAGE_BYTES       1024
#define BUSY_TIMEOUT_MS  2000
#define PATH_BYTES       4096
#define PATH_SHOWN_BYTES 120 /* in a text of 255 bytes, beside what happened and what to do */
#define BALLAST_RETRY_US (60 * US_PER_S)

struct store_writer {
    const struct store_options *options;
    sqlite3 *db; /* NULL: not open */
    sqlite3_stmt *insert;
    struct store_state state;
    struct store_quota quota;
    struct store_thin *thin;
    struct store_rollup *rollup;
    struct store_run run;
    struct store_age age;
    int64_t age_us;           /* of this commit: what store_age_now() says */
    uint64_t opening;         /* counts openings that succeeded */
    bool is_damaged;          /* the file is to be set aside before the next opening */
    bool is_unused;           /* nothing was committed in the file since it was begun */
    int64_t ballast_after_us; /* monotonic: not tried again before */
    char seal_path[PATH_BYTES];
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
    store_thin_close(w->thin);
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
    int r = store_segments_prepare(w->db, &w->insert);
    if (r == 0) {
        r = store_state_init(&w->state, w->db);
    }
    if (r == 0) {
        r = store_quota_init(&w->quota, w->db, w->options->quota_bytes, w->options->max_age_us);
    }
    if (r == 0) {
        r = store_thin_open(w->thin, w->db);
    }
    return r;
}

/* What SQLite says, or, of another fault, the system. */
static const char *fault_text(struct store_writer *w, int r)
{
    int code = sqlite3_errcode(w->db);
    bool is_sqlite = code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE;
    return is_sqlite ? sqlite3_errmsg(w->db) : strerror(-r);
}

/* Our statements are right: if the tables refuse one, they are not what they were. */
static int or_damaged(int r)
{
    return r == -EINVAL ? -EBADMSG : r;
}

static int enter_run(struct store_writer *w, struct store_outcome *outcome)
{
    struct store_progress progress;
    int r = store_space_prepare(w->db);
    if (r == 0) {
        r = prepare(w);
    }
    if (r == 0) {
        r = database_exec(w->db, "BEGIN IMMEDIATE");
    }
    if (r < 0) {
        return r;
    }
    const struct store_outcome before = *outcome;
    const struct store_run_tables tables = {w->db, &w->state, &w->quota, w->insert};
    r = store_run_enter(&w->run, &tables, outcome, &progress);
    if (r == 0) {
        r = database_exec(w->db, "COMMIT");
    }
    if (r < 0) {
        *outcome = before; /* nothing of it happened */
        return r;
    }
    store_run_entered(&w->run, &progress);
    return 0;
}

static int open_database(struct store_writer *w, struct store_outcome *outcome, char *error)
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
    r = or_damaged(enter_run(w, outcome));
    if (r < 0) {
        (void)snprintf(error, DATABASE_ERROR_BYTES, "%s", fault_text(w, r));
        close_database(w); /* rolls back */
        return r;
    }
    w->opening++;
    store_rollup_open(w->rollup, w->db, w->run.bus_ids);
    return 0;
}

static int remove_database(const struct store_writer *w)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        char path[PATH_BYTES];
        (void)snprintf(path, sizeof(path), "%s%s", w->options->path, suffixes[i]); /* fits */
        if (unlink(path) < 0 && errno != ENOENT) {
            return -errno;
        }
    }
    return 0;
}

/* Of a path that is too long for a text, its end: it says more than the beginning. In UTF-8. */
struct shown_path {
    const char *dots;
    const char *end;
};

static struct shown_path show_path(const char *path)
{
    size_t length = strlen(path);
    if (length <= PATH_SHOWN_BYTES) {
        return (struct shown_path){"", path};
    }
    const char *end = path + length - PATH_SHOWN_BYTES;
    while (((unsigned char)*end & 0xC0) == 0x80) {
        end++;
    }
    return (struct shown_path){"...", end};
}

/* Makes way for a new file. One in which nothing was ever committed is not worth keeping: a disk
 * that damages each new one would soon be full of them. */
static int clear_away(struct store_writer *w, const char *error, struct store_outcome *outcome)
{
    if (w->is_unused) {
        return remove_database(w);
    }
    char aside[PATH_BYTES];
    int r = database_set_aside(w->options->path, "damaged", wall_us(), aside, sizeof(aside));
    if (r < 0) {
        return r;
    }
    const struct shown_path shown = show_path(aside);
    (void)snprintf(outcome->set_aside, sizeof(outcome->set_aside), "%.110s; kept as %s%.*s", error,
                   shown.dots, PATH_SHOWN_BYTES, shown.end);
    return 0;
}

static int replace_database(struct store_writer *w, struct store_outcome *outcome, char *error)
{
    int r = clear_away(w, error, outcome);
    if (r < 0) {
        (void)snprintf(error, DATABASE_ERROR_BYTES, "it is damaged and cannot be set aside: %s",
                       strerror(-r));
        return r;
    }
    w->is_damaged = false;
    w->is_unused = true;
    w->run.is_replacement = true;
    return open_database(w, outcome, error);
}

/* What a person can do about a file that does not open. */
static const char *advice(int r)
{
    switch (r) {
    case -ENOENT:
        return ": make its directory";
    case -ENXIO:
        return ": let the gateway read /proc/sys/kernel/random/boot_id";
    case -EACCES:
    case -EROFS:
        return ": let the gateway's user write there";
    case -EISDIR:
        return ": move it away";
    case -EBUSY:
        return ": let it end, or name another file";
    case -ENOSPC:
        return ": make room on the disk";
    default:
        return "";
    }
}

/* With the log held, so that nobody else's file is set aside. */
static int open_or_replace(struct store_writer *w, struct store_outcome *outcome)
{
    char error[DATABASE_ERROR_BYTES] = "it is damaged";
    bool had_begun = w->run.has_begun;
    int r = store_run_hold(&w->run, w->seal_path);
    if (r < 0) {
        (void)snprintf(error, sizeof(error), "%s",
                       r == -EBUSY ? "another gateway uses it" : strerror(-r));
    } else {
        r = w->is_damaged ? -EBADMSG : open_database(w, outcome, error);
        r = r == -EBADMSG ? replace_database(w, outcome, error) : r;
    }
    if (r < 0) {
        const struct shown_path shown = show_path(w->options->path);
        (void)snprintf(outcome->error, sizeof(outcome->error), "%.60s (%s%s)%s", error, shown.dots,
                       shown.end, advice(r));
    } else {
        outcome->opened = !had_begun;
    }
    return r;
}

static int correct_clock(struct store_writer *w, const struct store_batch *batch,
                         const struct segment *segment)
{
    store_rollup_forget(w->rollup);
    return store_clock_correct(w->db, &batch->jump, w->run.boot, segment->first_seq);
}

static int thin_out(struct store_writer *w, struct store_batch *batch)
{
    uint64_t committed = w->run.progress.committed; /* without the batch at hand */
    uint64_t reach = store_rollup_reach(w->rollup);
    const struct store_thin_now now = {
        .state = &w->state,
        .run = &w->run,
        .through = committed < reach ? committed : reach,
        .wall_us = batch->wall_us,
    };
    return store_thin_relieve(w->thin, &now, &batch->outcome);
}

static int write_batch(struct store_writer *w, struct store_batch *batch,
                       const struct segment *segment, struct store_progress *progress)
{
    int r = 0;
    if (segment->count > 0) {
        progress->committed = segment->first_seq + segment->count - 1;
        r = store_segments_insert(w->insert, segment, w->run.boot, batch->clock_set);
    }
    if (r == 0 && batch->jump.jump_us != 0) {
        r = correct_clock(w, batch, segment);
    }
    if (r == 0 && batch->acknowledged > progress->acknowledged) {
        progress->acknowledged = batch->acknowledged;
        r = store_state_set(&w->state, STORE_STATE_ACKNOWLEDGED, batch->acknowledged);
    }
    if (r == 0) {
        r = store_run_reserve(&w->run, &w->state, batch->newest, progress);
    }
    if (r == 0) {
        r = store_state_set_counters(&w->state, batch->counters, batch->counter_count);
    }
    if (r == 0) {
        r = store_state_set_memos(&w->state, batch->memos->page, batch->memos->page_count);
    }
    if (r == 0) {
        r = store_quota_enforce(&w->quota, progress->acknowledged, w->age_us, &batch->outcome);
    }
    if (r == 0) {
        r = thin_out(w, batch);
    }
    return r;
}

/* A batch that was committed and then reported as failed is written again: the same rows. */
static int transact(struct store_writer *w, struct store_batch *batch)
{
    const struct segment segment = segment_builder_view(batch->builder);
    struct store_progress progress = w->run.progress;
    struct store_outcome *outcome = &batch->outcome;
    const struct store_outcome before = *outcome;
    int r = database_exec(w->db, "BEGIN IMMEDIATE");
    if (r == 0) {
        r = write_batch(w, batch, &segment, &progress);
    }
    if (r == 0) {
        r = store_space_claim(w->db);
    }
    if (r == 0) {
        r = database_exec(w->db, "COMMIT");
    }
    if (r < 0) {
        *outcome = before; /* nothing of it happened */
        (void)snprintf(outcome->error, sizeof(outcome->error), "%s", fault_text(w, r));
        rollback(w);
        return or_damaged(r);
    }
    w->run.progress = progress;
    w->is_unused = false;
    return 0;
}

/* True: there was one. */
static bool give_up_ballast(struct store_writer *w, int64_t now_us)
{
    w->ballast_after_us = now_us + BALLAST_RETRY_US;
    return store_ballast_drop(w->ballast_path);
}

/* As much of the oldest as the batch needs. */
static int drop_oldest(struct store_writer *w, struct store_batch *batch)
{
    struct store_outcome *outcome = &batch->outcome;
    const struct store_outcome before = *outcome;
    uint64_t wanted = 4 * store_batch_bytes(batch) + 64 * PAGE_BYTES;
    int r = database_exec(w->db, "BEGIN IMMEDIATE");
    if (r == 0) {
        r = store_quota_free(&w->quota, wanted, w->run.progress.acknowledged, outcome);
    }
    if (r == 0) {
        r = database_exec(w->db, "COMMIT");
    }
    if (r < 0) {
        *outcome = before;
        rollback(w);
    }
    return or_damaged(r);
}

/* The disk is full: the WAL can be written again from its beginning; if that does not do, the
 * oldest goes; if there is not even room to write that down, the ballast. */
static int transact_on_full_disk(struct store_writer *w, struct store_batch *batch)
{
    store_space_recycle(w->db);
    int r = transact(w, batch);
    for (bool has_ballast = true; r == -ENOSPC && has_ballast;) {
        r = drop_oldest(w, batch);
        if (r == 0 || r == -ENOSPC) { /* also if nothing was left to be dropped */
            store_space_recycle(w->db);
            r = transact(w, batch);
        }
        has_ballast = r == -ENOSPC && give_up_ballast(w, batch->now_us);
    }
    return r;
}

static int open_log(struct store_writer *w, int64_t now_us, struct store_outcome *outcome)
{
    int r = open_or_replace(w, outcome);
    if (r == -ENOSPC && give_up_ballast(w, now_us)) {
        r = open_or_replace(w, outcome);
    }
    return r;
}

static int open_and_transact(struct store_writer *w, struct store_batch *batch)
{
    int r = w->db != NULL ? 0 : open_log(w, batch->now_us, &batch->outcome);
    if (r == 0) {
        r = transact(w, batch);
        r = r == -ENOSPC ? transact_on_full_disk(w, batch) : r;
    }
    return r;
}

/* Nobody finds any more what is written to it. */
static bool is_out_of_place(const struct store_writer *w)
{
    return database_has_moved(w->db) || !store_run_is_held(&w->run, w->seal_path);
}

static int new_parts(struct store_writer *w)
{
    int r = store_thin_new(w->options, &w->thin);
    return r == 0 ? store_rollup_new(w->options, &w->rollup) : r;
}

/* The log is opened anew with other options, as it would be after a fault. Without memory for that,
 * all stays as it was until the next batch. */
static void follow_setup(struct store_writer *w, const struct store_setup *setup)
{
    struct store_writer next = {.options = &setup->options};
    if (new_parts(&next) < 0) {
        store_thin_free(next.thin);
        return;
    }
    if (w->db != NULL) {
        store_rollup_end(w->rollup);
        close_database(w);
    }
    store_thin_free(w->thin);
    store_rollup_free(w->rollup);
    w->ballast_after_us = 0;
    if (next.options->ballast_bytes == 0) {
        (void)store_ballast_drop(w->ballast_path); /* there need not be one */
    }
    w->options = next.options;
    w->thin = next.thin;
    w->rollup = next.rollup;
    w->run.options = next.options;
    memcpy(w->run.bus_ids, setup->bus_ids, sizeof(w->run.bus_ids));
    w->run.names = setup->names;
}

static int commit(struct store_writer *w, struct store_batch *batch)
{
    if (batch->setup != NULL && &batch->setup->options != w->options) {
        follow_setup(w, batch->setup);
    }
    if (w->db != NULL && is_out_of_place(w)) {
        close_database(w);
    }
    w->run.cursor = batch->acknowledged;
    bool is_damage_met = batch->is_damage_met && w->db != NULL;
    int r = is_damage_met ? -EBADMSG : open_and_transact(w, batch);
    if (r == -EBADMSG && w->db != NULL) {
        close_database(w);
        w->is_damaged = true;
        r = open_and_transact(w, batch);
    }
    return r;
}

static void keep_ballast(struct store_writer *w, int64_t now_us)
{
    if (w->options->ballast_bytes == 0 || now_us < w->ballast_after_us) {
        return;
    }
    w->ballast_after_us = store_ballast_make(w->ballast_path, w->options->ballast_bytes) < 0
                              ? now_us + BALLAST_RETRY_US
                              : INT64_MAX;
}

static void report_run(const struct store_writer *w, struct store_outcome *outcome)
{
    outcome->reserved = w->run.progress.reserved;
    outcome->opening = w->opening;
}

void store_writer_commit(struct store_writer *writer, struct store_batch *batch)
{
    struct store_writer *w = writer;
    int64_t start_us = monotonic_us();
    batch->outcome = (struct store_outcome){0};
    w->age_us = store_age_now(&w->age, batch->wall_us, batch->now_us);
    int r = commit(w, batch);
    batch->outcome.result = r;
    batch->outcome.options = w->options;
    report_run(w, &batch->outcome);
    if (r == 0) {
        const struct segment segment = segment_builder_view(batch->builder);
        batch->outcome.wal_bytes = store_space_wal_bytes(w->db);
        keep_ballast(w, batch->now_us);
        store_rollup_follow(w->rollup, &segment, batch->now_us, w->age_us);
        if (store_thin_is_held_up(w->thin)) {
            store_rollup_write(w->rollup, batch->now_us, w->age_us);
        }
    } else if (r != -ENOSPC && r != -EBUSY) {
        close_database(w); /* opening it anew recovers what SQLite itself could not be sure of */
    }
    batch->outcome.rollup = store_rollup_stats(w->rollup);
    batch->outcome.took_us = monotonic_us() - start_us;
}

int store_writer_new(const struct store_options *options, struct store_memory *memory,
                     struct store_outcome *ret_outcome, struct store_writer **ret)
{
    struct store_writer *w = calloc(1, sizeof(*w));
    if (w == NULL) {
        return -ENOMEM;
    }
    w->options = options;
    store_run_init(&w->run, options, memory);
    int length = snprintf(w->ballast_path, sizeof(w->ballast_path), "%s.ballast", options->path);
    int r = length < PATH_BYTES && options->bus_count <= STORE_BUSES_MAX ? new_parts(w) : -EINVAL;
    if (r < 0) {
        store_thin_free(w->thin);
        free(w);
        return r;
    }
    (void)snprintf(w->seal_path, sizeof(w->seal_path), "%s.seal", options->path); /* is shorter */
    *ret_outcome = (struct store_outcome){0};
    ret_outcome->result = open_log(w, loop_now_us(options->loop), ret_outcome);
    report_run(w, ret_outcome);
    ret_outcome->rollup = store_rollup_stats(w->rollup);
    *ret = w;
    return 0;
}

void store_writer_free(struct store_writer *writer, uint64_t newest)
{
    if (writer == NULL) {
        return;
    }
    if (writer->db != NULL && newest == writer->run.progress.committed) {
        store_run_end(&writer->run, &writer->state, newest);
    }
    store_rollup_end(writer->rollup);
    close_database(writer);
    store_thin_free(writer->thin);
    store_rollup_free(writer->rollup);
    store_run_deinit(&writer->run);
    free(writer);
}

bool store_writer_is_open(const struct store_writer *writer)
{
    return writer->db != NULL;
}

struct store_position store_writer_opened_at(const struct store_writer *writer)
{
    return writer->run.opened_at;
}

const struct store_bus_names *store_writer_bus_names(const struct store_writer *writer)
{
    return &writer->run.names;
}
