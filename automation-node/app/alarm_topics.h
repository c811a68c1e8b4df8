/*
 * The node's alarms: `alarms/<id>` (retained) and `alarms/event` go out, `alarms/<id>/set` comes
 * in. While the broker is away the state waits as it is at last, and ALARM_EVENTS_KEPT transitions
 * wait each by itself.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_ALARM_TOPICS_H
#define EDGE_AUTOMATION_NODE_APP_ALARM_TOPICS_H

#include "automation-node/app/node_plan.h"
#include "automation-node/engine/engine_alarm.h"
#include "common/attributes.h"
#include "common/loop.h"
#include "common/lvq.h"
#include "common/mqtt_message.h"

#include <stdbool.h>
#include <stdint.h>

#define ALARM_EVENTS_KEPT 32

/* received = accepted + the others */
struct alarm_topics_stats {
    uint64_t received;
    uint64_t accepted;
    uint64_t retained; /* it would act again at every connection */
    uint64_t malformed;
    uint64_t unknown;
    uint64_t impossible; /* in the state that the alarm is in */
};

struct alarm_topics_options {
    struct loop *loop;
    struct lvq *queue;
    const struct node_plan *plan;
    enum alarm_verdict (*operate)(void *context, size_t alarm, const struct alarm_action *action);
    void *context;
};

struct alarm_topics;

/* Adds the topics to the queue. 0, -EINVAL or -ENOMEM. All in `options` is borrowed. */
EDGE_MUST_CHECK int alarm_topics_new(const struct alarm_topics_options *options,
                                     struct alarm_topics **ret);
void alarm_topics_free(struct alarm_topics *topics);

/* The filter for what comes in. 0 or as topic_filter_format(). */
EDGE_MUST_CHECK int alarm_topics_filter(const struct alarm_topics *topics, char *filter,
                                        size_t size);

/* A message that arrived; false if it is for none of them. */
bool alarm_topics_on_message(struct alarm_topics *topics, const struct mqtt_received *message);

void alarm_topics_publish_state(struct alarm_topics *topics, size_t alarm,
                                const struct engine_alarm_state *state);
void alarm_topics_publish_event(struct alarm_topics *topics, size_t alarm,
                                const struct engine_alarm_event *event);

struct alarm_topics_stats alarm_topics_stats(const struct alarm_topics *topics);

#endif
