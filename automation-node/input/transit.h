/*
 * How long a reading was on its way, by two clocks that nobody sets to each other.
 *
 * A reading cannot come before it was taken. So of the last ones the one that came soonest, by the
 * sender's clock and ours, shows how far the two are apart, and what comes later than that was
 * underway for the difference: behind a link that was away, or in our own socket while we stood
 * still. It was live when it was sent; it is not news any more.
 *
 * Where the sender's clock is set forward (or ours, which is the loop's, stops in a suspend), a
 * reading comes sooner than ever and is the new measure. Where it is set back, all that comes seems
 * late, until TRANSIT_WINDOW_US later, twice that at most, nobody remembers. Pure; one for each
 * stream of readings, all zero at first.
 */
#ifndef EDGE_AUTOMATION_INPUT_TRANSIT_H
#define EDGE_AUTOMATION_INPUT_TRANSIT_H

#include <stdbool.h>
#include <stdint.h>

#define TRANSIT_WINDOW_US INT64_C(30000000)

struct transit {
    bool known;
    int64_t soonest_us; /* least difference of the clocks in this window, and in the one before */
    int64_t soonest_before_us;
    int64_t window_us; /* when this one began */
};

/* How much later than the soonest one lately it came: `sent_us` by the sender's clock, `now_us` by
 * the loop's. 0 for the first one. */
int64_t transit_late_us(struct transit *transit, int64_t sent_us, int64_t now_us);

#endif
