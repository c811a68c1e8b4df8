/* All that a running automation node counts. */
#ifndef EDGE_AUTOMATION_NODE_APP_NODE_COUNTERS_H
#define EDGE_AUTOMATION_NODE_APP_NODE_COUNTERS_H

#include "automation-node/app/alarm_topics.h"
#include "automation-node/app/controller_topics.h"
#include "automation-node/app/device_topics.h"
#include "automation-node/app/duty.h"
#include "automation-node/app/readings.h"
#include "automation-node/app/rule_topics.h"
#include "automation-node/app/topic_inputs.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/store/device_log.h"
#include "common/counters.h"
#include "common/mqtt_node.h"
#include "common/responder.h"

struct node_counters {
    struct engine_stats engine;
    struct readings_stats readings;
    struct topic_inputs_stats topic_inputs;
    struct device_topics_stats devices;
    struct mqtt_node_stats mqtt;
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

void node_counters_tell(const struct counter_sink *sink, const struct node_counters *counters);

#endif
