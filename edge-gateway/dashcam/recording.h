/*
 * When a recording begins and ends, and which frames are in it. A trigger starts one; a trigger
 * while one runs makes it longer, up to a limit from its first trigger on; one that comes when it
 * cannot be any longer waits for its end. Pure: `now_us` is monotonic.
 */
#ifndef EDGE_GATEWAY_DASHCAM_RECORDING_H
#define EDGE_GATEWAY_DASHCAM_RECORDING_H

#include "common/attributes.h"
#include "edge-gateway/dashcam/frame_ring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Frames of different buses meet in the order of their stamps: so long is waited for those of the
 * slower bus. */
#define RECORDING_SETTLE_US INT64_C(200000)

enum recording_outcome {
    RECORDING_STARTED,
    RECORDING_EXTENDED,
    RECORDING_WAITS /* for the end of the one that runs; then recording_trigger() again */
};

/* All zero: none runs. */
struct recording {
    bool is_running;
    int64_t since_us; /* the first trigger */
    int64_t until_us; /* frames that are received later do not belong to it */
};

struct recording_limits {
    int64_t after_us; /* goes on so long after a trigger */
    int64_t max_us;   /* at least after_us; from the first trigger to the end */
};

enum recording_outcome recording_trigger(struct recording *recording,
                                         const struct recording_limits *limits, int64_t now_us);

/* Frames that were received up to then belong to it and can be put in order by now. */
int64_t recording_ready_us(const struct recording *recording, int64_t now_us);

/* All frames that belong to it are ready. */
bool recording_is_complete(const struct recording *recording, int64_t now_us);

/* The rings of all buses, and how far each has been read. */
struct recording_source {
    struct frame_ring *const *rings;
    struct frame_reader *readers;
    size_t count;
};

/* Passes over frames that were received before `from_us`; looks at some thousands at most, so that
 * nobody waits. True: none is left. */
EDGE_MUST_CHECK bool recording_skip(const struct recording_source *source, int64_t from_us);

/* The next frames of all buses that were received up to `ready_us`, in the order of their stamps,
 * `room` at most. Returns how many. */
size_t recording_take(const struct recording_source *source, int64_t ready_us, struct frame *frames,
                      size_t room);

#endif
