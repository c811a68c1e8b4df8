/*
 * The last seconds of one bus, in memory of a fixed size: every frame that is pushed overwrites as
 * many of the oldest as it needs. Readers follow without taking anything out; one that is too slow
 * loses frames, and knows how many. Pure; allocates in frame_ring_new() only.
 */
#ifndef EDGE_GATEWAY_DASHCAM_FRAME_RING_H
#define EDGE_GATEWAY_DASHCAM_FRAME_RING_H

#include "common/attributes.h"
#include "edge-gateway/can/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a frame takes beside its data. */
#define FRAME_RING_HEAD_BYTES 24

struct frame_ring;

/* `bytes` are at least those of two frames; `window_us` is how far back a recording may reach.
 * 0, -EINVAL or -ENOMEM. */
EDGE_MUST_CHECK int frame_ring_new(size_t bytes, int64_t window_us, struct frame_ring **ret);
void frame_ring_free(struct frame_ring *ring);

/* `now_us`: monotonic, never less than the time before. */
void frame_ring_push(struct frame_ring *ring, const struct frame *frame, int64_t now_us);

/* A place between two frames. */
struct frame_reader {
    uint64_t offset; /* the ring's */
    uint64_t number; /* of the next frame, from 0 */
    uint64_t lost;   /* frames that were overwritten before they were read */
};

/* Where the window begins, or before that: older frames are passed over when new ones come, some at
 * a time, so after a silence there may be many left. */
struct frame_reader frame_ring_window(const struct frame_ring *ring);

/* Passes over frames that were pushed before `from_us`, *work of them at most, which is what is
 * left of it afterwards. True: none is left. */
bool frame_ring_skip(const struct frame_ring *ring, struct frame_reader *reader, int64_t from_us,
                     size_t *work);

/* When the next frame was stamped and when it was pushed. False: there is none yet. */
EDGE_MUST_CHECK bool frame_ring_peek(const struct frame_ring *ring, struct frame_reader *reader,
                                     int64_t *ret_ts_us, int64_t *ret_pushed_us);

/* The next frame, and past it. False: there is none yet. */
EDGE_MUST_CHECK bool frame_ring_take(const struct frame_ring *ring, struct frame_reader *reader,
                                     struct frame *ret);

struct frame_ring_stats {
    uint64_t frames; /* held now */
    uint64_t bytes;
    int64_t span_us; /* from the oldest that is held until `now_us` */
    bool is_full;    /* frames have been overwritten */
};

struct frame_ring_stats frame_ring_stats(const struct frame_ring *ring, int64_t now_us);

#endif
