/*
 * Questions over MQTT: `request/<verb>` of this node (topics/payload_query.h, docs/requests.md).
 * Each is decoded here; common/responder.h makes and sends the answer, chunk after chunk, in a
 * thread.
 */
#ifndef EDGE_GATEWAY_APP_REQUESTS_H
#define EDGE_GATEWAY_APP_REQUESTS_H

#include "common/attributes.h"
#include "common/mqtt_link.h"
#include "common/responder.h"
#include "common/support.h"
#include "edge-gateway/app/environment.h"
#include "edge-gateway/app/reload_outcome.h"
#include "edge-gateway/app/request_room.h"

#include <stdbool.h>

struct requests_options {
    const struct environment *environment; /* copied */
    struct mqtt_link *link;
    struct request_room *room; /* taken */
    /* `reload` was asked for; requests_answer_reload() follows. */
    void (*reload)(void *context);
    /* `support` was asked for: a report, which is taken. 0 or -errno. */
    int (*support)(void *context, struct support **ret);
    void *context;
};

struct requests;

/* 0 or -errno; then the room stays the caller's. */
EDGE_MUST_CHECK int requests_new(const struct requests_options *options, struct requests **ret);
/* Before the frame log. Waits for the chunk that is being made. Accepts NULL. */
void requests_free(struct requests *requests);

/* What comes from now on is answered from this one, which is taken; what is under way goes on with
 * what it has. */
void requests_use(struct requests *requests, struct request_room *room);

/* Subscribes; the link repeats it at each connection. 0 or -errno. */
EDGE_MUST_CHECK int requests_subscribe(struct requests *requests);

/* A message that arrived. False if it is none of these topics. */
bool requests_on_message(struct requests *requests, const struct mqtt_received *message);

/* For who asked for it, if anybody did; takes what became of it. */
void requests_answer_reload(struct requests *requests, struct reload_outcome *take);

/* There may be room for a chunk: the link has room, or nothing waits before it any more. */
void requests_go_on(struct requests *requests);

/* Somebody has not been told all yet. */
bool requests_are_open(const struct requests *requests);

struct responder_stats requests_stats(const struct requests *requests);

/* An error as the payload of an answer; `transaction` may be NULL. 0 or -errno: it does not fit. */
EDGE_MUST_CHECK int requests_format_error(const char *transaction, const char *error, char *text,
                                          size_t size, size_t *ret_length);

#endif
