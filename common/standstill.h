/* How long a part that has work has not moved: what a watchdog is fed by. */
#ifndef EDGE_COMMON_STANDSTILL_H
#define EDGE_COMMON_STANDSTILL_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed at first. */
struct standstill {
    bool busy;
    uint64_t count;
    int64_t since_us;
};

/* `busy`: the part has work now; `count`: differs whenever it has moved. Gives for how long, in
 * microseconds, each look found it busy at the same count; 0 when it has moved or has nothing to
 * do. */
int64_t standstill_look(struct standstill *s, bool busy, uint64_t count, int64_t now_us);

#endif
