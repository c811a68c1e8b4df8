/*
 * The log's own numbers: the table `state` (how far seqs are reserved, acknowledged, rolled up) and
 * the table `counters` (the last run's, for `verify`), and the table `memos`. Writer thread, within
 * its transaction.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_STATE_H
#define EDGE_GATEWAY_STORE_STORE_STATE_H

#include "common/attributes.h"
#include "edge-gateway/store/store_batch.h"
#include "edge-gateway/store/store_memo.h"

#include <sqlite3.h>

#include <stddef.h>
#include <stdint.h>

/* The highest seq there can be: whole numbers up to here are exact in JSON. */
#define STORE_SEQ_MAX ((1ull << 53) - 1)

enum store_state_name {
    STORE_STATE_RESERVED,       /* no seq above it was ever given out */
    STORE_STATE_ACKNOWLEDGED,   /* everything up to it is done with */
    STORE_STATE_THINNED_LOW,    /* up to it, messages of low priority are thinned */
    STORE_STATE_THINNED_NORMAL, /* up to it, those of normal priority, too */
    STORE_STATE_ROLLUP,         /* every frame up to it is in the roll-ups */
    STORE_STATE_ROLLUP_BYTES,   /* that the roll-ups take */
    STORE_STATE_WEIGHED,        /* wall clock, microseconds: see store_hold_is_weighed() */
    STORE_STATE_LOG,            /* a random number that tells this log from any other */
    STORE_STATE_COUNT
};

struct store_state {
    sqlite3_stmt *get;
    sqlite3_stmt *set;
    sqlite3_stmt *set_counter;
    sqlite3_stmt *set_memo;
};

/* 0 or -errno; deinit accepts a half-made one. */
EDGE_MUST_CHECK int store_state_init(struct store_state *state, sqlite3 *db);
void store_state_deinit(struct store_state *state);

/* "reserved_seq", "acknowledged_seq", "thinned_low_seq", ... */
const char *store_state_text(enum store_state_name name);

/* *ret is untouched if it was never set. 0 or -errno. */
EDGE_MUST_CHECK int store_state_get(struct store_state *state, enum store_state_name name,
                                    uint64_t *ret);
EDGE_MUST_CHECK int store_state_set(struct store_state *state, enum store_state_name name,
                                    uint64_t value);
EDGE_MUST_CHECK int store_state_set_counters(struct store_state *state,
                                             const struct store_saved_counter *counters,
                                             size_t count);

EDGE_MUST_CHECK int store_state_set_memos(struct store_state *state, const struct store_memo *memos,
                                          size_t count);

/* One number out of a query that gives one row. 0; -EBADMSG: no row; -errno. */
EDGE_MUST_CHECK int store_state_query(sqlite3 *db, const char *sql, uint64_t *ret);

#endif
