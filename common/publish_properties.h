/* The MQTT 5 properties of messages that are published: most have what the one before had, so that
 * is kept. */
#ifndef EDGE_COMMON_PUBLISH_PROPERTIES_H
#define EDGE_COMMON_PUBLISH_PROPERTIES_H

#include "common/attributes.h"
#include "common/mqtt_message.h"

#include <mosquitto.h>
#include <stdbool.h>
#include <stdint.h>

/* All 0: none. */
struct publish_properties {
    mosquitto_property *list; /* of the last message */
    bool are_plain;           /* nothing but the expiry, or nothing */
    uint32_t expiry_s;
};

/* `list` is what this message needs: MOSQ_ERR_SUCCESS, or why not. */
EDGE_MUST_CHECK int publish_properties_set(struct publish_properties *properties,
                                           const struct mqtt_publish *publish);
void publish_properties_deinit(struct publish_properties *properties);

#endif
