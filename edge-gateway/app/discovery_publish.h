/* What a running gateway tells Home Assistant. */
#ifndef EDGE_GATEWAY_APP_DISCOVERY_PUBLISH_H
#define EDGE_GATEWAY_APP_DISCOVERY_PUBLISH_H

#include "common/attributes.h"
#include "common/home_assistant.h"
#include "common/mqtt_link.h"
#include "edge-gateway/app/environment.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/app/prepared.h"

/* Adds its topics to the queue, where they come before all that is added later. NULL in *ret where
 * the configuration does not want it. 0 or -errno; what cannot be told of is logged. */
EDGE_MUST_CHECK int discovery_publish_new(const struct gateway_plan *plan,
                                          const struct prepared *prepared,
                                          const struct environment *environment,
                                          struct home_assistant **ret);

/* To Home Assistant's status; nothing for NULL. 0 or -errno. */
EDGE_MUST_CHECK int discovery_publish_subscribe(const struct home_assistant *home,
                                                struct mqtt_link *link);

#endif
