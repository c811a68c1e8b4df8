/*
 * How long an input may be without a reading, where its configuration leaves that open: what its
 * gateway's catalog says of the message, which is retained and may come, or come again, at any
 * time.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_STALE_DEFAULTS_H
#define EDGE_AUTOMATION_NODE_APP_STALE_DEFAULTS_H

#include "automation-node/app/node_plan.h"
#include "common/attributes.h"
#include "common/mqtt_message.h"
#include "topics/payload_catalog_read.h"

#include <stdbool.h>
#include <stdint.h>

struct stale_defaults_options {
    const struct node_plan *plan;
    /* An input is stale without a reading for that long; 0 = it does not age. */
    void (*learn)(void *context, size_t input, int64_t span_us);
    void *context;
};

/* The filters of the catalogs that are needed: calls back for each, once. 0 or what `subscribe`
 * returns first. */
EDGE_MUST_CHECK int stale_defaults_subscribe(const struct node_plan *plan,
                                             int (*subscribe)(void *context, const char *filter),
                                             void *context);

/* A message that arrived; false if it is no such catalog. One that is none, and what a catalog does
 * not name, changes nothing. */
bool stale_defaults_on_message(const struct stale_defaults_options *options,
                               const struct mqtt_received *message);

/* What the catalog says of an input that leaves it open; negative = nothing, or it is not open.
 * `any_bus`: the catalog was made of DBC files, which name no bus. */
int64_t stale_default_us(const struct node_plan *plan, const struct payload_catalog *catalog,
                         bool any_bus, size_t input);

#endif
