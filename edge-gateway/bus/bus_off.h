/*
 * When a controller that left the bus is restarted: after a second, then two, four, up to a minute.
 * One that stayed on the bus for a minute begins anew. A bus with a short circuit is so not
 * disturbed all the time, and one that was touched by a cable for a moment is back at once. Pure;
 * `now_us` is monotonic.
 */
#ifndef EDGE_GATEWAY_BUS_BUS_OFF_H
#define EDGE_GATEWAY_BUS_BUS_OFF_H

#include "common/backoff.h"

#include <stdbool.h>
#include <stdint.h>

struct bus_off {
    struct backoff backoff;
    bool is_off;
    int64_t back_us; /* when it came back; INT64_MIN = never was off */
};

/* `seed` is not 0. */
void bus_off_init(struct bus_off *b, uint64_t seed);

/* The state of the controller was told: true if it has just left the bus, and when it is to be
 * restarted. */
bool bus_off_note(struct bus_off *b, bool is_off, int64_t now_us, int64_t *ret_restart_us);

/* It was tried, and the controller is off still: when to try again. */
int64_t bus_off_again(struct bus_off *b, int64_t now_us);

#endif
