/*
 * How long to wait before trying again: doubles from `min_us` to `max_us`, spread over the upper
 * half of the interval, so that a hundred nodes do not come back in the same second. Pure; the
 * caller seeds it.
 */
#ifndef EDGE_COMMON_BACKOFF_H
#define EDGE_COMMON_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

struct backoff {
    int64_t min_us;
    int64_t max_us;
    int64_t next_us; /* upper end of the next delay */
    uint64_t random; /* state of the generator; not 0 */
    bool is_spread;  /* others are out of step already */
};

void backoff_init(struct backoff *b, int64_t min_us, int64_t max_us, uint64_t seed);

/* Other bounds; the interval goes on from where it is, as far as they allow. */
void backoff_set_bounds(struct backoff *b, int64_t min_us, int64_t max_us);

/* The next delay: between half of the present interval and all of it. */
int64_t backoff_next_us(struct backoff *b);

/* The same once more: the interval does not grow. */
int64_t backoff_again_us(struct backoff *b);

/* Before another address of the same round: the shortest one, and the interval does not grow. */
int64_t backoff_other_us(struct backoff *b);

/* After the end of a connection that many others lost at the same moment: anywhere from 0 to
 * `spread_us`, so that as many come back in each second of it. Later delays begin there, or with
 * the longest one if that is shorter, and are not random: who is spread out stays so. */
int64_t backoff_spread_us(struct backoff *b, int64_t spread_us);

/* After success: the next delay is short again. */
void backoff_reset(struct backoff *b);

#endif
