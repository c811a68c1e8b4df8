/* What the node says of itself: info (retained) and metrics. */
#ifndef EDGE_AUTOMATION_NODE_APP_NODE_REPORT_H
#define EDGE_AUTOMATION_NODE_APP_NODE_REPORT_H

#include "automation-node/app/alarm_topics.h"
#include "automation-node/app/controller_topics.h"
#include "automation-node/app/device_topics.h"
#include "automation-node/app/duty.h"
#include "automation-node/app/readings.h"
#include "automation-node/app/rule_topics.h"
#include "automation-node/app/topic_inputs.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/store/device_log.h"
#include "common/intake.h"
#include "common/mqtt_link.h"
#include "common/responder.h"
#include "common/retained_ledger.h"

struct node_counters {
    struct engine_stats engine;
    struct readings_stats readings;
    struct topic_inputs_stats topic_inputs;
    struct device_topics_stats devices;
    struct mqtt_link_stats link;
    struct retained_ledger_stats retained;
    struct intake_stats intake;
    struct rule_topics_stats rules;
    struct controller_topics_stats controllers;
    struct alarm_topics_stats alarms;
    struct duty_stats duty;
    uint64_t withheld; /* commands of a node that does not drive, now */
    uint64_t undelivered;
    uint64_t messages_undelivered;
    struct device_log_stats store;
    struct responder_stats requests;
};

struct node_report;

/* Adds the topics to the queue. 0, -EINVAL or -ENOMEM. All is borrowed. */
EDGE_MUST_CHECK int node_report_new(const struct node_plan *plan, struct loop *loop,
                                    struct lvq *queue, struct node_report **ret);
void node_report_free(struct node_report *report);

/* The node did not start when this report was made, but when its predecessor was. */
void node_report_go_on(struct node_report *report, const struct node_report *predecessor);

/* `configuration` is the hash of the effective configuration. */
void node_report_info(struct node_report *report, uint64_t configuration);
void node_report_metrics(struct node_report *report, const struct node_counters *counters);

#endif
