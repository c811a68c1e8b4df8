/* A bus of the configuration to an open bus driver: its options, and the kernel filters that follow
 * from the DBC. */
#ifndef EDGE_GATEWAY_APP_BUS_SETUP_H
#define EDGE_GATEWAY_APP_BUS_SETUP_H

#include "common/attributes.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/bus/bus.h"

#include <stdbool.h>

/* Results as bus_open(), and -ENOMEM. */
EDGE_MUST_CHECK int bus_setup_open(const struct bus_plan *plan, struct loop *loop, size_t index,
                                   const struct bus_handler *handler, struct bus **ret);

/* Whether an open bus of the one plan can become that of the other: bus_setup_change(). */
bool bus_setup_alike(const struct bus_plan *a, const struct bus_plan *b);
/* Results as bus_change(), and -ENOMEM. */
EDGE_MUST_CHECK int bus_setup_change(const struct bus_plan *plan, struct loop *loop, size_t index,
                                     const struct bus_handler *handler, struct bus *bus);

#endif
