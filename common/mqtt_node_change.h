/* A node at the broker that is given another broker section. */
#ifndef EDGE_COMMON_MQTT_NODE_CHANGE_H
#define EDGE_COMMON_MQTT_NODE_CHANGE_H

#include "common/attributes.h"

struct broker_config;
struct mqtt_node;
struct mqtt_node_change;

/* Everything about it that can fail (see broker_change.h). *ret is NULL where they say the
 * same. Both are borrowed during the call. 0, -EINVAL or -ENOMEM. */
EDGE_MUST_CHECK int mqtt_node_prepare(const struct mqtt_node *node, const struct broker_config *old,
                                      const struct broker_config *config,
                                      struct mqtt_node_change **ret);
/* Takes it over; the node leaves its broker in order soon afterwards, if that has to be, and comes
 * to the other one with all that it had to say. Accepts NULL. */
void mqtt_node_change(struct mqtt_node *node, struct mqtt_node_change *take);
/* Nothing comes of it. Accepts NULL. */
void mqtt_node_drop_change(struct mqtt_node_change *change);

#endif
