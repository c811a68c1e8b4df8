/* An automation node as Home Assistant sees it: a device for each of its devices and controllers,
 * and one for the node with its rules, schedules and alarms. */
#ifndef EDGE_AUTOMATION_NODE_APP_DISCOVERY_H
#define EDGE_AUTOMATION_NODE_APP_DISCOVERY_H

#include "automation-node/app/node_plan.h"
#include "common/attributes.h"
#include "topics/discovery_pages.h"

#include <stddef.h>

/* Every payload goes to `page`, the node's own first. Entities that cannot be told of are counted.
 * 0, -ENOMEM, or what `page` gave. */
EDGE_MUST_CHECK int discovery_build(const struct node_plan *plan, discovery_page_fn page,
                                    void *context, size_t *ret_left_out);

#endif
