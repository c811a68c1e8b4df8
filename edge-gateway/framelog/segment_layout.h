/* The numbers of the layout that segment.h draws, shared by who writes it and who reads it. */
#ifndef EDGE_GATEWAY_FRAMELOG_SEGMENT_LAYOUT_H
#define EDGE_GATEWAY_FRAMELOG_SEGMENT_LAYOUT_H

#include "edge-gateway/can/frame.h"

#include <stddef.h>
#include <stdint.h>

#define SEGMENT_KEY_BYTES          8
#define SEGMENT_HEAD_BYTES         4
#define SEGMENT_TIME_BYTES         8
#define SEGMENT_EVENT_LENGTH_BYTES 2
#define SEGMENT_VOID_BYTES         5

#define SEGMENT_KEY_EVENT 0xFFEu
#define SEGMENT_KEY_VOID  0xFFFu

#define SEGMENT_DELTA_BITS   20
#define SEGMENT_DELTA_ZERO   (1u << 19)
#define SEGMENT_DELTA_ESCAPE ((1u << SEGMENT_DELTA_BITS) - 1)

/* A remote frame has a length but no data. */
static inline size_t segment_data_bytes(uint8_t flags, uint8_t len)
{
    return (flags & FRAME_REMOTE) != 0 ? 0 : len;
}

#endif
