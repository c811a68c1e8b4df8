/*
 * The frames that a socket could not hold, from its counter of 32 bits. Each frame brings the
 * counter as it was when the frame was queued (SO_RXQ_OVFL), and the socket tells it as it is
 * (SO_MEMINFO): who asks while frames are waiting hears older values afterwards. Pure.
 */
#ifndef EDGE_GATEWAY_BUS_DROP_COUNT_H
#define EDGE_GATEWAY_BUS_DROP_COUNT_H

#include <stdint.h>

/* All 0: a new socket. */
struct drop_count {
    uint32_t seen; /* the newest value */
};

/* How many more were dropped than at the newest value before; of an older value none. Values are
 * compared as serial numbers (RFC 1982): less than 2^31 drops lie between two of them. */
uint32_t drop_count_note(struct drop_count *count, uint32_t value);

#endif
