/*
 * How long a wish was on its way that says when it was sent, by a clock of its sender's which is
 * never set and has a number of its own (payload_set.h). What one clock has sent before is the
 * measure: see common/transit.h. So the first wish by a clock is never late, nor is one where the
 * two clocks may have drifted that far since the wish before.
 *
 * The clocks of the last SENDER_CLOCKS_MAX senders are known; the one that was heard least lately
 * makes way. Pure; all zero at first.
 */
#ifndef EDGE_GATEWAY_COMMAND_SENDER_CLOCKS_H
#define EDGE_GATEWAY_COMMAND_SENDER_CLOCKS_H

#include "common/transit.h"
#include "topics/payload_set.h"

#include <stdint.h>

#define SENDER_CLOCKS_MAX   8
#define SENDER_CLOCKS_DRIFT 5000 /* one part in this: 200 ppm, for two crystals */

struct sender_clock {
    uint64_t clock; /* its number; 0: free */
    int64_t heard_us;
    struct transit transit;
};

struct sender_clocks {
    struct sender_clock clocks[SENDER_CLOCKS_MAX];
};

/* `now_us` by a clock that is never set and goes on while the machine sleeps. */
int64_t sender_clocks_late_us(struct sender_clocks *clocks, const struct payload_stamp *sent,
                              int64_t now_us);

#endif
