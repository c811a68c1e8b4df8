/* All that a running gateway makes of one configuration, wired; see gateway_impl.h. */
#ifndef EDGE_GATEWAY_APP_STAGES_H
#define EDGE_GATEWAY_APP_STAGES_H

#include "common/attributes.h"
#include "common/config.h"
#include "common/mqtt_message.h"
#include "edge-gateway/app/environment.h"
#include "edge-gateway/app/plan.h"

struct gateway;
struct stages;

/* Adds its topics to the queue, and subscribes. 0 or -errno. All is borrowed; `environment` is
 * copied. */
EDGE_MUST_CHECK int stages_new(struct gateway *gateway, const struct config *config_file,
                               const struct gateway_plan *plan,
                               const struct environment *environment, struct stages **ret);
/* Accepts NULL. */
void stages_free(struct stages *stages);

/* The node's info, which also says whose seqs its readings have. */
void stages_announce(struct stages *stages);

/* Says what there is, and opens the buses. 0 or -errno, with a line in the log. */
EDGE_MUST_CHECK int stages_start(struct stages *stages);

/* A message that arrived for one of them. */
void stages_on_message(struct stages *stages, const struct mqtt_received *message);

/* The window has room that no live value needs. */
void stages_go_on(struct stages *stages);

#endif
