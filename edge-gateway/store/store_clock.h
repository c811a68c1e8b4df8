/*
 * What a jump of the wall clock means for the log: it is recorded, and stamps from before the clock
 * was ever right move along with it; what roll-ups made of those is taken back (the writer has to
 * call store_rollup_forget() then). Writer thread, within its transaction.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_CLOCK_H
#define EDGE_GATEWAY_STORE_STORE_CLOCK_H

#include "common/attributes.h"

#include <sqlite3.h>

#include <stdbool.h>
#include <stdint.h>

struct store_clock_jump {
    uint64_t at_seq;      /* the last seq given out before it */
    int64_t monotonic_us; /* when it was noticed: with at_seq, tells it from all others of a boot */
    int64_t after_us;     /* wall clock, the same moment */
    int64_t jump_us;
    bool was_set; /* the clock was right before: stamps stay as they are */
    bool is_set;  /* it is now */
};

/* `boot` is the row of this boot, `from_seq` the first seq of the transaction. A jump that is in
 * the log already (its commit was reported as failed) moves only what comes with this one. 0 or
 * -errno. */
EDGE_MUST_CHECK int store_clock_correct(sqlite3 *db, const struct store_clock_jump *jump,
                                        int64_t boot, uint64_t from_seq);

#endif
