/*
 * The frame log as it lies in its tables, segments and gaps in order of seq: what `history` prints
 * and `verify` checks. Every step is a statement of its own, so a walk takes the memory of one
 * segment and does not hold up a gateway that writes the log meanwhile. Who wants the whole log as
 * of one moment begins a transaction on the connection.
 *
 * A gateway at work drops the oldest segments and writes gaps, perhaps where the walk has been: the
 * caller passes over seqs that it has seen.
 */
#ifndef EDGE_GATEWAY_STORE_LOG_WALK_H
#define EDGE_GATEWAY_STORE_LOG_WALK_H

#include "common/attributes.h"
#include "edge-gateway/framelog/segment.h"

#include <sqlite3.h>

#include <stdbool.h>
#include <stdint.h>

/* The part of the log to walk. What reaches into it is taken whole. */
struct log_span {
    uint64_t after_seq; /* 0 = from the oldest on */
    bool has_time;      /* the two below count, and gaps only between segments that are taken */
    int64_t from_us;
    int64_t to_us; /* not included */
};

enum log_item_kind {
    LOG_ITEM_SEGMENT,
    LOG_ITEM_GAP
};

/* One row. What it says is not checked, but for `intact`; texts and blobs are borrowed until the
 * next step. */
struct log_item {
    enum log_item_kind kind;
    uint64_t first;
    uint64_t last;
    struct segment segment; /* LOG_ITEM_SEGMENT */
    bool intact;            /* its checksum is right, and `first` and `last` make sense */
    const char *reason;     /* LOG_ITEM_GAP */
};

struct log_walk;

/* Borrows the connection. 0, -ENOMEM; -EINVAL: there is no frame log in it; -errno. */
EDGE_MUST_CHECK int log_walk_new(sqlite3 *db, const struct log_span *span, struct log_walk **ret);
void log_walk_free(struct log_walk *walk);

/* 1 and the next item, 0 at the end, or -errno of reading. */
EDGE_MUST_CHECK int log_walk_next(struct log_walk *walk, struct log_item *ret);

#endif
