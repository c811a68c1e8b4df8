/*
 * One group commit on its way to the disk: filled by the loop, carried out by the writer thread,
 * given back with what became of it. Whoever holds it owns it whole.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_BATCH_H
#define EDGE_GATEWAY_STORE_STORE_BATCH_H

#include "common/attributes.h"
#include "common/worker.h"
#include "edge-gateway/framelog/segment.h"
#include "edge-gateway/framelog/segment_builder.h"
#include "edge-gateway/store/store_clock.h"
#include "edge-gateway/store/store_memo.h"
#include "edge-gateway/store/store_memory.h"
#include "edge-gateway/store/store_options.h"
#include "edge-gateway/store/store_setup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_COUNTERS_MAX 64
#define STORE_LOSSES_MAX   8 /* kinds of loss that one commit can report */

struct store_saved_counter {
    const char *name; /* static */
    uint64_t value;
};

/* Seqs that left the log without an acknowledgement. */
struct store_loss {
    uint64_t first;
    uint64_t last;
    uint64_t count; /* not all between the two need be lost */
    enum segment_void reason;
};

/* What one commit did to the log beyond adding to it. */
struct store_outcome {
    int result;         /* 0, or -errno: nothing was committed */
    bool opened;        /* the run's first database was opened by this commit: see store_writer.h */
    uint64_t reserved;  /* seqs up to this one may be given out */
    uint64_t recovered; /* seqs of the run before that were found in memory */
    struct store_loss losses[STORE_LOSSES_MAX];
    size_t loss_count;
    uint64_t expired;          /* acknowledged seqs that were deleted */
    struct store_loss thinned; /* count 0: none */
    uint64_t used_bytes;
    uint64_t wal_bytes;
    int64_t took_us;
    struct store_rollup_stats rollup;
    const struct store_options *options; /* that the writer has now */
    uint64_t opening;    /* counts the files that were opened: which one is the present one */
    char set_aside[256]; /* a file was replaced by a new one: why, and its name; empty: none was */
    char error[256];     /* of a result below 0 */
};

struct store_batch {
    struct worker_job job;
    struct store *store; /* whose it is */
    struct store_batch *next;
    struct segment_builder *builder;
    struct store_memory *memory;  /* where the builder lies; NULL: on the heap */
    size_t slot;                  /* of `memory` */
    bool remains;                 /* it still holds what the run before left */
    bool clock_set;               /* the wall clock was sane when the segment was filled */
    struct store_clock_jump jump; /* of the wall clock, at its end or before it; jump_us 0 = none */
    uint64_t newest;       /* the last seq that was given out, in this segment or a later one */
    uint64_t acknowledged; /* the cursor */
    int64_t now_us;        /* monotonic clock of the loop */
    int64_t wall_us;       /* wall clock of the loop */
    bool is_damage_met;    /* by a reader: the database is to be set aside */
    struct store_saved_counter counters[STORE_COUNTERS_MAX];
    size_t counter_count;            /* 0 = not now */
    const struct store_memos *memos; /* those on the page go with it */
    const struct store_setup *setup; /* in force when it was submitted; NULL: as before */
    struct store_outcome outcome;
};

/* Empties it: the next record is `first_seq`, stamped by a clock that is sane or not. */
void store_batch_begin(struct store_batch *batch, uint64_t first_seq, bool clock_set);

/* What its records take on the disk. */
uint64_t store_batch_bytes(const struct store_batch *batch);

/* The counters as they are now; at most STORE_COUNTERS_MAX. */
void store_batch_keep_counters(struct store_batch *batch, const struct store_counter *counters,
                               size_t count);

/* Adds to the loss of the same reason, or begins one. */
void store_outcome_lost(struct store_outcome *outcome, uint64_t first, uint64_t last,
                        enum segment_void reason);

#endif
