/*
 * Who asked for something over MQTT, so that the answer finds them: the response topic and
 * correlation data of MQTT 5, or a topic of our own for those who gave none.
 */
#ifndef EDGE_COMMON_ASKER_H
#define EDGE_COMMON_ASKER_H

#include "common/attributes.h"
#include "common/mqtt_message.h"

#include <stddef.h>
#include <stdint.h>

struct mqtt_link;

#define ASKER_TOPIC_MAX_BYTES       512
#define ASKER_TRANSACTION_MAX_BYTES 64
#define ASKER_CORRELATION_MAX_BYTES 128

struct asker {
    char topic[ASKER_TOPIC_MAX_BYTES + 1]; /* "" = nobody wants an answer */
    char transaction[ASKER_TRANSACTION_MAX_BYTES + 1];
    uint8_t correlation[ASKER_CORRELATION_MAX_BYTES];
    size_t correlation_length;
};

/* `response_topic` is the message's, NULL where answers may not go there. `transaction` and
 * `own_topic` are at most as long as fits; NULL or "" = none. The answer goes to `own_topic` where
 * there is no response topic, or one that is none or too long. Correlation data that are too long
 * are left out. */
void asker_note(struct asker *asker, const struct mqtt_received *message,
                const char *response_topic, const char *transaction, const char *own_topic);

/* NULL: none was given. */
const char *asker_transaction(const struct asker *asker);

/* Sends the payload to them with QoS 1. MQTT_PUBLISHED also when nobody wants it. */
EDGE_MUST_CHECK enum mqtt_publish_result asker_answer(const struct asker *asker,
                                                      struct mqtt_link *link, const char *payload,
                                                      size_t length);

#endif
