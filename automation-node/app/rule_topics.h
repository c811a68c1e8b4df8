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
    uint64_t unknown_rule;
    uint64_t impossible;  /* to run one that is disabled, or one without actions */
    uint64_t traces_lost; /* not counted above: they could not be sent */
};

struct rule_topics_options {
    struct loop *loop;
    struct lvq *queue;
    const struct node_plan *plan;
    /* `rule` is its number for the engine. 0 or -errno: it cannot be done. */
    int (*operate)(void *context, size_t rule, enum payload_rule_action action);
    /* 0 or -errno: it is lost. */
    int (*publish)(void *context, const struct mqtt_publish *publish);
    void *context;
};

struct rule_topics;

/* Adds the state topics to the queue. 0, -EINVAL or -ENOMEM. All in `options` is borrowed. */
EDGE_MUST_CHECK int rule_topics_new(const struct rule_topics_options *options,
                                    struct rule_topics **ret);
void rule_topics_free(struct rule_topics *topics);

/* The filter for what comes in. 0 or as topic_filter_format(). */
EDGE_MUST_CHECK int rule_topics_filter(const struct rule_topics *topics, char *filter, size_t size);

/* A message that arrived; false if it is not for a rule. */
bool rule_topics_on_message(struct rule_topics *topics, const struct mqtt_received *message);

void rule_topics_publish_state(struct rule_topics *topics, size_t rule,
                               const struct engine_rule_state *state);
void rule_topics_publish_trace(struct rule_topics *topics, size_t rule,
                               const struct run_report *report);

struct rule_topics_stats rule_topics_stats(const struct rule_topics *topics);

#endif
