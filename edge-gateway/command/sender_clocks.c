#include "edge-gateway/command/sender_clocks.h"

#include <stddef.h>

#define US_PER_MS 1000

static struct sender_clock *find(struct sender_clocks *clocks, uint64_t clock)
{
    struct sender_clock *oldest = &clocks->clocks[0];
    for (size_t i = 0; i < SENDER_CLOCKS_MAX; i++) {
        struct sender_clock *it = &clocks->clocks[i];
        if (it->clock == clock) {
            return it;
        }
        if (it->clock == 0 || (oldest->clock != 0 && it->heard_us < oldest->heard_us)) {
            oldest = it;
        }
    }
    *oldest = (struct sender_clock){.clock = clock};
    return oldest;
}

int64_t sender_clocks_late_us(struct sender_clocks *clocks, const struct payload_stamp *sent,
                              int64_t now_us)
{
    struct sender_clock *it = find(clocks, sent->clock);
    int64_t sent_us = (int64_t)sent->ms * US_PER_MS; /* at most PAYLOAD_INTEGER_MAX: it fits */
    int64_t silent_us = it->transit.known ? now_us - it->heard_us : 0;
    /* What a wall clock says is not asked for: `sent` is no wall clock's. */
    int64_t late_us = transit_late_us(&it->transit, sent_us, now_us, sent_us);
    it->heard_us = now_us;
    late_us -= silent_us / SENDER_CLOCKS_DRIFT;
    return late_us > 0 ? late_us : 0;
}
