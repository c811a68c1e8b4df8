/*
 * What devices were told, by whom and why, in SQLite: `device_states` has each device's newest
 * state, `control_history` one row per decision, `engine_state` what the engine goes on with after
 * a stop (record_read.h). The file may be the gateway's (each daemon has its own tables) or one of
 * the node's own.
 *
 * Writing happens in a thread: entries are collected for a moment and committed together. What the
 * disk does not take waits, up to DEVICE_LOG_ENTRIES_MAX entries; more are dropped and counted. A
 * file that is damaged is set aside, one that cannot be opened is tried again; devices are driven
 * all the same.
 */
#ifndef EDGE_AUTOMATION_STORE_DEVICE_LOG_H
#define EDGE_AUTOMATION_STORE_DEVICE_LOG_H

#include "automation-node/store/record_batch.h"
#include "common/attributes.h"
#include "common/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEVICE_LOG_ENTRIES_MAX 256
#define DEVICE_LOG_TEXT_MAX    96 /* bytes of a value or source */
#define DEVICE_LOG_REASON_MAX  320

/* Copied. Times are wall clock. */
struct device_log_entry {
    const char *quality; /* static */
    char device[DEVICE_LOG_TEXT_MAX];
    char value[DEVICE_LOG_TEXT_MAX];    /* "" = not known */
    char target[DEVICE_LOG_TEXT_MAX];   /* "" = none */
    char source[DEVICE_LOG_TEXT_MAX];   /* who decided */
    char reason[DEVICE_LOG_REASON_MAX]; /* why */
    int64_t ts_us;
    int64_t since_us;
    int64_t until_us; /* 0 = open */
};

struct device_log_options {
    struct loop *loop;
    const char *path;     /* copied */
    const char *node;     /* copied; several nodes may share a file */
    uint64_t history_max; /* rows of control_history that are kept */
    /* Adds the records that are to be written, which replace those of the same kind and id. Called
     * when a transaction is about to begin, and, `final`, by device_log_free(). May be NULL. */
    void (*collect)(void *context, struct record_batch *records, bool final);
    void *context;
};

struct device_log_stats {
    bool open;          /* the last commit succeeded */
    uint64_t written;   /* entries */
    uint64_t records;   /* of `engine_state` */
    uint64_t dropped;   /* entries that had no place */
    uint64_t failures;  /* commits */
    int64_t writing_us; /* how long the write under way has taken; 0: none is */
};

struct device_log;

/* 0 also when the database cannot be opened now. -ENOMEM or another fault of starting a thread. */
EDGE_MUST_CHECK int device_log_new(const struct device_log_options *options,
                                   struct device_log **ret);
/* Writes what is left; blocks. Accepts NULL. */
void device_log_free(struct device_log *log);

void device_log_note(struct device_log *log, const struct device_log_entry *entry);

/* There are records to collect: begins at once, but not more often than each 20 ms. */
void device_log_wake(struct device_log *log);

/* Another context for `collect`. */
void device_log_collect_for(struct device_log *log, void *context);

/* Another number of rows to be kept, from the next commit on. */
void device_log_keep(struct device_log *log, uint64_t history_max);

/* Why the last commit failed; "" if it did not. */
const char *device_log_fault(const struct device_log *log);
struct device_log_stats device_log_stats(const struct device_log *log);

#endif
