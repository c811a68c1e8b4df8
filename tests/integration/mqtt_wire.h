/*
 * The few packets of MQTT 3.1.1 that a subscriber needs, as bytes: no I/O, no time. Written against
 * the OASIS standard (section numbers in the .c), independently of any MQTT library, because it is
 * the second opinion on what the broker really sends.
 */
#ifndef EDGE_TESTS_MQTT_WIRE_H
#define EDGE_TESTS_MQTT_WIRE_H

#include "common/attributes.h"

#include <stddef.h>
#include <stdint.h>

enum mqtt_type {
    MQTT_CONNACK = 2,
    MQTT_PUBLISH = 3,
    MQTT_SUBACK = 9,
    MQTT_PINGRESP = 13,
};

/* A received packet; `body` points into the inbox. */
struct mqtt_packet {
    unsigned type;  /* enum mqtt_type, or another the standard numbers */
    unsigned flags; /* the low four bits of the first byte */
    const uint8_t *body;
    size_t length; /* of the body */
};

/* A PUBLISH; both texts point into the inbox and do not end in NUL. */
struct mqtt_publish {
    const uint8_t *topic;
    size_t topic_length;
    const uint8_t *payload;
    size_t payload_length;
    unsigned qos;
    uint16_t packet_id; /* 0 with QoS 0 */
};

/* Bytes as they arrive; packets may span several appends, and one append may hold several packets.
 * Starts as all zeros. */
struct mqtt_inbox {
    uint8_t *bytes;
    size_t length;
    size_t taken; /* bytes of packets already given out */
    size_t capacity;
};

/* 0, -ENOMEM, or -EMSGSIZE when more is waiting than any sane packet has. Ends the life of packets
 * given out before. */
EDGE_MUST_CHECK int mqtt_inbox_append(struct mqtt_inbox *inbox, const void *bytes, size_t length);
/* 1 and a packet, 0 when none is complete yet, -EPROTO for a length that the standard forbids. */
EDGE_MUST_CHECK int mqtt_inbox_next(struct mqtt_inbox *inbox, struct mqtt_packet *ret);
void mqtt_inbox_deinit(struct mqtt_inbox *inbox);

/* 0, or -EPROTO when the body is too short for what it announces. */
EDGE_MUST_CHECK int mqtt_parse_publish(const struct mqtt_packet *packet, struct mqtt_publish *ret);

/* Each writes a packet and returns its length, or 0 when it does not fit. */
EDGE_MUST_CHECK size_t mqtt_write_connect(uint8_t *out, size_t capacity, uint16_t keepalive_s);
EDGE_MUST_CHECK size_t mqtt_write_subscribe(uint8_t *out, size_t capacity, const char *filter);
EDGE_MUST_CHECK size_t mqtt_write_puback(uint8_t *out, size_t capacity, uint16_t packet_id);
EDGE_MUST_CHECK size_t mqtt_write_pingreq(uint8_t *out, size_t capacity);

#endif
