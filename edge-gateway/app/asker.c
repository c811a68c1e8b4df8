#include "edge-gateway/app/asker.h"

#include <string.h>

void asker_note(struct asker *asker, const struct environment *env,
                const struct mqtt_received *message, const char *transaction, const char *verb)
{
    *asker = (struct asker){0};
    const struct topic own = {
        .kind = TOPIC_RESPONSE, .site = env->site, .node = env->node, .verb = verb};
    bool has_transaction = transaction != NULL && transaction[0] != '\0';
    if (message->response_topic != NULL && strlen(message->response_topic) < sizeof(asker->topic) &&
        topic_name_is_valid(message->response_topic)) {
        memcpy(asker->topic, message->response_topic, strlen(message->response_topic) + 1);
    } else if (has_transaction &&
               topic_format(env->prefix, &own, asker->topic, sizeof(asker->topic)) < 0) {
        asker->topic[0] = '\0';
    }
    if (has_transaction) {
        memcpy(asker->transaction, transaction, strlen(transaction) + 1); /* fits: see above */
    }
    if (message->correlation != NULL && message->correlation_length <= sizeof(asker->correlation)) {
        memcpy(asker->correlation, message->correlation, message->correlation_length);
        asker->correlation_length = message->correlation_length;
    }
}

const char *asker_transaction(const struct asker *asker)
{
    return asker->transaction[0] != '\0' ? asker->transaction : NULL;
}

enum mqtt_publish_result asker_answer(const struct asker *asker, struct mqtt_link *link,
                                      const char *payload, size_t length)
{
    if (asker->topic[0] == '\0') {
        return MQTT_PUBLISHED;
    }
    const struct mqtt_publish publish = {
        .topic = asker->topic,
        .payload = payload,
        .length = length,
        .qos = 1,
        .correlation = asker->correlation_length > 0 ? asker->correlation : NULL,
        .correlation_length = asker->correlation_length,
    };
    return mqtt_link_publish(link, &publish);
}
