/*
 * Whether the wall clock can be trusted, and when it jumps. It is not trusted while it shows a time
 * before this program was written, nor, for a while after the start, while the kernel says that
 * nothing keeps it right: a machine without a battery starts with any time, until NTP sets it.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_WALL_CLOCK_H
#define EDGE_AUTOMATION_NODE_APP_WALL_CLOCK_H

#include "common/attributes.h"
#include "common/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct wall_clock_options {
    int64_t wait_us; /* how long to wait for a clock that nothing keeps right */
    bool trusted;    /* it was found right already */
    /* It became trusted, jumped, or drifted from the monotonic clock. Called once from the start.
     */
    void (*changed)(void *context, bool is_trusted, int64_t wall_us);
    void *context;
};

struct wall_clock;

/* 0 or -errno. */
EDGE_MUST_CHECK int wall_clock_new(struct loop *loop, const struct wall_clock_options *options,
                                   struct wall_clock **ret);
void wall_clock_free(struct wall_clock *clock);

/* Whether it is to be trusted now, whatever was told. */
bool wall_clock_is_trustworthy(const struct wall_clock *clock);
bool wall_clock_is_trusted(const struct wall_clock *clock); /* as it was told */

void wall_clock_start(struct wall_clock *clock);

#endif
