/* What a bus's readings mean, for the catalog topic: units, ranges, labels and cycle times from the
 * DBC. Pure. */
#ifndef EDGE_GATEWAY_PUBLISH_CATALOG_ENCODER_H
#define EDGE_GATEWAY_PUBLISH_CATALOG_ENCODER_H

#include "edge-gateway/dbc/dbc.h"
#include "topics/payload_catalog.h"

/* What the configuration adds to a message. */
struct catalog_message {
    const struct dbc_message *message;
    enum payload_layout layout;
    bool settable;
    bool has_stale;
    uint64_t stale_ms; /* as in payload_catalog.h */
};

/* Writes one message with its signals, between payload_catalog_bus_begin() and _end(). */
void catalog_write_message(struct json_writer *w, const struct catalog_message *message);

#endif
