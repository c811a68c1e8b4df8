/*
 * Messages that make rules run: a topic, perhaps a field of its JSON, perhaps what it must say.
 * What the broker had kept triggers nothing, for it is no news.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_MESSAGE_TRIGGERS_H
#define EDGE_AUTOMATION_NODE_APP_MESSAGE_TRIGGERS_H

#include "automation-node/app/node_plan.h"
#include "common/attributes.h"
#include "common/mqtt_message.h"

/* Calls back for each topic, once. 0 or what `subscribe` returns first. */
EDGE_MUST_CHECK int message_triggers_subscribe(const struct node_plan *plan,
                                               int (*subscribe)(void *context, const char *filter),
                                               void *context);

/* Calls back for each rule, by its number in the engine, that the message triggers. 1; 0 if it is
 * on no topic of a trigger; -ENOMEM if it is, but there was no memory to read it for one or more.
 */
EDGE_MUST_CHECK int message_triggers_on_message(
    const struct node_plan *plan, const struct mqtt_received *message,
    void (*fire)(void *context, size_t rule, const char *reason), void *context);

#endif
