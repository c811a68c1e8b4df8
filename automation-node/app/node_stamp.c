#include "automation-node/app/node_stamp.h"

#include "automation-node/app/node_impl.h"
#include "common/clock.h"
#include "topics/limits.h"

#include <sys/random.h>

/* Its time to begin with, and chance: before their clocks are set, many machines start at one
 * time. */
uint64_t node_stamp_clock(const struct loop *loop)
{
    uint64_t number = (uint64_t)loop_realtime_us(loop);
    uint64_t chance = 0;
    if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) == (ssize_t)sizeof(chance)) {
        number ^= chance;
    }
    return number % (PAYLOAD_INTEGER_MAX - 1) + 1;
}

struct payload_stamp node_stamp(void *context)
{
    const struct node *n = context;
    return (struct payload_stamp){n->stamp_clock, (uint64_t)(clock_boottime_us() / US_PER_MS)};
}
