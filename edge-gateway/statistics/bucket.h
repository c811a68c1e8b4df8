/*
 * Statistics of one signal over one interval ("bucket"): count, extremes with their times, mean,
 * last, and the time-weighted mean, in which a value holds until the next one comes, but not for
 * longer than `hold_us` (a dead sensor has no value).
 *
 * Buckets of the same signal that follow each other merge into one; the time-weighted parts need
 * bucket_close() first. Pure.
 */
#ifndef EDGE_GATEWAY_STATISTICS_BUCKET_H
#define EDGE_GATEWAY_STATISTICS_BUCKET_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bucket {
    uint64_t count; /* values added; 0 = all but the weighted parts mean nothing */
    double min;
    double max;
    double sum;     /* infinite when it leaves the range of a double, and so the mean */
    double last;    /* by time, not by order of adding */
    int64_t min_us; /* when, wall clock; the earliest time that has it */
    int64_t max_us;
    int64_t first_us;
    int64_t last_us;
    double weighted_sum; /* unit x seconds */
    double weighted_s;   /* seconds for which there was a value */
};

/* Carries a signal's last value from one bucket into the next. {0} = none. */
struct bucket_hold {
    bool valid;
    double value;
    int64_t since_us; /* counted up to here */
    int64_t until_us; /* the value's own time + hold_us */
};

/*
 * {0} is an empty bucket. A value that is not finite is not added (the caller counts it).
 *
 * Times may go back, and no moment is weighted twice: a value older than the held one came late; it
 * counts, but does not hold. Only one that is older by more than `hold_us` holds, from its own time
 * on: the clock was set back, and waiting until it has caught up might take for ever.
 */
void bucket_add(struct bucket *bucket, struct bucket_hold *hold, double value, int64_t ts_us,
                int64_t hold_us);
/* Adds the weight of the held value up to `end_us`; the hold goes on into the next bucket. */
void bucket_close(struct bucket *bucket, struct bucket_hold *hold, int64_t end_us);

/* As if all values had been added to `into`. */
void bucket_merge(struct bucket *into, const struct bucket *from);

/* NAN when there is none: no value, or no weight. */
double bucket_mean(const struct bucket *bucket);
double bucket_weighted_mean(const struct bucket *bucket);

/*
 * One bucket as bytes, exactly. The doubles are 8 bytes, big endian; a varint has 7 bits a byte,
 * the lowest first, the top bit set but in the last (LEB128); a time is the varint of its µs after
 * `start_us`, 0 -1 1 -2 ... as 0 1 2 3 ... (zigzag).
 *
 *   1 byte     0 = empty; else 0x10 (the format) | 1 = has values | 2 = has a weight
 *   values     count varint | min max sum last | min_us max_us first_us last_us times
 *   weight     weighted_sum weighted_s
 *
 * `bytes` has BUCKET_MAX_BYTES. Returns the length.
 */
#define BUCKET_MAX_BYTES 128
size_t bucket_encode(const struct bucket *bucket, int64_t start_us, uint8_t *bytes);
/* The reverse. The number of bytes used, or -EBADMSG: they are cut off, of another format, or of
 * nothing that bucket_add() makes (min > last, no value in a bucket that has values, ...). */
EDGE_MUST_CHECK int bucket_decode(const uint8_t *bytes, size_t length, int64_t start_us,
                                  struct bucket *ret);

#endif
