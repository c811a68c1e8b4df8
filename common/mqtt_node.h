/*
 * A node at the broker: the link, the queue of last values, and the status topic whose will it is.
 * Both daemons stand on this; what they say is theirs. It logs for them how the connection fares:
 * once when it is lost, once when it is back.
 */
#ifndef EDGE_COMMON_MQTT_NODE_H
#define EDGE_COMMON_MQTT_NODE_H

#include "common/attributes.h"
#include "common/intake.h"
#include "common/loop.h"
#include "common/mqtt_link_stats.h"
#include "common/mqtt_message.h"
#include "common/retained_ledger.h"
#include "common/tls_watch.h"

#include <stdbool.h>
#include <stdint.h>

struct broker_config;
struct lvq;
struct mqtt_link;

/* What must be known of topics and payloads so that `broker.limits` can hold for what arrives. */
struct mqtt_node_gate {
    /* A wish or a question to a node? All else is what we asked the broker for. */
    bool (*is_asked)(const char *prefix, const char *topic, bool *ret_question);
    /* `wanted`, or NULL where no answer may go there. */
    const char *(*answer_topic)(const char *prefix, const char *wanted);
    int (*format_error)(const char *transaction, const char *error, char *text, size_t size,
                        size_t *ret_length); /* as a responder's */
};

struct mqtt_node_options {
    const struct broker_config *broker;
    const char *site; /* site and node make the client id unless the broker section names one */
    const char *node;
    const char *status_topic; /* retained; copied */
    const char *online;       /* words for it; static */
    const char *offline;
    /* The ledger of retained topics (retained_ledger.h), unless the broker section names its file:
     * beside this file, "<file>.<owner>.topics"; without an owner "<file>.topics". NULL: none. */
    const char *ledger_beside;
    const char *ledger_owner;
    const struct mqtt_node_gate *gate; /* NULL: nothing is limited; static */
};

/* A token with this bit is not the queue's: its fate goes to the handler's `acknowledged`. */
#define MQTT_NODE_TOKEN (UINT64_C(1) << 63)

/* Only `message` and `stopped` must be there. */
struct mqtt_node_handler {
    void (*up)(void *context);
    void (*down)(void *context); /* after a connection, and after each failed attempt */
    void (*message)(void *context, const struct mqtt_received *message);
    void (*room)(void *context); /* the queue has sent what it could, and there is room left */
    void (*acknowledged)(void *context, uint64_t token, enum mqtt_fate fate);
    void (*stopped)(void *context); /* the end of mqtt_node_stop() */
    /* Somebody has asked and waits: the broker is not left for another one before, for a second. */
    bool (*is_asked)(const void *context);
    void *context;
};

struct mqtt_node;

/* 0, -EINVAL or -ENOMEM. */
EDGE_MUST_CHECK int mqtt_node_new(struct loop *loop, const struct mqtt_node_options *options,
                                  const struct mqtt_node_handler *handler, struct mqtt_node **ret);
void mqtt_node_free(struct mqtt_node *node);

/* Somebody else is going to add its topics to the queue: see lvq_claim(). 0 or -ENOMEM. */
EDGE_MUST_CHECK int mqtt_node_claim(struct mqtt_node *node);
/* It has: what it has not added is deleted at the broker. */
void mqtt_node_claim_rest(struct mqtt_node *node);

/* Somebody else is told from now on; the connection stays. */
void mqtt_node_hand_over(struct mqtt_node *node, const struct mqtt_node_handler *handler);

/* All topics have been added. What was retained in an earlier life and is not among them is deleted
 * before anything is published. */
void mqtt_node_start(struct mqtt_node *node);
/* Publishes `offline`, waits for its acknowledgement for a second at most, disconnects. */
void mqtt_node_stop(struct mqtt_node *node);

/* True: for far longer than an attempt may take, no attempt has ended or a message has had no
 * answer. That is a fault of ours, not of a broker that is away. Asked now and then. */
bool mqtt_node_is_stuck(struct mqtt_node *node);

struct mqtt_link *mqtt_node_link(struct mqtt_node *node);
struct lvq *mqtt_node_queue(struct mqtt_node *node);

struct mqtt_node_stats {
    struct mqtt_link_stats link;
    struct intake_stats intake; /* what was taken and refused of wishes and requests */
    struct tls_ends certificates;
    int64_t wall_s;                        /* now */
    struct retained_ledger_stats retained; /* all zero where retained topics are not remembered */
};
struct mqtt_node_stats mqtt_node_stats(const struct mqtt_node *node);

/* The groups "mqtt", "mqtt_ends", "tls" (with TLS), "retained" and "intake". */
void mqtt_node_tell(const struct counter_sink *sink, const struct mqtt_node_stats *stats);

#endif
