/*
 * Questions over MQTT: `request/history`, `/statistics`, `/messages`, `/catalog`, `/record`,
 * `/alarms` and `/alarm_history` of this node (topics/payload_query.h, docs/requests.md). Each is
 * decoded here; common/responder.h makes and sends the answer, chunk after chunk, in a thread.
 */
#ifndef EDGE_GATEWAY_APP_REQUESTS_H
#define EDGE_GATEWAY_APP_REQUESTS_H

#include "common/attributes.h"
#include "common/mqtt_link.h"
#include "common/responder.h"
#include "edge-gateway/app/environment.h"
#include "edge-gateway/app/plan.h"

#include <stdbool.h>

struct alarms;
struct dash_cam;

struct requests_options {
    const struct gateway_plan *plan;
    const struct environment *environment; /* copied; its `log` may be NULL */
    struct mqtt_link *link;
    struct dash_cam *dash_cam; /* NULL: there is none */
    const struct alarms *alarms;
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

struct responder_stats requests_stats(const struct requests *requests);

/* An error as the payload of an answer; `transaction` may be NULL. 0 or -errno: it does not fit. */
EDGE_MUST_CHECK int requests_format_error(const char *transaction, const char *error, char *text,
                                          size_t size, size_t *ret_length);

#endif
