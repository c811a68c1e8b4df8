/* The devices' topics: wishes that arrive on `devices/<id>/set`, states that go out on
 * `devices/<id>/state`. */
#ifndef EDGE_AUTOMATION_NODE_APP_DEVICE_TOPICS_H
#define EDGE_AUTOMATION_NODE_APP_DEVICE_TOPICS_H

#include "automation-node/app/node_plan.h"
#include "automation-node/engine/engine.h"
#include "common/attributes.h"
#include "common/loop.h"
#include "common/lvq.h"
#include "common/mqtt_message.h"

#include <stdint.h>

/* Wishes that never reached the engine; the engine counts the others. */
struct device_topics_stats {
    uint64_t retained; /* a retained wish would act again at every connection */
    uint64_t malformed;
    uint64_t unknown_device;
};

struct device_topics_options {
    struct loop *loop;
    struct lvq *queue;
    const struct node_plan *plan;
    /* A well-formed wish; gives the engine's refusal. */
    enum refusal (*wish)(void *context, size_t device, const struct wish *wish);
    void *context;
};

struct device_topics;

/* Adds the topics of states to the queue. 0, -EINVAL or -ENOMEM. All in `options` is
 * borrowed. */
EDGE_MUST_CHECK int device_topics_new(const struct device_topics_options *options,
                                      struct device_topics **ret);
void device_topics_free(struct device_topics *topics);

/* The filter for wishes. 0 or as topic_filter_format(). */
EDGE_MUST_CHECK int device_topics_filter(const struct device_topics *topics, char *filter,
                                         size_t size);

/* A message that arrived; false if it is no wish. */
bool device_topics_on_message(struct device_topics *topics, const struct mqtt_received *message);

void device_topics_publish(struct device_topics *topics, size_t device,
                           const struct device_state *state);

struct device_topics_stats device_topics_stats(const struct device_topics *topics);

#endif
