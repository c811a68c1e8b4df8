/*
 * The part of a last-value queue about what the broker retains. A topic is in use when somebody has
 * added it in the present life of the queue (see lvq_claim()).
 */
#ifndef EDGE_COMMON_LVQ_RETAINED_H
#define EDGE_COMMON_LVQ_RETAINED_H

#include "common/attributes.h"
#include "common/lvq.h"

/* All slots are to be added once more, by somebody else: lvq_add() then gives a slot that its topic
 * has already, each once. lvq_claim_rest() ends that: what nobody has added is cleared at the
 * broker, if it is retained, and its slot is free for another topic. Without that call everything
 * stays as it was. 0 or -ENOMEM. */
EDGE_MUST_CHECK int lvq_claim(struct lvq *q);
void lvq_claim_rest(struct lvq *q, int64_t now_us);

/* `topic` is borrowed during the call, which must not call back. */
typedef void (*lvq_topic_fn)(void *context, const char *topic);

/* The retained topics in use, once for each slot. */
void lvq_each_retained(const struct lvq *q, lvq_topic_fn fn, void *context);

/* Deletes what the broker may retain on a topic that is not in use. 0, -ENOMEM or -ENOSPC. */
EDGE_MUST_CHECK int lvq_clear(struct lvq *q, const char *topic, int64_t now_us);

/* Who is told that the broker has deleted a topic which is not in use: called from within
 * lvq_on_acknowledged(). NULL = nobody. */
void lvq_on_cleared(struct lvq *q, lvq_topic_fn cleared, void *context);

/* Sends every retained payload again, for a listener that has lost what it knew. */
void lvq_repeat(struct lvq *q, int64_t now_us);

/* What is to become of what the slots hold. */
enum lvq_keeping {
    LVQ_KEEP,
    LVQ_FORGET, /* it is not sent any more; the broker keeps what it has */
    LVQ_DELETE  /* at the broker too, whatever that has, if it is retained */
};

/* Asks for each topic; what is on its way arrives. */
void lvq_sort_out(struct lvq *q, enum lvq_keeping (*keeping)(void *context, const char *topic),
                  void *context, int64_t now_us);

#endif
