/* A bus in a loop with virtual time, and a handler that remembers what it was told. */
#ifndef EDGE_TESTS_UNIT_BUS_RECORDER_H
#define EDGE_TESTS_UNIT_BUS_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/loop.h"
#include "edge-gateway/bus/bus.h"

#define RECORDER_FRAMES_MAX 4096
#define RECORDER_START_US   (1000 * US_PER_S)       /* monotonic */
#define RECORDER_WALL_US    (1795423160 * US_PER_S) /* since 1970 */

struct recorder {
    struct clock_fake clock;
    struct loop *loop;
    struct bus *bus;
    struct frame frames[RECORDER_FRAMES_MAX];
    int64_t arrived_us[RECORDER_FRAMES_MAX]; /* after RECORDER_START_US */
    size_t count;
    size_t largest_batch;
    size_t room;
    unsigned state_calls;
    enum bus_state state;
    char reason[128];
    bool finished;
};

static inline void recorder_on_frames(void *context, const struct frame *frames, size_t count)
{
    struct recorder *r = context;
    r->largest_batch = count > r->largest_batch ? count : r->largest_batch;
    for (size_t i = 0; i < count && r->count < RECORDER_FRAMES_MAX; i++) {
        r->frames[r->count] = frames[i];
        r->arrived_us[r->count] = loop_now_us(r->loop) - RECORDER_START_US;
        r->count++;
    }
}

static inline void recorder_on_state(void *context, const struct bus_status *status)
{
    struct recorder *r = context;
    r->state_calls++;
    r->state = status->state;
    r->finished = status->finished;
    (void)snprintf(r->reason, sizeof(r->reason), "%s", status->reason);
}

static inline size_t recorder_room(void *context)
{
    const struct recorder *r = context;
    return r->room;
}

/* Everything zero but the clock, the loop and unlimited room. */
static inline int recorder_init(struct recorder *r)
{
    *r = (struct recorder){
        .clock = {.monotonic_us = RECORDER_START_US, .realtime_us = RECORDER_WALL_US},
        .room = SIZE_MAX,
    };
    return loop_new_fake(&r->clock, &r->loop);
}

static inline void recorder_deinit(struct recorder *r)
{
    bus_free(r->bus);
    loop_free(r->loop);
}

static inline struct bus_options recorder_options(struct recorder *r, enum bus_kind kind)
{
    return (struct bus_options){
        .loop = r->loop,
        .index = 3,
        .name = "test",
        .kind = kind,
        .handler = {.frames = recorder_on_frames,
                    .state = recorder_on_state,
                    .room = recorder_room,
                    .context = r},
    };
}

/* Virtual time passes until `until_us` after the start, or until the log has ended. */
static inline void recorder_run(struct recorder *r, int64_t until_us)
{
    while (!r->finished && r->clock.monotonic_us - RECORDER_START_US < until_us) {
        int64_t left_us = until_us - (r->clock.monotonic_us - RECORDER_START_US);
        if (loop_run_once(r->loop, left_us) < 0) {
            return;
        }
    }
}

#endif
