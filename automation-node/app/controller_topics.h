/* The topics of thermostats and PID controllers: `controllers/<id>/set` comes in, their states go
 * out.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_CONTROLLER_TOPICS_H
#define EDGE_AUTOMATION_NODE_APP_CONTROLLER_TOPICS_H

#include "automation-node/app/node_plan.h"
#include "automation-node/engine/engine.h"
#include "common/attributes.h"
#include "common/loop.h"
#include "common/lvq.h"
#include "common/mqtt_message.h"

#include <stdint.h>

/* received = accepted + the others */
struct controller_topics_stats {
    uint64_t received;
    uint64_t accepted;
    uint64_t retained; /* it would act again at every connection */
    uint64_t malformed;
    uint64_t unknown;    /* no such controller, or preset */
    uint64_t impossible; /* a mode or an output that it does not have */
};

struct controller_topics_options {
    struct loop *loop;
    struct lvq *queue;
    const struct node_plan *plan;
    /* 0 or -errno: it cannot be done. */
    int (*change)(void *context, size_t controller, const struct controller_change *change);
    void *context;
};

struct controller_topics;

/* Adds the state topics to the queue. 0, -EINVAL or -ENOMEM. All in `options` is borrowed. */
EDGE_MUST_CHECK int controller_topics_new(const struct controller_topics_options *options,
                                          struct controller_topics **ret);
void controller_topics_free(struct controller_topics *topics);

/* The filter for what comes in. 0 or as topic_filter_format(). */
EDGE_MUST_CHECK int controller_topics_filter(const struct controller_topics *topics, char *filter,
                                             size_t size);

/* A message that arrived; false if it is for none of them. */
bool controller_topics_on_message(struct controller_topics *topics,
                                  const struct mqtt_received *message);

void controller_topics_publish(struct controller_topics *topics, size_t controller,
                               const struct engine_controller_state *state);

struct controller_topics_stats controller_topics_stats(const struct controller_topics *topics);

#endif
