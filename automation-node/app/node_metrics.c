#include "automation-node/app/node_metrics.h"

#include "automation-node/app/node_impl.h"
#include "automation-node/engine/engine_inspect.h"

static struct node_counters count(struct node *n)
{
    return (struct node_counters){
        .engine = engine_stats(n->engine),
        .readings = readings_stats(n->readings),
        .topic_inputs = topic_inputs_stats(n->topic_inputs),
        .devices = device_topics_stats(n->devices),
        .mqtt = mqtt_node_stats(n->mqtt),
        .rules = rule_topics_stats(n->rules),
        .controllers = controller_topics_stats(n->controllers),
        .alarms = alarm_topics_stats(n->alarms),
        .duty = duty_stats(n->duty),
        .withheld = n->withheld,
        .undelivered = n->undelivered,
        .messages_undelivered = n->messages_undelivered,
        .store = device_record_report(n->record),
        .requests = questions_stats(n->questions),
    };
}

void node_metrics_publish(struct node *node)
{
    const struct node_counters counters = count(node);
    node_report_metrics(node->report, &counters);
}

void node_metrics_tell(struct node *node, const struct counter_sink *sink)
{
    const struct node_counters counters = count(node);
    node_report_tell(node->report, &counters, sink);
}
