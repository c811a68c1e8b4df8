/* The plan's buses as the frame log and the queries over it see them. */
#ifndef EDGE_GATEWAY_APP_LOG_BUSES_H
#define EDGE_GATEWAY_APP_LOG_BUSES_H

#include "common/attributes.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/store/store_options.h"

/* As many as the configuration has, in its order; borrows from the plan. 0 or -ENOMEM. */
EDGE_MUST_CHECK int log_buses_new(const struct gateway_plan *plan, struct store_bus **ret);
void log_buses_free(struct store_bus *buses);

#endif
