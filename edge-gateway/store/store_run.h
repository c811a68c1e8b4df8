/*
 * A run of the gateway as the disk knows it: where the run before ended, how far seqs are reserved,
 * what is committed. It survives its database: should that be replaced, the run goes on in the new
 * one, and what was lost becomes a gap. What the run before had in memory when it was killed is
 * taken in. Writer thread.
 *
 * Three witnesses say which seqs may have been given out before: the database, the seal, and time.
 * Each is a bound, so the highest counts. A line of the seal that cannot be read may have reserved
 * one block more than the other; a seal that says nothing at all about a log that was not new
 * leaves the clock: no gateway logs more than a frame in a microsecond, so the microseconds since
 * 1970 are more than all seqs there ever were.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_RUN_H
#define EDGE_GATEWAY_STORE_STORE_RUN_H

#include "common/attributes.h"
#include "edge-gateway/store/store_batch.h"
#include "edge-gateway/store/store_memory.h"
#include "edge-gateway/store/store_options.h"
#include "edge-gateway/store/store_origin.h"
#include "edge-gateway/store/store_quota.h"
#include "edge-gateway/store/store_seal.h"
#include "edge-gateway/store/store_state.h"

#include <stdbool.h>
#include <stdint.h>

/* What the disk holds, once the transaction at hand is through. */
struct store_progress {
    uint64_t reserved; /* in the database and in the seal */
    uint64_t acknowledged;
    uint64_t committed; /* everything up to it is in a segment, a gap, or done with */
    uint64_t accounted; /* up to here, what is not acknowledged was reported as lost */
};

/* Of the database at hand; borrowed. */
struct store_run_tables {
    sqlite3 *db;
    struct store_state *state;
    struct store_quota *quota;
    sqlite3_stmt *insert; /* see store_segments.h */
};

struct store_run {
    const struct store_options *options; /* borrowed */
    struct store_memory *memory;         /* borrowed; NULL = none */
    struct store_seal seal;
    struct store_seal_found sealed; /* what it said when it was opened */
    bool is_file_older;             /* the database was there, the seal was not */
    bool has_begun;                 /* what follows is known */
    bool is_replacement;            /* a database was set aside before the run began */
    uint64_t cursor;                /* the loop's: may be ahead of what the disk has */
    struct store_position opened_at;
    struct store_progress progress;
    int64_t boot;                     /* row of this boot */
    uint64_t log_id;                  /* of the database */
    uint8_t bus_ids[STORE_BUSES_MAX]; /* by index of options->buses */
    struct store_bus_names names;     /* all that the log knows */
};

void store_run_init(struct store_run *run, const struct store_options *options,
                    struct store_memory *memory);
/* Lets go of the seal. */
void store_run_deinit(struct store_run *run);

/* Takes the log for this process: opens and locks the seal at `path`, unless it is held already. 0;
 * -EBUSY: another gateway has it; -errno. */
EDGE_MUST_CHECK int store_run_hold(struct store_run *run, const char *path);
/* False: the seal is not open, or another file is in its place. */
bool store_run_is_held(const struct store_run *run, const char *path);

/*
 * Begins the run in a database that was just opened, or goes on in it; within a transaction, and
 * valid when that is through: store_run_entered(). -EBADMSG: the database contradicts itself, or is
 * that of another log; -errno.
 */
EDGE_MUST_CHECK int store_run_enter(struct store_run *run, const struct store_run_tables *tables,
                                    struct store_outcome *outcome, struct store_progress *ret);
void store_run_entered(struct store_run *run, const struct store_progress *progress);

/* Reserves the seqs after `newest` if less than half a block of them is left. */
EDGE_MUST_CHECK int store_run_reserve(struct store_run *run, struct store_state *state,
                                      uint64_t newest, struct store_progress *progress);

/* Gives back the seqs that were reserved and not used. A fault costs a gap at the next start, which
 * is announced then. */
void store_run_end(struct store_run *run, struct store_state *state, uint64_t newest);

#endif
