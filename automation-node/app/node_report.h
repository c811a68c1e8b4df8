/* What the node says of itself: info (retained) and metrics. */
#ifndef EDGE_AUTOMATION_NODE_APP_NODE_REPORT_H
#define EDGE_AUTOMATION_NODE_APP_NODE_REPORT_H

#include "automation-node/app/node_counters.h"
#include "automation-node/app/node_plan.h"
#include "common/loop.h"
#include "common/lvq.h"

struct node_report;

/* Adds the topics to the queue. 0, -EINVAL or -ENOMEM. All is borrowed. */
EDGE_MUST_CHECK int node_report_new(const struct node_plan *plan, struct loop *loop,
                                    struct lvq *queue, struct node_report **ret);
void node_report_free(struct node_report *report);

/* The node did not start when this report was made, but when its predecessor was. */
void node_report_go_on(struct node_report *report, struct node_report *predecessor);

/* `configuration` is the hash of the effective configuration. */
void node_report_info(struct node_report *report, uint64_t configuration);
/* All counters of the node. */
void node_report_tell(const struct node_report *report, const struct node_counters *counters,
                      const struct counter_sink *sink);
void node_report_metrics(struct node_report *report, const struct node_counters *counters);

#endif
