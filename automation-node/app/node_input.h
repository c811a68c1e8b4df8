/* What comes from outside goes into a node's engine; for node*.c only. */
#ifndef EDGE_AUTOMATION_NODE_APP_NODE_INPUT_H
#define EDGE_AUTOMATION_NODE_APP_NODE_INPUT_H

#include "automation-node/app/node_impl.h"

/* The parts that read what arrives. The engine and the connection are there. 0 or -errno. */
EDGE_MUST_CHECK int node_input_new(struct node *n);
void node_input_free(struct node *n);

/* A message that arrived: true if the engine was called for it, see node_settle(). */
bool node_input_on_message(struct node *n, const struct mqtt_received *message);

/* What a device shows at the end of its wire. */
void node_input_on_feedback(struct node *n, size_t device, const struct value *value);

#endif
