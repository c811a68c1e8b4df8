#include "automation-node/app/questions.h"

#include "automation-node/app/question_answer.h"
#include "common/log.h"
#include "common/mqtt_link.h"
#include "topics/json_writer.h"
#include "topics/payload_node.h"
#include "topics/payload_query.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(ASKER_TOPIC_MAX_BYTES >= TOPIC_MAX_BYTES &&
                   ASKER_TRANSACTION_MAX_BYTES >= PAYLOAD_TRANSACTION_MAX_BYTES,
               "an asker holds what a request has");

struct questions {
    struct witness witness;
    struct responder *responder;
    struct mqtt_link *link;
    void (*reload)(void *context);
    const char *(*hand_over)(void *context, const char *to);
    int (*support)(void *context, struct support **ret);
    void *context;
    bool reloads; /* it was asked for: */
    struct asker reload_asker;
};

int questions_format_error(const char *transaction, const char *error, char *text, size_t size,
                           size_t *ret_length)
{
    struct json_writer w;
    json_writer_init(&w, text, size);
    payload_response_error(&w, transaction, error);
    return json_writer_finish(&w, ret_length);
}

int questions_new(const struct questions_options *options, struct questions **ret)
{
    struct questions *questions = calloc(1, sizeof(*questions));
    if (questions == NULL) {
        return -ENOMEM;
    }
    questions->witness = options->witness;
    questions->reload = options->reload;
    questions->link = options->link;
    questions->hand_over = options->hand_over;
    questions->support = options->support;
    questions->context = options->context;
    const struct responder_options responder = {options->loop, options->queue, options->link,
                                                questions_format_error};
    int r = responder_new(&responder, &questions->responder);
    if (r < 0) {
        free(questions);
        return r;
    }
    *ret = questions;
    return 0;
}

void questions_free(struct questions *questions)
{
    if (questions != NULL) {
        responder_free(questions->responder);
        free(questions);
    }
}

static const struct node_config *config_of(const struct questions *questions)
{
    return questions->witness.plan->config;
}

int questions_filter(const struct questions *questions, char *filter, size_t size)
{
    const struct node_config *config = config_of(questions);
    const struct topic topic = {.kind = TOPIC_REQUEST, .site = config->site, .node = config->node};
    return topic_filter_format(config->broker.prefix, &topic, filter, size);
}

/* Who gave neither a response topic nor a transaction hears of it on our own topic. */
static void note_asker(const struct questions *questions, const struct mqtt_received *message,
                       const struct topic_parsed *topic, struct asker *ret)
{
    char transaction[PAYLOAD_TRANSACTION_MAX_BYTES + 1];
    char own_topic[TOPIC_MAX_BYTES + 1];
    struct topic own = topic_view(topic);
    own.kind = TOPIC_RESPONSE;
    payload_request_transaction(message->payload, message->length, transaction);
    if (topic_format(config_of(questions)->broker.prefix, &own, own_topic, sizeof(own_topic)) < 0) {
        own_topic[0] = '\0'; /* a prefix so long that the topic does not fit */
    }
    const char *prefix = config_of(questions)->broker.prefix;
    asker_note(ret, message, topic_for_answer(prefix, message->response_topic), transaction,
               own_topic);
}

static void refuse_verb(struct questions *questions, const struct asker *asker, const char *verb)
{
    char error[RESPONDER_ERROR_BYTES];
    int length = snprintf(error, sizeof(error), "there is no verb '%s'; there are", verb);
    for (int i = 0; i < PAYLOAD_QUESTION_COUNT; i++) {
        length += snprintf(error + length, sizeof(error) - (size_t)length, "%s %s",
                           i == 0 ? "" : ",", payload_question_text((enum payload_question_verb)i));
    }
    responder_refuse(questions->responder, asker, RESPONDER_NO_VERB, error);
}

static void take(struct questions *questions, const struct asker *asker,
                 const struct payload_question *question)
{
    char error[RESPONDER_ERROR_BYTES] = "out of memory";
    struct question_answer *answer;
    int r = question_answer_new(&questions->witness, question, &answer, error);
    if (r < 0) {
        responder_refuse(questions->responder, asker,
                         r == -ENOENT ? RESPONDER_UNKNOWN : RESPONDER_BUSY, error);
        return;
    }
    responder_take(questions->responder, asker, answer, question_answer_methods(question->verb));
}

static void answer_support(struct questions *questions, const struct asker *asker,
                           const struct payload_question *question)
{
    char error[RESPONDER_ERROR_BYTES] = "out of memory";
    struct question_answer *answer;
    struct support *support;
    if (questions->support(questions->context, &support) < 0) {
        responder_refuse(questions->responder, asker, RESPONDER_BUSY, error);
        return;
    }
    if (question_answer_new(&questions->witness, question, &answer, error) < 0) {
        support_free(support);
        responder_refuse(questions->responder, asker, RESPONDER_BUSY, error);
        return;
    }
    question_answer_take_support(answer, support);
    responder_take(questions->responder, asker, answer, question_answer_methods(question->verb));
}

/* Answered when it is done, which is soon: one at a time is enough. */
static void ask_for_reload(struct questions *questions, const struct asker *asker)
{
    if (questions->reloads) {
        responder_refuse(questions->responder, asker, RESPONDER_BUSY, "a reload is under way");
        return;
    }
    questions->reloads = true;
    questions->reload_asker = *asker;
    questions->reload(questions->context);
}

/* Answered before the node that was asked is another one. */
static void ask_for_handover(struct questions *questions, const struct asker *asker, const char *to)
{
    char text[PAYLOAD_STATE_MAX_BYTES];
    struct json_writer w;
    size_t length;
    const char *error = questions->hand_over(questions->context, to[0] != '\0' ? to : NULL);
    if (error != NULL) {
        responder_refuse(questions->responder, asker, RESPONDER_UNAVAILABLE, error);
        return;
    }
    json_writer_init(&w, text, sizeof(text));
    payload_response_ok(&w, asker_transaction(asker));
    if (json_writer_finish(&w, &length) < 0 ||
        asker_answer(asker, questions->link, text, length) != MQTT_PUBLISHED) {
        log_debug("request", "an answer did not leave"); /* of no use later */
    }
}

void questions_answer_reload(struct questions *questions, const struct reload_outcome *outcome)
{
    const struct asker *asker = &questions->reload_asker;
    struct reload_answer *answer;
    if (!questions->reloads) {
        return;
    }
    questions->reloads = false;
    if (reload_answer_new(outcome, asker_transaction(asker), &answer) < 0) {
        responder_refuse(questions->responder, asker, RESPONDER_BUSY, "out of memory");
        return;
    }
    responder_take(questions->responder, asker, answer, reload_answer_methods());
}

void questions_take_over(struct questions *questions, struct questions *old)
{
    questions->reloads = old->reloads;
    questions->reload_asker = old->reload_asker;
    old->reloads = false;
}

bool questions_on_message(struct questions *questions, const struct mqtt_received *message)
{
    const struct node_config *config = config_of(questions);
    struct topic_parsed topic;
    if (topic_parse(config->broker.prefix, message->topic, &topic) < 0 ||
        topic.kind != TOPIC_REQUEST || strcmp(topic.node, config->node) != 0 ||
        strcmp(topic.site, config->site) != 0) {
        return false;
    }
    struct asker asker;
    enum payload_question_verb verb;
    struct payload_question question;
    struct payload_error error;
    note_asker(questions, message, &topic, &asker);
    if (message->retain) {
        responder_refuse(questions->responder, &asker, RESPONDER_RETAINED,
                         "retained requests would be asked again at each connection");
    } else if (!payload_question_from_text(topic.verb, &verb)) {
        refuse_verb(questions, &asker, topic.verb);
    } else if (payload_question_decode(verb, message->payload, message->length,
                                       loop_realtime_us(questions->witness.loop), &question,
                                       &error) < 0) {
        responder_refuse(questions->responder, &asker, RESPONDER_MALFORMED, error.text);
    } else if (verb == PAYLOAD_QUESTION_RELOAD) {
        ask_for_reload(questions, &asker);
    } else if (verb == PAYLOAD_QUESTION_HANDOVER) {
        ask_for_handover(questions, &asker, question.to);
    } else if (verb == PAYLOAD_QUESTION_SUPPORT) {
        answer_support(questions, &asker, &question);
    } else {
        take(questions, &asker, &question);
    }
    return true;
}

void questions_go_on(struct questions *questions)
{
    responder_go_on(questions->responder);
}

bool questions_are_open(const struct questions *questions)
{
    return responder_is_busy(questions->responder);
}

struct responder_stats questions_stats(const struct questions *questions)
{
    return responder_stats(questions->responder);
}
