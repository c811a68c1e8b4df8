/* What a node's duty means for its parts; for node*.c only. */
#ifndef EDGE_AUTOMATION_NODE_APP_NODE_DUTY_H
#define EDGE_AUTOMATION_NODE_APP_NODE_DUTY_H

#include "automation-node/app/node_impl.h"

/* Its duty, and what goes with that. The engine and the connection are there. 0 or -errno. */
EDGE_MUST_CHECK int node_duty_new(struct node *n);
void node_duty_free(struct node *n);

/* The parts begin, or go on where those of `old` stop; before and after the others do. */
void node_duty_start(struct node *n);
void node_duty_take_over(struct node *n, struct node *old);

/* A message that arrived: true if it is nobody else's. */
bool node_duty_on_message(struct node *n, const struct mqtt_received *message);

/* What a node that begins to lead goes on with: what its predecessor, which did not, has collected.
 * 0 or -ENOMEM. */
EDGE_MUST_CHECK int node_duty_inherit(struct node *n);

/* A command for that device may leave. */
bool node_may_drive(const struct node *n, size_t device);

/* For questions_options: NULL, or why not. `context` is the node. */
const char *node_hand_over(void *context, const char *to);

/* For driver_host. */
const struct payload_master *node_master(void *context);

#endif
