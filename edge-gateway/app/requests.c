#include "edge-gateway/app/requests.h"

#include "edge-gateway/app/request_answer.h"
#include "topics/json_writer.h"
#include "topics/payload_node.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(ASKER_TOPIC_MAX_BYTES >= TOPIC_MAX_BYTES &&
                   ASKER_TRANSACTION_MAX_BYTES >= PAYLOAD_TRANSACTION_MAX_BYTES,
               "an asker holds what a request has");

struct requests {
    struct environment env;
    struct mqtt_link *link;
    struct request_room *room; /* of the configuration in force */
    struct responder *responder;
    void (*reload)(void *context);
    int (*support)(void *context, struct support **ret);
    void *context; /* of both */
    bool reloads;  /* it was asked for: */
    struct asker reload_asker;
    struct payload_query reload_query;
};

/* ---- answers ---------------------------------------------------------------------------- */

static enum responder_step step(void *answer)
{
    return request_answer_step(answer);
}

static const char *text(const void *answer, size_t *ret_length)
{
    return request_answer_text(answer, ret_length);
}

static const char *error_of(const void *answer)
{
    return request_answer_error(answer);
}

static void free_answer(void *answer)
{
    request_answer_free(answer);
}

static const struct responder_methods in_thread = {step, text, error_of, free_answer, false};
static const struct responder_methods in_loop = {step, text, error_of, free_answer, true};

int requests_format_error(const char *transaction, const char *error, char *text_out, size_t size,
                          size_t *ret_length)
{
    struct json_writer w;
    json_writer_init(&w, text_out, size);
    payload_response_error(&w, transaction, error);
    return json_writer_finish(&w, ret_length);
}

/* ---- what arrives ----------------------------------------------------------------------- */

/* What this gateway lacks to answer; NULL: nothing. */
static const char *lack_of(const struct requests *requests, enum payload_verb verb)
{
    switch (verb) {
    case PAYLOAD_VERB_HISTORY:
    case PAYLOAD_VERB_STATISTICS:
    case PAYLOAD_VERB_MESSAGES:
    case PAYLOAD_VERB_ALARM_HISTORY:
        return requests->room->log == NULL ? "this gateway does not log its readings" : NULL;
    case PAYLOAD_VERB_RECORD:
        return requests->room->dash_cam == NULL
                   ? "this gateway has no dash-cam: give it dash_cam: {enabled: yes}"
                   : NULL;
    case PAYLOAD_VERB_CATALOG:
    case PAYLOAD_VERB_ALARMS:
    case PAYLOAD_VERB_RELOAD:
    case PAYLOAD_VERB_SUPPORT:
        return NULL;
    }
    return NULL;
}

static void take(struct requests *requests, const struct asker *asker,
                 const struct payload_query *query)
{
    const char *lack = lack_of(requests, query->verb);
    char error[RESPONDER_ERROR_BYTES] = "out of memory";
    struct request_answer *answer;
    if (lack != NULL) {
        responder_refuse(requests->responder, asker, RESPONDER_UNAVAILABLE, lack);
        return;
    }
    int r = request_answer_new(requests->room, query, loop_realtime_us(requests->env.loop), &answer,
                               error);
    if (r < 0) {
        responder_refuse(requests->responder, asker,
                         r == -ENOENT ? RESPONDER_UNKNOWN : RESPONDER_BUSY, error);
        return;
    }
    responder_take(requests->responder, asker, answer,
                   query->verb == PAYLOAD_VERB_ALARMS ? &in_loop : &in_thread);
}

/* Answered when it is done, which is soon: one at a time is enough. */
static void ask_for_reload(struct requests *requests, const struct asker *asker,
                           const struct payload_query *query)
{
    if (requests->reloads || requests->reload == NULL) {
        responder_refuse(requests->responder, asker, RESPONDER_BUSY, "a reload is under way");
        return;
    }
    requests->reloads = true;
    requests->reload_asker = *asker;
    requests->reload_query = *query;
    requests->reload(requests->context);
}

void requests_answer_reload(struct requests *requests, struct reload_outcome *take)
{
    const struct asker *asker = &requests->reload_asker;
    char error[RESPONDER_ERROR_BYTES] = "out of memory";
    struct request_answer *answer;
    if (!requests->reloads) {
        reload_outcome_deinit(take);
        return;
    }
    requests->reloads = false;
    if (request_answer_new(requests->room, &requests->reload_query, 0, &answer, error) < 0) {
        reload_outcome_deinit(take);
        responder_refuse(requests->responder, asker, RESPONDER_BUSY, error);
        return;
    }
    request_take_reload(answer, take);
    responder_take(requests->responder, asker, answer, &in_loop);
}

static void answer_support(struct requests *requests, const struct asker *asker,
                           const struct payload_query *query)
{
    char error[RESPONDER_ERROR_BYTES] = "out of memory";
    struct request_answer *answer;
    struct support *support;
    if (requests->support == NULL || requests->support(requests->context, &support) < 0) {
        responder_refuse(requests->responder, asker, RESPONDER_BUSY, error);
        return;
    }
    if (request_answer_new(requests->room, query, 0, &answer, error) < 0) {
        support_free(support);
        responder_refuse(requests->responder, asker, RESPONDER_BUSY, error);
        return;
    }
    request_take_support(answer, support);
    responder_take(requests->responder, asker, answer, &in_loop);
}

/* Who gave neither a response topic nor a transaction hears of it on our own topic. */
static void note_asker(const struct requests *requests, const struct mqtt_received *message,
                       const struct topic_parsed *topic, struct asker *ret)
{
    char transaction[PAYLOAD_TRANSACTION_MAX_BYTES + 1];
    char own_topic[TOPIC_MAX_BYTES + 1];
    payload_request_transaction(message->payload, message->length, transaction);
    const struct topic own = {.kind = TOPIC_RESPONSE,
                              .site = requests->env.site,
                              .node = requests->env.node,
                              .verb = topic->verb};
    if (topic_format(requests->env.prefix, &own, own_topic, sizeof(own_topic)) < 0) {
        own_topic[0] = '\0'; /* cannot be: the request's own topic had the same parts */
    }
    asker_note(ret, message, topic_for_answer(requests->env.prefix, message->response_topic),
               transaction, own_topic);
}

static void refuse_verb(struct requests *requests, const struct asker *asker, const char *verb)
{
    char error[RESPONDER_ERROR_BYTES];
    int length = snprintf(error, sizeof(error), "there is no verb '%s'; there are", verb);
    for (int i = 0; i < PAYLOAD_VERB_COUNT; i++) {
        length += snprintf(error + length, sizeof(error) - (size_t)length, "%s %s",
                           i == 0 ? "" : ",", payload_verb_text((enum payload_verb)i));
    }
    responder_refuse(requests->responder, asker, RESPONDER_NO_VERB, error);
}

bool requests_on_message(struct requests *requests, const struct mqtt_received *message)
{
    struct topic_parsed topic;
    if (topic_parse(requests->env.prefix, message->topic, &topic) < 0 ||
        topic.kind != TOPIC_REQUEST || strcmp(topic.node, requests->env.node) != 0 ||
        strcmp(topic.site, requests->env.site) != 0) {
        return false;
    }
    struct asker asker;
    enum payload_verb verb;
    struct payload_query query;
    struct payload_error error;
    note_asker(requests, message, &topic, &asker);
    if (message->retain) {
        responder_refuse(requests->responder, &asker, RESPONDER_RETAINED,
                         "retained requests would be asked again at each connection");
    } else if (!payload_verb_from_text(topic.verb, &verb)) {
        refuse_verb(requests, &asker, topic.verb);
    } else if (payload_query_decode(verb, message->payload, message->length,
                                    loop_realtime_us(requests->env.loop), &query, &error) < 0) {
        responder_refuse(requests->responder, &asker, RESPONDER_MALFORMED, error.text);
    } else if (verb == PAYLOAD_VERB_RELOAD) {
        ask_for_reload(requests, &asker, &query);
    } else if (verb == PAYLOAD_VERB_SUPPORT) {
        answer_support(requests, &asker, &query);
    } else {
        take(requests, &asker, &query);
    }
    return true;
}

/* ---- beginning and end ------------------------------------------------------------------ */

int requests_new(const struct requests_options *options, struct requests **ret)
{
    struct requests *requests = calloc(1, sizeof(*requests));
    if (requests == NULL) {
        return -ENOMEM;
    }
    requests->env = *options->environment;
    requests->link = options->link;
    requests->room = options->room;
    requests->reload = options->reload;
    requests->support = options->support;
    requests->context = options->context;
    const struct responder_options responder = {requests->env.loop, requests->env.queue,
                                                requests->link, requests_format_error};
    int r = responder_new(&responder, &requests->responder);
    if (r < 0) {
        requests->room = NULL; /* stays the caller's */
        requests_free(requests);
        return r;
    }
    *ret = requests;
    return 0;
}

void requests_free(struct requests *requests)
{
    if (requests == NULL) {
        return;
    }
    responder_free(requests->responder);
    request_room_release(requests->room);
    free(requests);
}

void requests_use(struct requests *requests, struct request_room *room)
{
    request_room_close(requests->room);
    request_room_release(requests->room);
    requests->room = room;
}

int requests_subscribe(struct requests *requests)
{
    char filter[TOPIC_MAX_BYTES + 1];
    const struct topic topic = {
        .kind = TOPIC_REQUEST, .site = requests->env.site, .node = requests->env.node};
    int r = topic_filter_format(requests->env.prefix, &topic, filter, sizeof(filter));
    if (r < 0) {
        return r;
    }
    const struct mqtt_subscription subscription = {.filter = filter, .qos = 1};
    return mqtt_link_subscribe(requests->link, &subscription);
}

void requests_go_on(struct requests *requests)
{
    responder_go_on(requests->responder);
}

bool requests_are_open(const struct requests *requests)
{
    return responder_is_busy(requests->responder);
}

struct responder_stats requests_stats(const struct requests *requests)
{
    return responder_stats(requests->responder);
}
