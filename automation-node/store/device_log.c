#include "automation-node/store/device_log.h"

#include "automation-node/store/store_schema.h"
#include "common/database.h"
#include "common/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMIT_INTERVAL_US (100 * US_PER_MS)
#define WAKE_INTERVAL_US   (20 * US_PER_MS) /* of what would be missed after a kill */
#define RETRY_US           (2 * US_PER_S)
#define BUSY_TIMEOUT_MS    5000 /* the gateway may be writing */
/* A damaged file is set aside after so many attempts: a gateway that shares it does so at once, and
 * two must not. */
#define DAMAGED_MAX 5

enum {
    PUT_STATE,
    PUT_DECISION,
    PUT_RECORD,
    DELETE_RECORD,
    TRIM,
    STATEMENT_COUNT
};

static const char *const sql[STATEMENT_COUNT] = {
    [PUT_STATE] = "INSERT OR REPLACE INTO device_states (node, device, value, target, source,"
                  " reason, quality, since_us, until_us, updated_us)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    /* One row per decision: a state that only confirms it adds none. (Its `since` is monotonic time
     * made wall clock each time anew, so it is the same within microseconds only.) */
    [PUT_DECISION] = "INSERT INTO control_history (ts_us, node, device, target, source, reason,"
                     " until_us) SELECT ?10, ?1, ?2, ?4, ?5, ?6, ?9 WHERE NOT EXISTS"
                     " (SELECT 1 FROM device_states WHERE node = ?1 AND device = ?2"
                     "  AND target IS ?4 AND source IS ?5 AND abs(since_us - ?8) < 500000)",
    [PUT_RECORD] = "INSERT OR REPLACE INTO engine_state (node, kind, id, definition, data)"
                   " VALUES (?1, ?2, ?3, printf('%016x', ?4), ?5)",
    [DELETE_RECORD] = "DELETE FROM engine_state WHERE node = ?1 AND kind = ?2 AND id = ?3",
    [TRIM] = "DELETE FROM control_history WHERE id <="
             " (SELECT coalesce(max(id), 0) FROM control_history) - ?1",
};

/* Entries on their way; the loop's or the thread's, never both. */
struct batch {
    size_t count;
    struct device_log_entry entries[DEVICE_LOG_ENTRIES_MAX];
    struct record_batch records;
};

struct device_log {
    struct worker_job job; /* first: the log is found by its address */
    struct device_log_options options;
    struct worker *worker;
    struct timer timer;
    struct batch batches[2];
    struct batch *filling; /* the loop's */
    struct batch *writing; /* the thread's while `busy` */
    bool busy;
    bool wanted;      /* there are records to collect */
    int64_t began_us; /* monotonic: to write, last */
    uint64_t keeps;   /* rows; of the write under way: the thread's while `busy` */
    bool closing;
    sqlite3 *db; /* the thread's, as are the statements */
    sqlite3_stmt *statements[STATEMENT_COUNT];
    int damaged; /* openings in a row that found no good database */
    int result;
    char error[DATABASE_ERROR_BYTES];
    struct device_log_stats stats;
};

/* ---- in the thread ---------------------------------------------------------------------- */

static void close_database(struct device_log *log)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        (void)sqlite3_finalize(log->statements[i]); /* repeats a fault that was reported */
        log->statements[i] = NULL;
    }
    database_close(log->db);
    log->db = NULL;
}

static int open_database(struct device_log *log)
{
    const struct database_options options = {.path = log->options.path,
                                             .busy_timeout_ms = BUSY_TIMEOUT_MS,
                                             .schema = &automation_schema};
    int r = database_open(&options, &log->db, log->error);
    for (int i = 0; r == 0 && i < STATEMENT_COUNT; i++) {
        r = database_prepare(log->db, sql[i], &log->statements[i]);
    }
    return r;
}

static void bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    /* Cannot fail: the index exists, and the text is not copied. NULL stays for "". */
    (void)sqlite3_bind_text(statement, index, text[0] != '\0' ? text : NULL, -1, SQLITE_STATIC);
}

static int put(struct device_log *log, int which, const struct device_log_entry *entry)
{
    sqlite3_stmt *s = log->statements[which];
    (void)sqlite3_clear_bindings(s); /* always succeeds */
    bind_text(s, 1, log->options.node);
    bind_text(s, 2, entry->device);
    if (which == PUT_STATE) {
        bind_text(s, 3, entry->value);
        bind_text(s, 7, entry->quality);
    }
    bind_text(s, 4, entry->target);
    bind_text(s, 5, entry->source);
    bind_text(s, 6, entry->reason);
    (void)sqlite3_bind_int64(s, 8, entry->since_us); /* the index exists */
    if (entry->until_us != 0) {
        (void)sqlite3_bind_int64(s, 9, entry->until_us);
    }
    (void)sqlite3_bind_int64(s, 10, entry->ts_us);
    return database_step(s);
}

static int put_record(struct device_log *log, const struct stored_record *record)
{
    bool gone = record->data[0] == '\0';
    sqlite3_stmt *s = log->statements[gone ? DELETE_RECORD : PUT_RECORD];
    (void)sqlite3_clear_bindings(s); /* always succeeds; the indices below exist */
    (void)sqlite3_bind_text(s, 1, log->options.node, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(s, 2, record->kind, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(s, 3, record->id, -1, SQLITE_STATIC);
    if (!gone) {
        (void)sqlite3_bind_int64(s, 4, (sqlite3_int64)record->definition);
        (void)sqlite3_bind_text(s, 5, record->data, -1, SQLITE_STATIC);
    }
    return database_step(s);
}

static int put_records(struct device_log *log)
{
    struct stored_record record;
    int r = 0;
    for (size_t at = 0; r == 0 && record_batch_next(&log->writing->records, &at, &record);) {
        r = put_record(log, &record);
    }
    return r;
}

static int write_batch(struct device_log *log)
{
    int r = database_exec(log->db, "BEGIN IMMEDIATE");
    r = r == 0 ? put_records(log) : r;
    for (size_t i = 0; r == 0 && i < log->writing->count; i++) {
        r = put(log, PUT_DECISION, &log->writing->entries[i]);
        if (r == 0) {
            r = put(log, PUT_STATE, &log->writing->entries[i]);
        }
    }
    if (r == 0) {
        (void)sqlite3_bind_int64(log->statements[TRIM], 1, (sqlite3_int64)log->keeps);
        r = database_step(log->statements[TRIM]);
    }
    return r == 0 ? database_exec(log->db, "COMMIT") : r;
}

static void write_all(struct device_log *log)
{
    char aside[4096];
    log->error[0] = '\0';
    int r = log->db == NULL ? open_database(log) : 0;
    log->damaged = r == -EBADMSG ? log->damaged + 1 : 0;
    if (log->damaged >= DAMAGED_MAX) {
        close_database(log);
        int64_t now_us = clock_system.realtime_us(clock_system.context);
        r = database_set_aside(log->options.path, "damaged", now_us, aside, sizeof(aside));
        r = r == 0 ? open_database(log) : r;
    }
    r = r == 0 ? write_batch(log) : r;
    if (r < 0 && log->error[0] == '\0') {
        (void)snprintf(log->error, sizeof(log->error), "%s",
                       log->db != NULL ? sqlite3_errmsg(log->db) : strerror(-r));
    }
    if (r < 0) {
        close_database(log); /* a transaction that is open ends with it */
    }
    log->result = r;
}

static void run(struct worker_job *job)
{
    write_all((struct device_log *)job); /* its first member */
}

/* ---- in the loop ------------------------------------------------------------------------ */

static bool is_empty(const struct batch *batch)
{
    return batch->count == 0 && batch->records.count == 0;
}

static void collect(struct device_log *log, struct batch *batch, bool final)
{
    if (log->options.collect != NULL) {
        log->options.collect(log->options.context, &batch->records, final);
    }
}

static void start_writing(struct device_log *log)
{
    if (log->busy || log->closing) {
        return;
    }
    if (is_empty(log->writing)) { /* else the last attempt failed: the same again */
        struct batch *batch = log->writing;
        log->writing = log->filling;
        log->filling = batch;
        log->wanted = false;
        collect(log, log->writing, false);
    }
    log->keeps = log->options.history_max;
    log->busy = !is_empty(log->writing) && worker_submit(log->worker, &log->job);
    log->began_us = log->busy ? loop_now_us(log->options.loop) : log->began_us;
}

static void on_timer(void *context)
{
    start_writing(context);
}

static void take_result(struct device_log *log)
{
    log->stats.open = log->result == 0;
    if (log->result < 0) {
        log->stats.failures++;
    } else {
        log->stats.written += log->writing->count;
        log->stats.records += log->writing->records.count;
        log->writing->count = 0;
        record_batch_reset(&log->writing->records);
    }
}

static void done(struct worker_job *job)
{
    struct device_log *log = (struct device_log *)job; /* its first member */
    log->busy = false;
    take_result(log);
    if (!log->closing && (log->result < 0 || log->filling->count > 0)) {
        loop_timer_after(log->options.loop, &log->timer,
                         log->result < 0 ? RETRY_US : COMMIT_INTERVAL_US);
    }
    if (log->wanted && log->result == 0) {
        device_log_wake(log);
    }
}

/* At once, unless it was only just done. */
void device_log_wake(struct device_log *log)
{
    log->wanted = true;
    int64_t at_us = log->began_us + WAKE_INTERVAL_US;
    bool sooner = !timer_is_armed(&log->timer) || log->timer.deadline_us > at_us;
    if (!log->busy && !log->closing && log->result == 0 && sooner) {
        loop_timer_at(log->options.loop, &log->timer, at_us);
    }
}

void device_log_collect_for(struct device_log *log, void *context)
{
    log->options.context = context;
}

void device_log_keep(struct device_log *log, uint64_t history_max)
{
    log->options.history_max = history_max;
}

void device_log_note(struct device_log *log, const struct device_log_entry *entry)
{
    if (log->filling->count == DEVICE_LOG_ENTRIES_MAX) {
        log->stats.dropped++;
        return;
    }
    log->filling->entries[log->filling->count++] = *entry;
    if (!log->busy && !timer_is_armed(&log->timer)) {
        loop_timer_after(log->options.loop, &log->timer, COMMIT_INTERVAL_US);
    }
}

static void free_texts(struct device_log *log)
{
    free((char *)log->options.path);
    free((char *)log->options.node);
}

int device_log_new(const struct device_log_options *options, struct device_log **ret)
{
    struct device_log *log = calloc(1, sizeof(*log));
    if (log == NULL) {
        return -ENOMEM;
    }
    log->options = *options;
    log->options.path = strdup(options->path);
    log->options.node = strdup(options->node);
    if (log->options.path == NULL || log->options.node == NULL) {
        free_texts(log);
        free(log);
        return -ENOMEM;
    }
    log->job = (struct worker_job){.run = run, .done = done};
    log->timer = (struct timer){.fn = on_timer, .context = log};
    log->began_us = -COMMIT_INTERVAL_US;
    record_batch_init(&log->batches[0].records);
    record_batch_init(&log->batches[1].records);
    log->filling = &log->batches[0];
    log->writing = &log->batches[1];
    int r = worker_new(options->loop, "device-log", 1, &log->worker);
    if (r < 0) {
        free_texts(log);
        free(log);
        return r;
    }
    *ret = log;
    return 0;
}

void device_log_free(struct device_log *log)
{
    if (log == NULL) {
        return;
    }
    log->closing = true;
    worker_free(log->worker);
    loop_timer_cancel(log->options.loop, &log->timer);
    collect(log, log->filling, true);
    log->keeps = log->options.history_max;
    for (int i = 0; i < 2; i++) {
        if (!is_empty(log->writing)) {
            write_all(log);
            take_result(log);
        }
        struct batch *batch = log->writing;
        log->writing = log->filling;
        log->filling = batch;
    }
    close_database(log);
    record_batch_deinit(&log->batches[0].records);
    record_batch_deinit(&log->batches[1].records);
    free_texts(log);
    free(log);
}

const char *device_log_fault(const struct device_log *log)
{
    return log->busy ? "" : log->error;
}

struct device_log_stats device_log_stats(const struct device_log *log)
{
    struct device_log_stats stats = log->stats;
    stats.writing_us = log->busy ? loop_now_us(log->options.loop) - log->began_us : 0;
    return stats;
}
