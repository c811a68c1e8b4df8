/*
 * By what time data get old. A wall clock that is wrong for a while (a jump of years ahead, and
 * back) must not delete anything: nothing is old until it has gone on evenly for an hour, be it
 * since the start or since somebody set it. Pure.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_AGE_H
#define EDGE_GATEWAY_STORE_STORE_AGE_H

#include "common/clock.h"

#include <stdbool.h>
#include <stdint.h>

#define STORE_AGE_STEADY_US (3600 * US_PER_S)
/* Set by less, it has not jumped: a leap second, the first correction of a time server. Slewing
 * moves the monotonic clock, too. */
#define STORE_AGE_DRIFT_US (10 * US_PER_S)

/* All zero: the clock was not read yet. */
struct store_age {
    bool has_begun;
    int64_t wall_us; /* both clocks, when the wall clock was first seen where it is */
    int64_t monotonic_us;
};

/* To be asked now and then. The time by which age counts, in us since 1970; 0: there is none, and
 * nothing is too old. */
int64_t store_age_now(struct store_age *age, int64_t wall_us, int64_t monotonic_us);

#endif
