/*
 * Readings of gateways to inputs of the engine: which topics carry which inputs, and what a payload
 * means for them.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_READINGS_H
#define EDGE_AUTOMATION_NODE_APP_READINGS_H

#include "automation-node/app/node_plan.h"
#include "automation-node/input/input.h"
#include "common/attributes.h"
#include "common/loop.h"
#include "common/mqtt_message.h"

#include <stdbool.h>
#include <stdint.h>

struct readings_options {
    struct loop *loop;            /* for the wall clock; borrowed */
    const struct node_plan *plan; /* borrowed */
    /* An input has a new reading. */
    void (*input)(void *context, size_t input, const struct reading *reading);
    void *context;
};

struct readings_stats {
    uint64_t received; /* messages on the topics of inputs */
    uint64_t malformed;
    uint64_t without_signal; /* payloads that lack a signal that is an input: multiplexed, or
                                truncated */
    uint64_t repeated; /* signals that were seen already: sent twice, or later than newer ones */
    uint64_t of_unknown_age; /* signals that a broker kept, nobody knows for how long */
};

struct readings;

EDGE_MUST_CHECK int readings_new(const struct readings_options *options, struct readings **ret);
void readings_free(struct readings *readings);

/* The filters to subscribe to: calls back for each, once. 0 or what `subscribe` returns first. */
EDGE_MUST_CHECK int readings_subscribe(const struct readings *readings,
                                       int (*subscribe)(void *context, const char *filter),
                                       void *context);

/* A message that arrived; false if it is none of its topics. */
bool readings_on_message(struct readings *readings, const struct mqtt_received *message);

struct readings_stats readings_stats(const struct readings *readings);

#endif
