/*
 * The kernel's CAN frames to ours and back. Pure.
 */
#ifndef EDGE_GATEWAY_BUS_SOCKETCAN_FRAME_H
#define EDGE_GATEWAY_BUS_SOCKETCAN_FRAME_H

#include "common/attributes.h"
#include "edge-gateway/can/frame.h"

#include <linux/can.h>
#include <stddef.h>

/* `size`: what the kernel delivered, CAN_MTU (classic) or CANFD_MTU. 0, or -EINVAL for another size
 * or a length beyond the format's. Sets can_id, flags, len and data; the other fields are the
 * caller's. */
EDGE_MUST_CHECK int socketcan_frame_decode(const struct canfd_frame *kernel, size_t size,
                                           struct frame *ret);

/* Returns how many bytes of *ret to write: CAN_MTU or CANFD_MTU. The frame must be valid. */
size_t socketcan_frame_encode(const struct frame *frame, struct canfd_frame *ret);

#endif
