/* The part of plan.h about Home Assistant: what the configuration says of signals there, joined
 * with the DBC. */
#ifndef EDGE_GATEWAY_APP_PLAN_DISCOVERY_H
#define EDGE_GATEWAY_APP_PLAN_DISCOVERY_H

#include "edge-gateway/app/plan.h"
#include "edge-gateway/publish/discovery_signal.h"

/* Everything that is wrong goes to `d`. */
void plan_discovery_check(const struct config *config, const struct bus_plan *bus,
                          struct diagnostics *d);

/* Whether the message is told to Home Assistant. */
bool plan_discovery_shows(const struct bus_plan *bus, const struct message_plan *message);

/* False: the signal is not shown. Borrows from the configuration. */
bool plan_discovery_wish(const struct message_plan *message, const struct dbc_signal *signal,
                         struct discovery_wish *ret);

/* A name of the configuration, or NULL; then *ret_group says what makes the device. */
const char *plan_discovery_device(const struct bus_plan *bus, const struct message_plan *message,
                                  enum discovery_group *ret_group);

#endif
