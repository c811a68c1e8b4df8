/*
 * Questions over MQTT: `request/explain`, `/devices`, `/rules`, `/history`, `/dry_run` and
 * `/reload` and `/handover` of this node (topics/payload_question.h, docs/automation.md). Each is
 * decoded here; common/responder.h makes and sends the answer, chunk after chunk. What is in memory
 * is answered in the loop, the history in a thread.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_QUESTIONS_H
#define EDGE_AUTOMATION_NODE_APP_QUESTIONS_H

#include "automation-node/app/explanation.h"
#include "automation-node/app/reload_answer.h"
#include "common/attributes.h"
#include "common/lvq.h"
#include "common/mqtt_message.h"
#include "common/responder.h"
#include "common/support.h"

#include <stdbool.h>

struct questions_options {
    struct loop *loop;
    struct lvq *queue;
    struct mqtt_link *link;
    struct witness witness; /* copied */
    /* Somebody asks for a reload; questions_answer_reload() is to follow, not from within. */
    void (*reload)(void *context);
    /* And that another node leads; `to` may be NULL. NULL: it shall be so; else why not. */
    const char *(*hand_over)(void *context, const char *to);
    /* Somebody asks for a report, which is taken. 0 or -errno. */
    int (*support)(void *context, struct support **ret);
    void *context;
};

struct questions;

/* 0 or -errno. All in `options` is borrowed. */
EDGE_MUST_CHECK int questions_new(const struct questions_options *options, struct questions **ret);
/* Waits for the chunk that is being made. Accepts NULL. */
void questions_free(struct questions *questions);

/* The filter for all verbs. 0 or as topic_filter_format(). */
EDGE_MUST_CHECK int questions_filter(const struct questions *questions, char *filter, size_t size);

/* A message that arrived. False if it is none of these topics. */
bool questions_on_message(struct questions *questions, const struct mqtt_received *message);

/* Whoever asked for a reload is told what became of it, if anybody did. */
void questions_answer_reload(struct questions *questions, const struct reload_outcome *outcome);
/* Who asked `old` for a reload is told by this one. */
void questions_take_over(struct questions *questions, struct questions *old);

/* There may be room for a chunk. */
void questions_go_on(struct questions *questions);

/* Somebody has not been told all yet. */
bool questions_are_open(const struct questions *questions);

struct responder_stats questions_stats(const struct questions *questions);

/* An error as the payload of an answer; `transaction` may be NULL. 0 or -errno: it does not fit. */
EDGE_MUST_CHECK int questions_format_error(const char *transaction, const char *error, char *text,
                                           size_t size, size_t *ret_length);

#endif
