#include "edge-gateway/bus/socketcan_error.h"

#include <linux/can/error.h>
#include <stddef.h>
#include <stdint.h>

/* enum bus_error_class numbers the kernel's bits. */
_Static_assert(1u << BUS_ERROR_TX_TIMEOUT == CAN_ERR_TX_TIMEOUT, "first class bit");
_Static_assert(1u << BUS_ERROR_RESTARTED == CAN_ERR_RESTARTED, "last class bit");

/* What data[1] of a CAN_ERR_CRTL frame says, the gravest first. */
static const struct {
    uint8_t bits;
    enum bus_state state;
    const char *reason;
} controller_states[] = {
    {CAN_ERR_CRTL_TX_PASSIVE, BUS_STATE_ERROR_PASSIVE, "error passive: too many transmit errors"},
    {CAN_ERR_CRTL_RX_PASSIVE, BUS_STATE_ERROR_PASSIVE, "error passive: too many receive errors"},
    {CAN_ERR_CRTL_TX_WARNING, BUS_STATE_ERROR_WARNING, "transmit error counter at warning level"},
    {CAN_ERR_CRTL_RX_WARNING, BUS_STATE_ERROR_WARNING, "receive error counter at warning level"},
    {CAN_ERR_CRTL_ACTIVE, BUS_STATE_UP, "the controller is error active again"},
};

void socketcan_error_count(const struct frame *frame, struct bus_stats *stats)
{
    for (unsigned class = 0; class < BUS_ERROR_CLASS_COUNT; class ++) {
        if ((frame->can_id & 1u << class) != 0) {
            stats->error_frames[class]++;
        }
    }
    if ((frame->can_id & CAN_ERR_CNT) != 0 && frame->len == CAN_ERR_DLC) {
        stats->tx_errors = frame->data[6];
        stats->rx_errors = frame->data[7];
    }
}

static bool controller_state(uint8_t status, enum bus_state *ret_state, const char **ret_reason)
{
    for (size_t i = 0; i < sizeof(controller_states) / sizeof(controller_states[0]); i++) {
        if ((status & controller_states[i].bits) != 0) {
            *ret_state = controller_states[i].state;
            *ret_reason = controller_states[i].reason;
            return true;
        }
    }
    return false;
}

bool socketcan_error_state(const struct frame *frame, enum bus_state *ret_state,
                           const char **ret_reason)
{
    if ((frame->can_id & CAN_ERR_BUSOFF) != 0) {
        *ret_state = BUS_STATE_BUS_OFF;
        *ret_reason = "the controller has left the bus";
        return true;
    }
    if ((frame->can_id & CAN_ERR_CRTL) != 0 && frame->len == CAN_ERR_DLC &&
        controller_state(frame->data[1], ret_state, ret_reason)) {
        return true;
    }
    if ((frame->can_id & CAN_ERR_RESTARTED) != 0) {
        *ret_state = BUS_STATE_UP;
        *ret_reason = "the controller was restarted";
        return true;
    }
    return false;
}
