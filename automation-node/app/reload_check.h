/* What a running node cannot change: who it is, and where it keeps what. */
#ifndef EDGE_AUTOMATION_NODE_APP_RELOAD_CHECK_H
#define EDGE_AUTOMATION_NODE_APP_RELOAD_CHECK_H

#include "automation-node/app/node_config.h"
#include "common/attributes.h"
#include "common/buf.h"

#include <stdbool.h>

/* False: `reterr` names the key, and says what to do. */
EDGE_MUST_CHECK bool reload_check(const struct node_config *old, const struct node_config *config,
                                  struct buf *reterr);

#endif
