/*
 * Before a log that gets full drops anything, it gets coarser: the oldest readings become summaries
 * (min, max, mean, last of each signal over an interval), those of low priority first. Whether they
 * were acknowledged makes no difference. A frame that no DBC names stays whole, as events do.
 *
 * Each call does a bounded part of the log, so that a commit stays short. It goes on where the one
 * before ended, for each priority: what was passed over (a segment that cannot be read, or whose
 * stamps are not true) is not tried again. Writer thread, within its transaction.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_THIN_H
#define EDGE_GATEWAY_STORE_STORE_THIN_H

#include "common/attributes.h"
#include "edge-gateway/store/store_batch.h"
#include "edge-gateway/store/store_options.h"
#include "edge-gateway/store/store_run.h"
#include "edge-gateway/store/store_state.h"

#include <sqlite3.h>

#include <stdbool.h>
#include <stdint.h>

struct store_thin;

/* `options` are borrowed. 0, -EINVAL or -ENOMEM. */
EDGE_MUST_CHECK int store_thin_new(const struct store_options *options, struct store_thin **ret);
/* Accepts NULL. */
void store_thin_free(struct store_thin *thin);

/* For a database that was opened. 0 or -errno; close accepts a half-opened one. */
EDGE_MUST_CHECK int store_thin_open(struct store_thin *thin, sqlite3 *db);
void store_thin_close(struct store_thin *thin);

struct store_thin_now {
    struct store_state *state;
    const struct store_run *run;
    uint64_t through; /* later seqs are left alone: their commit may have to be repeated */
    int64_t wall_us;
};

/* Thins what is old enough, if outcome->used_bytes call for it: low priority from
 * thinning.from_percent of the quota on, normal priority from half-way between that and all of it.
 * What was thinned is added to the outcome. 0 or -errno. */
EDGE_MUST_CHECK int store_thin_relieve(struct store_thin *thin, const struct store_thin_now *now,
                                       struct store_outcome *outcome);
/* More would have been thinned by the last call, if it had not been for now->through. */
bool store_thin_is_held_up(const struct store_thin *thin);

#endif
