/* All that a running gateway makes of one configuration, wired; see gateway_impl.h. */
#ifndef EDGE_GATEWAY_APP_STAGES_H
#define EDGE_GATEWAY_APP_STAGES_H

#include "common/attributes.h"
#include "common/mqtt_message.h"
#include "edge-gateway/app/environment.h"

struct configuration;
struct gateway;
struct stages;

/* Adds its topics to the queue. 0 or -errno. The configuration is held, `environment` copied.
 * `from`: the stages in force, which these will follow; NULL: they are the first. */
EDGE_MUST_CHECK int stages_new(struct gateway *gateway, struct configuration *configuration,
                               const struct environment *environment, const struct stages *from,
                               struct stages **ret);
/* Accepts NULL. */
void stages_free(struct stages *stages);

/* The node's info, which also says whose seqs its readings have. */
void stages_announce(struct stages *stages);

/* Subscribes, says what there is, and opens the buses. 0 or -errno, with a line in the log. */
EDGE_MUST_CHECK int stages_start(struct stages *stages);

/* In place of stages_start(): go on where `from` ended, which is of no more use. In two steps, the
 * frame log is changed between them: first what came before. */
void stages_adopt(struct stages *stages, struct stages *from);
void stages_adopt_rest(struct stages *stages, struct stages *from);

/* A message that arrived for one of them. */
void stages_on_message(struct stages *stages, const struct mqtt_received *message);

#endif
