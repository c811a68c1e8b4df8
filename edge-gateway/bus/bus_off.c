#include "edge-gateway/bus/bus_off.h"

#include "common/clock.h"

#define WAIT_MIN_US US_PER_S
#define WAIT_MAX_US (60 * US_PER_S)
#define HEALTHY_US  (60 * US_PER_S)

void bus_off_init(struct bus_off *b, uint64_t seed)
{
    *b = (struct bus_off){.back_us = INT64_MIN};
    backoff_init(&b->backoff, WAIT_MIN_US, WAIT_MAX_US, seed);
}

bool bus_off_note(struct bus_off *b, bool is_off, int64_t now_us, int64_t *ret_restart_us)
{
    if (is_off == b->is_off) {
        return false;
    }
    b->is_off = is_off;
    if (!is_off) {
        b->back_us = now_us;
        return false;
    }
    if (b->back_us != INT64_MIN && now_us - b->back_us >= HEALTHY_US) {
        backoff_reset(&b->backoff);
    }
    *ret_restart_us = bus_off_again(b, now_us);
    return true;
}

int64_t bus_off_again(struct bus_off *b, int64_t now_us)
{
    return now_us + backoff_next_us(&b->backoff);
}
