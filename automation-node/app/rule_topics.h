/* The rules' topics: `rules/<id>/set` comes in, `rules/<id>/state` and `rules/<id>/trace` go out.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_RULE_TOPICS_H
#define EDGE_AUTOMATION_NODE_APP_RULE_TOPICS_H

#include "automation-node/app/node_plan.h"
#include "automation-node/engine/engine.h"
#include "common/attributes.h"
#include "common/loop.h"
#include "common/lvq.h"
#include "common/mqtt_message.h"
#include "topics/payload_rule.h"

#include <stdint.h>

/* received = accepted + the others */
struct rule_topics_stats {
    uint64_t received;
    uint64_t accepted;
    uint64_t retained; /* it would act again at every connection */
    uint64_t malformed;
    uint64_t unknown;
    uint64_t impossible;  /* to run what is disabled or has no actions */
    uint64_t traces_lost; /* not counted above: they could not be sent */
};

struct rule_topics_options {
    struct loop *loop;
    struct lvq *queue;
    const struct node_plan *plan;
    /* Numbers as the engine counts them. 0 or -errno: it cannot be done. */
    int (*operate_rule)(void *context, size_t rule, enum payload_rule_action action);
    int (*operate_schedule)(void *context, size_t schedule, enum payload_rule_action action);
    /* 0 or -errno: it is lost. */
    int (*publish)(void *context, const struct mqtt_publish *publish);
    void *context;
};

struct rule_topics;

/* Adds the state topics to the queue. 0, -EINVAL or -ENOMEM. All in `options` is borrowed. */
EDGE_MUST_CHECK int rule_topics_new(const struct rule_topics_options *options,
                                    struct rule_topics **ret);
void rule_topics_free(struct rule_topics *topics);

/* The filters for what comes in: calls back for each. 0 or what `subscribe` returns first. */
EDGE_MUST_CHECK int rule_topics_subscribe(const struct rule_topics *topics,
                                          int (*subscribe)(void *context, const char *filter),
                                          void *context);

/* A message that arrived; false if it is for neither. */
bool rule_topics_on_message(struct rule_topics *topics, const struct mqtt_received *message);

void rule_topics_publish_state(struct rule_topics *topics, size_t rule,
                               const struct engine_rule_state *state);
void rule_topics_publish_schedule(struct rule_topics *topics, size_t schedule,
                                  const struct engine_schedule_state *state);
void rule_topics_publish_trace(struct rule_topics *topics, size_t rule,
                               const struct run_report *report);

struct rule_topics_stats rule_topics_stats(const struct rule_topics *topics);

#endif
