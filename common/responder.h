/*
 * Answers to questions over MQTT. Each accepted question has an answer that is made step by step,
 * one chunk of text after the other; the next chunk is made only when the one before it has gone,
 * and goes only when no live value waits and the link has room. So an answer of any length takes
 * the memory of one chunk, and is in nobody's way.
 *
 * Steps that block run in a thread of their own, the others in the loop. Some answers are worked on
 * at once, some more wait; beyond that the answer is an error ("busy"). What is asked, and how
 * answers read, is the daemon's business.
 */
#ifndef EDGE_COMMON_RESPONDER_H
#define EDGE_COMMON_RESPONDER_H

#include "common/asker.h"
#include "common/attributes.h"
#include "common/counters.h"
#include "common/loop.h"
#include "common/lvq.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mqtt_link;

#define RESPONDER_ERROR_BYTES 512

/* Why a question ended with an error. */
enum responder_refusal {
    RESPONDER_RETAINED,    /* it would be asked again at each connection */
    RESPONDER_NO_VERB,     /* none of the verbs */
    RESPONDER_MALFORMED,   /* what cannot be read */
    RESPONDER_UNKNOWN,     /* it names a thing that the configuration does not */
    RESPONDER_BUSY,        /* too many at once */
    RESPONDER_UNAVAILABLE, /* what it needs is not there, or cannot be read now */
    RESPONDER_REFUSAL_COUNT
};

/* "retained", "no_verb", "malformed", "unknown", "busy", "unavailable". */
const char *responder_refusal_text(enum responder_refusal refusal);

/* received = sum of refused + answered + abandoned + waiting + running. */
struct responder_stats {
    uint64_t received;
    uint64_t refused[RESPONDER_REFUSAL_COUNT];
    uint64_t answered;   /* the last chunk was handed to the link */
    uint64_t abandoned;  /* the link would not take the answer: for too long, or at all */
    uint64_t waiting;    /* now */
    uint64_t running;    /* now */
    uint64_t chunks;     /* handed to the link */
    uint64_t unanswered; /* refusals of which nobody could be told */
};

enum responder_step {
    RESPONDER_CHUNK,
    RESPONDER_LAST_CHUNK,
    RESPONDER_NOTHING_YET, /* it takes longer: another step, after those of others */
    RESPONDER_FAILED       /* an error instead of a chunk; nothing follows */
};

/* How one kind of answer is made; only `step` runs in the thread, and alone has the answer then. */
struct responder_methods {
    enum responder_step (*step)(void *answer);
    /* What the last step made. */
    const char *(*text)(const void *answer, size_t *ret_length);
    const char *(*error)(const void *answer); /* why it failed */
    void (*free)(void *answer);
    bool in_loop; /* its steps do not block */
};

struct responder_options {
    struct loop *loop;
    struct lvq *queue; /* of live values, which go first */
    struct mqtt_link *link;
    /* An error as the text that is sent. 0 or -errno: it did not fit. */
    int (*format_error)(const char *transaction, const char *error, char *text, size_t size,
                        size_t *ret_length);
};

struct responder;

/* 0 or -errno. All in `options` is borrowed. */
EDGE_MUST_CHECK int responder_new(const struct responder_options *options, struct responder **ret);
/* Waits for the chunk that is being made. Accepts NULL. */
void responder_free(struct responder *responder);

/* Every question that arrives ends in one of these two. `error` says what is wrong, and what to
 * do. */
void responder_refuse(struct responder *responder, const struct asker *asker,
                      enum responder_refusal reason, const char *error);
/* Takes the answer; refuses ("busy") and frees it where too many wait. */
void responder_take(struct responder *responder, const struct asker *asker, void *answer,
                    const struct responder_methods *methods);

/* There may be room for a chunk: the link has room, or nothing waits before it any more. */
void responder_go_on(struct responder *responder);

/* Somebody has not been told all yet. */
bool responder_is_busy(const struct responder *responder);

struct responder_stats responder_stats(const struct responder *responder);

/* The group "requests". */
void responder_tell(const struct counter_sink *sink, const struct responder_stats *stats);

#endif
