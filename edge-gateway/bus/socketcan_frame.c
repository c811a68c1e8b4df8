#include "edge-gateway/bus/socketcan_frame.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* struct can_frame is the beginning of struct canfd_frame: id, length, flags (padding there). */
_Static_assert(offsetof(struct can_frame, data) == offsetof(struct canfd_frame, data),
               "classic and FD frames share their layout");

static uint8_t id_flags(canid_t id)
{
    unsigned flags = 0;
    flags |= (id & CAN_EFF_FLAG) != 0 ? FRAME_EXTENDED : 0u;
    flags |= (id & CAN_RTR_FLAG) != 0 ? FRAME_REMOTE : 0u;
    flags |= (id & CAN_ERR_FLAG) != 0 ? FRAME_ERROR : 0u;
    return (uint8_t)flags;
}

static uint8_t fd_flags(uint8_t kernel_flags)
{
    unsigned flags = FRAME_FD;
    flags |= (kernel_flags & CANFD_BRS) != 0 ? FRAME_BRS : 0u;
    flags |= (kernel_flags & CANFD_ESI) != 0 ? FRAME_ESI : 0u;
    return (uint8_t)flags;
}

int socketcan_frame_decode(const struct canfd_frame *kernel, size_t size, struct frame *ret)
{
    bool fd = size == CANFD_MTU;
    if (!fd && size != CAN_MTU) {
        return -EINVAL;
    }
    if (kernel->len > (fd ? CANFD_MAX_DLEN : CAN_MAX_DLEN)) {
        return -EINVAL;
    }
    uint8_t flags = id_flags(kernel->can_id);
    /* An error frame's "id" is its class bits, which fill the extended range. */
    bool long_id = (flags & (FRAME_EXTENDED | FRAME_ERROR)) != 0;
    ret->can_id = kernel->can_id & (long_id ? CAN_EFF_MASK : CAN_SFF_MASK);
    ret->flags = fd ? (uint8_t)(flags | fd_flags(kernel->flags)) : flags;
    ret->len = kernel->len;
    if ((flags & FRAME_REMOTE) == 0) {
        memcpy(ret->data, kernel->data, kernel->len);
    }
    return 0;
}

size_t socketcan_frame_encode(const struct frame *frame, struct canfd_frame *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->can_id = frame->can_id;
    ret->can_id |= (frame->flags & FRAME_EXTENDED) != 0 ? CAN_EFF_FLAG : 0u;
    ret->can_id |= (frame->flags & FRAME_REMOTE) != 0 ? CAN_RTR_FLAG : 0u;
    ret->len = frame->len;
    if ((frame->flags & FRAME_REMOTE) == 0) {
        memcpy(ret->data, frame->data, frame->len);
    }
    if ((frame->flags & FRAME_FD) == 0) {
        return CAN_MTU;
    }
    unsigned flags = 0;
    flags |= (frame->flags & FRAME_BRS) != 0 ? CANFD_BRS : 0u;
    flags |= (frame->flags & FRAME_ESI) != 0 ? CANFD_ESI : 0u;
    ret->flags = (uint8_t)flags;
    return CANFD_MTU;
}
