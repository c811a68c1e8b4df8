/*
 * The greenhouse as the CAN bus sees it: the control units' frames and the commands they obey. The
 * layouts are those of examples/greenhouse.dbc, packed by hand as firmware does it.
 */
#ifndef EDGE_GATEWAY_PLANT_GREENHOUSE_CAN_H
#define EDGE_GATEWAY_PLANT_GREENHOUSE_CAN_H

#include "edge-gateway/can/frame.h"
#include "edge-gateway/plant/greenhouse.h"

#include <stdbool.h>
#include <stdint.h>

enum greenhouse_message {
    GREENHOUSE_CLIMATE,
    GREENHOUSE_WEATHER,
    GREENHOUSE_SOIL, /* multiplexed: each turn reports the next bed */
    GREENHOUSE_ACTUATORS,
    GREENHOUSE_TANK,
    GREENHOUSE_ENERGY_METER, /* extended id */
    GREENHOUSE_DIAGNOSTICS,  /* CAN FD, 64 bytes */
    GREENHOUSE_MESSAGE_COUNT
};

/* How often the message is sent, in real (bus) time. */
int64_t greenhouse_cycle_us(enum greenhouse_message message);

/* What the control unit would send now. `turn` counts the sendings of this message: it selects the
 * multiplexed part and moves the sensors' noise. `ts_us` and `bus` of *ret are left to the caller.
 */
void greenhouse_frame(const struct greenhouse *house, enum greenhouse_message message,
                      uint64_t turn, struct frame *ret);

/* Lets the control units hear a frame; false if it is no command of theirs. */
bool greenhouse_command(struct greenhouse *house, const struct frame *frame);

#endif
