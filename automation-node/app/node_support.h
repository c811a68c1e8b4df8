/* The report that `support` asks a running node for. */
#ifndef EDGE_AUTOMATION_NODE_APP_NODE_SUPPORT_H
#define EDGE_AUTOMATION_NODE_APP_NODE_SUPPORT_H

#include "common/attributes.h"
#include "common/support.h"

struct node;

/* 0 or -ENOMEM. */
EDGE_MUST_CHECK int node_support(struct node *node, struct support **ret);

#endif
