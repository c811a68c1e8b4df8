/* What a running gateway cannot change: who it is, and where it keeps what. */
#ifndef EDGE_GATEWAY_APP_RELOAD_CHECK_H
#define EDGE_GATEWAY_APP_RELOAD_CHECK_H

#include "common/attributes.h"
#include "common/buf.h"
#include "edge-gateway/app/gateway_config.h"

#include <stdbool.h>

/* False: `reterr` names the key, and says what to do. */
EDGE_MUST_CHECK bool reload_check(const struct gateway_config *old,
                                  const struct gateway_config *config, struct buf *reterr);

#endif
