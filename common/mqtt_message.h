/* What goes over an MQTT connection, and what becomes of it. All pointers are borrowed during the
 * call. */
#ifndef EDGE_COMMON_MQTT_MESSAGE_H
#define EDGE_COMMON_MQTT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mqtt_publish {
    const char *topic;
    const void *payload;
    size_t length; /* bytes */
    int qos;       /* 0 or 1 */
    bool retain;
    uint32_t expiry_s;       /* MQTT 5 message expiry interval; 0 = never */
    const void *correlation; /* MQTT 5 correlation data; NULL = none */
    size_t correlation_length;
    uint64_t token; /* QoS 1: comes back when the message's fate is known; 0 = not wanted */
};

enum mqtt_publish_result {
    MQTT_PUBLISHED,   /* taken */
    MQTT_OFFLINE,     /* no connection */
    MQTT_WINDOW_FULL, /* too many on the way; `room` tells when to try again */
    MQTT_TOO_LARGE,   /* larger than the broker takes */
    MQTT_FAILED       /* no topic, out of memory, ... */
};

enum mqtt_fate {
    MQTT_ACKNOWLEDGED,
    MQTT_REFUSED, /* by the broker: ACL, quota */
    MQTT_LOST     /* the connection ended first: it may have arrived or not */
};

struct mqtt_received {
    const char *topic;
    const char *payload; /* NUL-terminated after `length`, which is not part of it */
    size_t length;
    bool retain;
    bool expires;               /* MQTT 5: the broker keeps it for its time only */
    const char *response_topic; /* NULL = none */
    const void *correlation;    /* NULL = none */
    size_t correlation_length;
};

struct mqtt_subscription {
    const char *filter;
    int qos;       /* MQTT 3.1.1: always 0, so that no broker keeps for us what nobody says the
                      age of: a command that is an hour late acts as if it were new */
    bool no_local; /* MQTT 5: not what this client publishes */
    bool without_retained; /* MQTT 5: no retained messages */
};

#endif
