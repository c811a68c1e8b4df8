/*
 * Inputs that come from anybody's topics: the payload or a field of its JSON, and topics that tell
 * whether the sender is there. While it is not, what the broker had kept of it says nothing.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_TOPIC_INPUTS_H
#define EDGE_AUTOMATION_NODE_APP_TOPIC_INPUTS_H

#include "automation-node/app/node_plan.h"
#include "automation-node/input/input.h"
#include "common/attributes.h"
#include "common/mqtt_message.h"

#include <stdbool.h>
#include <stdint.h>

struct topic_inputs_options {
    const struct node_plan *plan; /* borrowed */
    /* An input has a new reading. */
    void (*input)(void *context, size_t input, const struct reading *reading);
    void *context;
};

struct topic_inputs_stats {
    uint64_t received; /* messages */
    uint64_t malformed;
    uint64_t without_field; /* the payload lacks a field that is an input: nothing new is known */
};

struct topic_inputs;

EDGE_MUST_CHECK int topic_inputs_new(const struct topic_inputs_options *options,
                                     struct topic_inputs **ret);
void topic_inputs_free(struct topic_inputs *inputs);

/* The filters to subscribe to: calls back for each, once. 0 or what `subscribe` returns first. */
EDGE_MUST_CHECK int topic_inputs_subscribe(const struct topic_inputs *inputs,
                                           int (*subscribe)(void *context, const char *filter),
                                           void *context);

/* A message that arrived; false if it is on none of the topics. */
bool topic_inputs_on_message(struct topic_inputs *inputs, const struct mqtt_received *message);

struct topic_inputs_stats topic_inputs_stats(const struct topic_inputs *inputs);

#endif
