/*
 * What an error frame says (linux/can/error.h): which classes it counts in and what it tells about
 * the controller. Pure.
 */
#ifndef EDGE_GATEWAY_BUS_SOCKETCAN_ERROR_H
#define EDGE_GATEWAY_BUS_SOCKETCAN_ERROR_H

#include "edge-gateway/bus/bus.h"
#include "edge-gateway/can/frame.h"

#include <stdbool.h>

/* Adds one to every class the frame names, and takes over the error counters if it brings them. */
void socketcan_error_count(const struct frame *frame, struct bus_stats *stats);

/* False: the frame says nothing about the controller's state. *ret_reason is a constant. */
bool socketcan_error_state(const struct frame *frame, enum bus_state *ret_state,
                           const char **ret_reason);

#endif
