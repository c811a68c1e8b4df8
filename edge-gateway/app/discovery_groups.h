/* Which messages make one device for Home Assistant: a CAN node, a message, what the configuration
 * gives a name, or the gateway itself. */
#ifndef EDGE_GATEWAY_APP_DISCOVERY_GROUPS_H
#define EDGE_GATEWAY_APP_DISCOVERY_GROUPS_H

#include "common/attributes.h"
#include "edge-gateway/app/plan.h"

#include <stddef.h>

#define DISCOVERY_NO_GROUP SIZE_MAX
#define DISCOVERY_SEVERAL  SIZE_MAX /* buses */
#define DISCOVERY_GATEWAY  0        /* the group that is always there */

struct discovery_device_group {
    const char *name; /* of the CAN node, message or device; NULL = the gateway */
    bool is_named;    /* by the configuration */
    size_t bus;       /* or DISCOVERY_SEVERAL */
};

struct discovery_groups {
    struct discovery_device_group *groups;
    size_t count;
    size_t **of; /* by bus and message: its group, or DISCOVERY_NO_GROUP */
    size_t bus_count;
};

/* 0 or -ENOMEM. Borrows the names from the plan. */
EDGE_MUST_CHECK int discovery_groups_new(const struct gateway_plan *plan,
                                         struct discovery_groups **ret);
void discovery_groups_free(struct discovery_groups *groups);

#endif
