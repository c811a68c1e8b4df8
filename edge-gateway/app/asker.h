/*
 * Who asked for something over MQTT, so that the answer finds them: the response topic and
 * correlation data of MQTT 5, or our own response topic for those who gave a transaction.
 */
#ifndef EDGE_GATEWAY_APP_ASKER_H
#define EDGE_GATEWAY_APP_ASKER_H

#include "common/attributes.h"
#include "common/mqtt_link.h"
#include "edge-gateway/app/environment.h"
#include "topics/topic.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASKER_CORRELATION_MAX_BYTES 128

struct asker {
    char topic[TOPIC_MAX_BYTES + 1]; /* "" = nobody wants an answer */
    char transaction[PAYLOAD_TRANSACTION_MAX_BYTES + 1];
    uint8_t correlation[ASKER_CORRELATION_MAX_BYTES];
    size_t correlation_length;
};

/* `transaction` (NULL or "" = none) is at most PAYLOAD_TRANSACTION_MAX_BYTES long; `verb` makes our
 * own response topic. Correlation data that are too long are left out. */
void asker_note(struct asker *asker, const struct environment *env,
                const struct mqtt_received *message, const char *transaction, const char *verb);

/* NULL: none was given. */
const char *asker_transaction(const struct asker *asker);

/* Sends the payload to them with QoS 1. MQTT_PUBLISHED also when nobody wants it. */
EDGE_MUST_CHECK enum mqtt_publish_result asker_answer(const struct asker *asker,
                                                      struct mqtt_link *link, const char *payload,
                                                      size_t length);

#endif
