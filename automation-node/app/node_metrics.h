/* The counters of a running node. */
#ifndef EDGE_AUTOMATION_NODE_APP_NODE_METRICS_H
#define EDGE_AUTOMATION_NODE_APP_NODE_METRICS_H

#include "common/counters.h"

struct node;

void node_metrics_publish(struct node *node);
void node_metrics_tell(struct node *node, const struct counter_sink *sink);

#endif
