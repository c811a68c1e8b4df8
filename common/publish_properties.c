#include "common/publish_properties.h"

#include <mqtt_protocol.h>

int publish_properties_set(struct publish_properties *properties,
                           const struct mqtt_publish *publish)
{
    bool plain = publish->correlation == NULL;
    if (plain && properties->are_plain && publish->expiry_s == properties->expiry_s) {
        return MOSQ_ERR_SUCCESS;
    }
    mosquitto_property_free_all(&properties->list);
    properties->are_plain = false;
    int rc = MOSQ_ERR_SUCCESS;
    if (publish->expiry_s > 0) {
        rc = mosquitto_property_add_int32(&properties->list, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL,
                                          publish->expiry_s);
    }
    if (rc == MOSQ_ERR_SUCCESS && !plain) {
        rc = mosquitto_property_add_binary(&properties->list, MQTT_PROP_CORRELATION_DATA,
                                           publish->correlation,
                                           (uint16_t)publish->correlation_length);
    }
    properties->are_plain = plain && rc == MOSQ_ERR_SUCCESS;
    properties->expiry_s = publish->expiry_s;
    return rc;
}

void publish_properties_deinit(struct publish_properties *properties)
{
    mosquitto_property_free_all(&properties->list);
}
