/* What a running node tells Home Assistant. */
#ifndef EDGE_AUTOMATION_NODE_APP_DISCOVERY_PUBLISH_H
#define EDGE_AUTOMATION_NODE_APP_DISCOVERY_PUBLISH_H

#include "automation-node/app/node_plan.h"
#include "common/attributes.h"
#include "common/home_assistant.h"

/* Adds its topics to the queue; the caller subscribes to its birth topic. NULL in *ret where the
 * configuration does not want it. 0 or -errno; what cannot be told of is logged. */
EDGE_MUST_CHECK int discovery_publish_new(const struct node_plan *plan, struct loop *loop,
                                          struct lvq *queue, struct home_assistant **ret);

#endif
