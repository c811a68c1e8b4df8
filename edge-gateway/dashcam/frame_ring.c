#include "edge-gateway/dashcam/frame_ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A frame in the ring: this, then its data. */
struct head {
    int64_t pushed_us;
    int64_t ts_us;
    uint32_t can_id;
    uint8_t flags;
    uint8_t len;
    uint8_t bus;
    uint8_t data_bytes; /* a remote frame has a length and no data */
};
_Static_assert(sizeof(struct head) == FRAME_RING_HEAD_BYTES, "the head has no padding");

#define PASSED_PER_PUSH                                                       \
    4 /* that the window leaves behind: more than come, so that it catches up \
       */
#define FRAME_MAX_BYTES (sizeof(struct head) + FRAME_DATA_MAX_BYTES)

/* Offsets count bytes since the beginning and never wrap; a byte lies at its offset modulo size. */
struct frame_ring {
    size_t size;
    int64_t window_us;
    uint64_t end; /* offset behind the newest frame */
    uint64_t end_number;
    struct frame_reader oldest; /* that is held */
    struct frame_reader window; /* the oldest one of the window */
    uint8_t bytes[];
};

int frame_ring_new(size_t bytes, int64_t window_us, struct frame_ring **ret)
{
    if (bytes < 2 * FRAME_MAX_BYTES || window_us < 0) {
        return -EINVAL;
    }
    struct frame_ring *ring = malloc(sizeof(*ring) + bytes);
    if (ring == NULL) {
        return -ENOMEM;
    }
    *ring = (struct frame_ring){.size = bytes, .window_us = window_us};
    *ret = ring;
    return 0;
}

void frame_ring_free(struct frame_ring *ring)
{
    free(ring);
}

static void copy_in(struct frame_ring *ring, uint64_t offset, const void *from, size_t length)
{
    size_t at = (size_t)(offset % ring->size);
    size_t first = ring->size - at < length ? ring->size - at : length;
    memcpy(ring->bytes + at, from, first);
    memcpy(ring->bytes, (const uint8_t *)from + first, length - first);
}

static void copy_out(const struct frame_ring *ring, uint64_t offset, void *to, size_t length)
{
    size_t at = (size_t)(offset % ring->size);
    size_t first = ring->size - at < length ? ring->size - at : length;
    memcpy(to, ring->bytes + at, first);
    memcpy((uint8_t *)to + first, ring->bytes, length - first);
}

static struct head head_at(const struct frame_ring *ring, uint64_t offset)
{
    struct head head;
    copy_out(ring, offset, &head, sizeof(head));
    return head;
}

static void pass(struct frame_reader *reader, const struct head *head)
{
    reader->offset += sizeof(*head) + head->data_bytes;
    reader->number++;
}

static void make_room(struct frame_ring *ring, size_t bytes)
{
    while (ring->end + bytes - ring->oldest.offset > ring->size) {
        const struct head head = head_at(ring, ring->oldest.offset);
        pass(&ring->oldest, &head);
    }
    if (ring->window.number < ring->oldest.number) {
        ring->window = ring->oldest;
    }
}

/* Past what was overwritten. False: at the end. */
static bool catch_up(const struct frame_ring *ring, struct frame_reader *reader)
{
    if (reader->number < ring->oldest.number) {
        reader->lost += ring->oldest.number - reader->number;
        reader->number = ring->oldest.number;
        reader->offset = ring->oldest.offset;
    }
    return reader->offset < ring->end;
}

bool frame_ring_skip(const struct frame_ring *ring, struct frame_reader *reader, int64_t from_us,
                     size_t *work)
{
    while (catch_up(ring, reader)) {
        const struct head head = head_at(ring, reader->offset);
        if (head.pushed_us >= from_us) {
            return true;
        }
        if (*work == 0) {
            return false;
        }
        --*work;
        pass(reader, &head);
    }
    return true;
}

void frame_ring_push(struct frame_ring *ring, const struct frame *frame, int64_t now_us)
{
    const struct head head = {
        .pushed_us = now_us,
        .ts_us = frame->ts_us,
        .can_id = frame->can_id,
        .flags = frame->flags,
        .len = frame->len,
        .bus = frame->bus,
        .data_bytes = (frame->flags & FRAME_REMOTE) != 0 ? 0 : frame->len,
    };
    size_t bytes = sizeof(head) + head.data_bytes;
    make_room(ring, bytes);
    copy_in(ring, ring->end, &head, sizeof(head));
    copy_in(ring, ring->end + sizeof(head), frame->data, head.data_bytes);
    ring->end += bytes;
    ring->end_number++;
    size_t work = PASSED_PER_PUSH;
    (void)frame_ring_skip(ring, &ring->window, now_us - ring->window_us, &work);
}

struct frame_reader frame_ring_window(const struct frame_ring *ring)
{
    return ring->window;
}

bool frame_ring_peek(const struct frame_ring *ring, struct frame_reader *reader, int64_t *ret_ts_us,
                     int64_t *ret_pushed_us)
{
    if (!catch_up(ring, reader)) {
        return false;
    }
    const struct head head = head_at(ring, reader->offset);
    *ret_ts_us = head.ts_us;
    *ret_pushed_us = head.pushed_us;
    return true;
}

bool frame_ring_take(const struct frame_ring *ring, struct frame_reader *reader, struct frame *ret)
{
    if (!catch_up(ring, reader)) {
        return false;
    }
    const struct head head = head_at(ring, reader->offset);
    ret->ts_us = head.ts_us;
    ret->can_id = head.can_id;
    ret->flags = head.flags;
    ret->len = head.len;
    ret->bus = head.bus;
    copy_out(ring, reader->offset + sizeof(head), ret->data, head.data_bytes);
    pass(reader, &head);
    return true;
}

struct frame_ring_stats frame_ring_stats(const struct frame_ring *ring, int64_t now_us)
{
    struct frame_ring_stats stats = {
        .frames = ring->end_number - ring->oldest.number,
        .bytes = ring->end - ring->oldest.offset,
        .is_full = ring->oldest.number > 0,
    };
    if (stats.frames > 0) {
        stats.span_us = now_us - head_at(ring, ring->oldest.offset).pushed_us;
    }
    return stats;
}
