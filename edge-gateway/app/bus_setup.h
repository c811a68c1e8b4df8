/* A bus of the configuration to an open bus driver: its options, and the kernel filters that follow
 * from the DBC. */
#ifndef EDGE_GATEWAY_APP_BUS_SETUP_H
#define EDGE_GATEWAY_APP_BUS_SETUP_H

#include "common/attributes.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/bus/bus.h"

/* Results as bus_open(), and -ENOMEM. */
EDGE_MUST_CHECK int bus_setup_open(const struct bus_plan *plan, struct loop *loop, size_t index,
                                   const struct bus_handler *handler, struct bus **ret);

#endif
