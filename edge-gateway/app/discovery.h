/* A gateway as Home Assistant sees it: devices and entities of every message that is published, and
 * the health of the gateway and its buses. */
#ifndef EDGE_GATEWAY_APP_DISCOVERY_H
#define EDGE_GATEWAY_APP_DISCOVERY_H

#include "common/attributes.h"
#include "edge-gateway/app/plan.h"
#include "topics/discovery_pages.h"

#include <stddef.h>

/* Every payload goes to `page`, the gateway's own first. Entities that cannot be told of (a name
 * that is no id, or larger than a payload) are counted. 0, -ENOMEM, or what `page` gave. */
EDGE_MUST_CHECK int discovery_build(const struct gateway_plan *plan, discovery_page_fn page,
                                    void *context, size_t *ret_left_out);

#endif
