/* Whether Home Assistant would take what a person wants of a signal. Pure. */
#ifndef EDGE_GATEWAY_PUBLISH_DISCOVERY_WISH_H
#define EDGE_GATEWAY_PUBLISH_DISCOVERY_WISH_H

#include "edge-gateway/publish/discovery_signal.h"

/* Why not: for a person. */
struct discovery_complaint {
    char text[192];
};

bool discovery_wish_is_possible(const struct dbc_signal *signal, const struct discovery_wish *wish,
                                struct discovery_complaint *ret);

#endif
