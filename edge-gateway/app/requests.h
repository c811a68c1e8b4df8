/*
 * Questions over MQTT: `request/history`, `/statistics`, `/messages` and `/catalog` of this node
 * (topics/payload_query.h, docs/requests.md). Each is decoded here and worked out in a thread of
 * its own, one chunk of the answer after the other; a chunk is made only when the one before it has
 * gone, and goes only when no live value waits and the link has room. So an answer of any length
 * takes the memory of one chunk, and is in nobody's way.
 *
 * Some are worked on at once, some more wait; beyond that the answer is an error ("busy").
 */
#ifndef EDGE_GATEWAY_APP_REQUESTS_H
#define EDGE_GATEWAY_APP_REQUESTS_H

#include "common/attributes.h"
#include "common/mqtt_link.h"
#include "edge-gateway/app/environment.h"
#include "edge-gateway/app/plan.h"

#include <stdbool.h>
#include <stdint.h>

/* Why a request ended with an error. */
enum requests_refusal {
    REQUESTS_RETAINED,    /* it would be asked again at each connection */
    REQUESTS_NO_VERB,     /* none of the verbs */
    REQUESTS_MALFORMED,   /* what topics/payload_query.h refuses */
    REQUESTS_UNKNOWN,     /* a bus, message or signal that the configuration does not name */
    REQUESTS_BUSY,        /* too many at once */
    REQUESTS_UNAVAILABLE, /* nothing is logged, or the log cannot be read now */
    REQUESTS_REFUSAL_COUNT
};

/* "retained", "no_verb", "malformed", "unknown", "busy", "unavailable". */
const char *requests_refusal_text(enum requests_refusal refusal);

/* received = sum of refused + answered + abandoned + waiting + running. */
struct requests_stats {
    uint64_t received;
    uint64_t refused[REQUESTS_REFUSAL_COUNT];
    uint64_t answered;   /* the last chunk was handed to the link */
    uint64_t abandoned;  /* the link would not take the answer: for too long, or at all */
    uint64_t waiting;    /* now */
    uint64_t running;    /* now */
    uint64_t chunks;     /* handed to the link */
    uint64_t unanswered; /* refusals of which nobody could be told */
};

struct requests_options {
    const struct gateway_plan *plan;
    const struct environment *environment; /* copied; its `log` may be NULL */
    struct mqtt_link *link;
};

struct requests;

/* 0 or -errno. All in `options` is borrowed. */
EDGE_MUST_CHECK int requests_new(const struct requests_options *options, struct requests **ret);
/* Before the frame log. Waits for the chunk that is being made. Accepts NULL. */
void requests_free(struct requests *requests);

/* Subscribes; the link repeats it at each connection. 0 or -errno. */
EDGE_MUST_CHECK int requests_subscribe(struct requests *requests);

/* A message that arrived. False if it is none of these topics. */
bool requests_on_message(struct requests *requests, const struct mqtt_received *message);

/* There may be room for a chunk: the link has room, or nothing waits before it any more. */
void requests_go_on(struct requests *requests);

struct requests_stats requests_stats(const struct requests *requests);

#endif
