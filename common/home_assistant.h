/*
 * What a node does for a Home Assistant at the same broker: keeps its descriptions of devices there
 * (retained), and sends them and every state again when it has started. So that a hundred nodes do
 * not do so at once, each waits for a random time; starts that come meanwhile count for one.
 *
 * Topics and payloads are the caller's. One loop, one thread.
 */
#ifndef EDGE_COMMON_HOME_ASSISTANT_H
#define EDGE_COMMON_HOME_ASSISTANT_H

#include "common/attributes.h"
#include "common/loop.h"
#include "common/lvq.h"
#include "common/mqtt_message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct home_assistant_options {
    struct loop *loop;
    struct lvq *queue;
    const char *birth_topic; /* where it says that it has started; copied */
    const char *birth_text;  /* static */
    int64_t resend_within_us;
    const char *seed; /* of the random time: what tells this node from others */
};

struct home_assistant_stats {
    uint64_t configs; /* payloads that describe devices */
    uint64_t births;  /* times that it was seen to start */
    uint64_t resent;  /* times that everything was sent again */
};

struct home_assistant;

/* 0 or -ENOMEM. */
EDGE_MUST_CHECK int home_assistant_new(const struct home_assistant_options *options,
                                       struct home_assistant **ret);
void home_assistant_free(struct home_assistant *ha);

/* Adds a topic to the queue, for that payload, which is copied. 0, -ENOMEM or -ENOSPC. */
EDGE_MUST_CHECK int home_assistant_add(struct home_assistant *ha, const char *topic,
                                       const char *payload, size_t length);

/* Publishes what was added and is not known already. After what is retained no longer has been
 * deleted: Home Assistant refuses an entity that moves to another device before the old one is
 * gone. */
void home_assistant_start(struct home_assistant *ha);

const char *home_assistant_birth_topic(const struct home_assistant *ha);

/* A message that arrived; false if it is on another topic. */
bool home_assistant_on_message(struct home_assistant *ha, const struct mqtt_received *message);

struct home_assistant_stats home_assistant_stats(const struct home_assistant *ha);

#endif
