/*
 * A configuration read anew while the gateway runs: read and joined with its DBC files in a thread,
 * taken over between two turns of the loop, or refused as a whole. Asked for by SIGHUP or over
 * MQTT; what is asked for meanwhile is done afterwards.
 */
#ifndef EDGE_GATEWAY_APP_RELOAD_H
#define EDGE_GATEWAY_APP_RELOAD_H

#include "common/attributes.h"
#include "common/cli.h"
#include "common/loop.h"
#include "common/service_manager.h"
#include "edge-gateway/app/gateway.h"

struct reload;

/* All is borrowed; `manager` is told of the beginning and the end. 0 or -ENOMEM. */
EDGE_MUST_CHECK int reload_new(struct loop *loop, const struct cli_config_options *options,
                               const struct service_manager *manager, struct gateway *gateway,
                               struct reload **ret);
/* What is under way comes to nothing. Accepts NULL. */
void reload_free(struct reload *reload);

void reload_ask(struct reload *reload);

#endif
