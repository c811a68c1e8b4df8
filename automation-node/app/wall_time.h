/* Monotonic instants of the engine as wall clock time, for people and payloads. */
#ifndef EDGE_AUTOMATION_NODE_APP_WALL_TIME_H
#define EDGE_AUTOMATION_NODE_APP_WALL_TIME_H

#include "common/loop.h"

#include <stdint.h>

/* As far as anybody knows now: the wall clock may have been set in between. */
static inline int64_t wall_time_us(const struct loop *loop, int64_t monotonic_us)
{
    return loop_realtime_us(loop) + (monotonic_us - loop_now_us(loop));
}

#endif
