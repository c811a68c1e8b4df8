/*
 * How long a message was on its way, by two clocks that nobody sets to each other.
 *
 * A message cannot come before it was sent. So of the last ones the one that came soonest, by the
 * sender's clock and ours, shows how far the two are apart, and what comes later than that was
 * underway for the difference: behind a link that was away, or in our own socket while we stood
 * still. It was live when it was sent; it is not news any more, and no order.
 *
 * Where the sender's clock is set forward (or ours, which is the loop's, stops in a suspend), a
 * message comes sooner than ever, and the stream begins anew. Where it is set back, all that comes
 * seems late, until TRANSIT_WINDOW_US later, twice that at most, nobody remembers.
 *
 * Nothing is known yet of a stream that has just begun, and it may begin with what waited for us.
 * For its first seconds the wall clocks are believed, as long as what they say can be a delay.
 *
 * Pure; one for each stream of messages, all zero at first.
 */
#ifndef EDGE_COMMON_TRANSIT_H
#define EDGE_COMMON_TRANSIT_H

#include <stdbool.h>
#include <stdint.h>

#define TRANSIT_WINDOW_US  INT64_C(30000000)
#define TRANSIT_YOUNG_US   INT64_C(3000000)   /* what waited has come by then */
#define TRANSIT_STEP_US    INT64_C(1000000)   /* sooner than ever by more: a clock was set */
#define TRANSIT_LONGEST_US INT64_C(120000000) /* no connection holds anything longer */

struct transit {
    bool known;
    int64_t soonest_us; /* least difference of the clocks in this window, and in the one before */
    int64_t soonest_before_us;
    int64_t window_us; /* when this one began */
    int64_t began_us;  /* ... and the stream */
};

/* How much later than the soonest one lately it came: `sent_us` by the sender's wall clock,
 * `now_us` by the loop's, `wall_us` by ours. */
int64_t transit_late_us(struct transit *transit, int64_t sent_us, int64_t now_us, int64_t wall_us);

#endif
