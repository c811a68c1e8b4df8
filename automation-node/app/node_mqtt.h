/* The automation node at its broker: its status topic, and what it remembers of retained ones. */
#ifndef EDGE_AUTOMATION_NODE_APP_NODE_MQTT_H
#define EDGE_AUTOMATION_NODE_APP_NODE_MQTT_H

#include "automation-node/app/node_config.h"
#include "common/attributes.h"
#include "common/mqtt_node.h"

/* 0, -EINVAL or -ENOMEM. `config` is borrowed during the call only. */
EDGE_MUST_CHECK int node_mqtt_new(struct loop *loop, const struct node_config *config,
                                  const struct mqtt_node_handler *handler, struct mqtt_node **ret);

#endif
