#include "common/asker.h"

#include "common/mqtt_link.h"

#include <assert.h>
#include <string.h>

/* What is not UTF-8 the library refuses later. */
static bool is_topic(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= ASKER_TOPIC_MAX_BYTES && strpbrk(text, "+#") == NULL;
}

void asker_note(struct asker *asker, const struct mqtt_received *message,
                const char *response_topic, const char *transaction, const char *own_topic)
{
    *asker = (struct asker){0};
    const char *topic = response_topic;
    if (topic == NULL || !is_topic(topic)) {
        topic = own_topic;
    }
    if (topic != NULL) {
        assert(strlen(topic) < sizeof(asker->topic));
        memcpy(asker->topic, topic, strlen(topic) + 1);
    }
    if (transaction != NULL) {
        assert(strlen(transaction) < sizeof(asker->transaction));
        memcpy(asker->transaction, transaction, strlen(transaction) + 1);
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
