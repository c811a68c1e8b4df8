/*
 * Last-value queue: one place per topic that holds the newest payload until the broker has it.
 *
 * A live value must never wait behind an old one, and memory must stay bounded whatever the broker
 * does. So each topic has one slot: a payload that could not be sent yet is replaced by the next
 * one for the same topic ("superseded", counted). Slots that wait are sent in the order in which
 * they began to wait. After a reconnect every retained slot is sent again, because the broker may
 * have forgotten it, or published our will in its place.
 *
 * Counting. A payload put with a tag ends in exactly one outcome, which the handler is told once;
 * until then it is pending. So at any time: tagged = acknowledged + superseded + expired + refused
 * + pending.
 *
 * One loop, one thread. Nothing is allocated after the last lvq_add(), but for that of another life
 * of the queue (lvq_retained.h).
 */
#ifndef EDGE_COMMON_LVQ_H
#define EDGE_COMMON_LVQ_H

#include "common/attributes.h"
#include "common/mqtt_message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lvq;

/* Usually mqtt_link_publish(); a fake in tests. */
typedef enum mqtt_publish_result (*lvq_publish_fn)(void *context,
                                                   const struct mqtt_publish *publish);

struct lvq_slot_options {
    const char *topic;        /* copied */
    size_t payload_max_bytes; /* a longer payload is refused */
    bool retain;
};

struct lvq_item {
    size_t slot;
    const void *payload; /* copied; may have length 0 */
    size_t length;       /* bytes */
    int qos;             /* 0 or 1 */
    uint64_t tag;        /* with QoS 1 only: names it to the handler; 0 = nobody wants to know */
    int64_t expires_us;  /* monotonic; 0 = never. Travels as the MQTT 5 message expiry interval. */
};

enum lvq_outcome {
    LVQ_ACKNOWLEDGED, /* the broker has it */
    LVQ_SUPERSEDED,   /* a newer one took its place before the broker had it, or perhaps had it */
    LVQ_EXPIRED,      /* it waited for too long */
    LVQ_REFUSED,      /* by the broker (ACL, quota), or too long */
    LVQ_OUTCOME_COUNT
};

/* Called from within lvq_put() and the lvq_on_*() functions; it must not call back. */
typedef void (*lvq_settled_fn)(void *context, uint64_t tag, enum lvq_outcome outcome);

struct lvq_stats {
    uint64_t tagged;
    uint64_t outcomes[LVQ_OUTCOME_COUNT]; /* of the tagged ones, as is `pending` */
    uint64_t pending;
    uint64_t published; /* PUBLISH packets handed to the link, of any kind */
    uint64_t waiting;   /* slots that wait now */
};

EDGE_MUST_CHECK int lvq_new(lvq_publish_fn publish, void *context, struct lvq **ret);
void lvq_free(struct lvq *q);

/* Who is told what became of tagged payloads; NULL = nobody. */
void lvq_on_settled(struct lvq *q, lvq_settled_fn settled, void *context);

/* Adds a topic. 0, -ENOMEM, or -ENOSPC beyond 16 million slots. */
EDGE_MUST_CHECK int lvq_add(struct lvq *q, const struct lvq_slot_options *options,
                            size_t *ret_slot);

/* Replaces what the slot holds, and sends it when nothing waits before it. */
void lvq_put(struct lvq *q, const struct lvq_item *item, int64_t now_us);

/* The same, unless the slot holds that payload already: for what is said again after a reload.
 * True: it was put. */
bool lvq_put_changed(struct lvq *q, const struct lvq_item *item, int64_t now_us);

/* From the link's handler: connected, room again, and the fate of each token that belongs to the
 * queue. */
void lvq_on_up(struct lvq *q, int64_t now_us);
void lvq_on_room(struct lvq *q, int64_t now_us);
void lvq_on_acknowledged(struct lvq *q, uint64_t token, enum mqtt_fate fate, int64_t now_us);

bool lvq_is_waiting(const struct lvq *q);
struct lvq_stats lvq_stats(const struct lvq *q);

#endif
