#include "tests/integration/mqtt_wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Larger than anything the broker's profile lets through. */
#define INBOX_MAX (4U * 1024 * 1024)
/* Packets that we send are short: their length fits one byte (section 2.2.3). */
#define SHORT_LENGTH_MAX 127U

int mqtt_inbox_append(struct mqtt_inbox *inbox, const void *bytes, size_t length)
{
    size_t waiting = inbox->length - inbox->taken;
    if (length > INBOX_MAX - waiting) {
        return -EMSGSIZE;
    }
    if (inbox->taken > 0) {
        memmove(inbox->bytes, inbox->bytes + inbox->taken, waiting);
        inbox->taken = 0;
        inbox->length = waiting;
    }
    if (waiting + length > inbox->capacity) {
        size_t capacity = 2 * (waiting + length);
        uint8_t *grown = realloc(inbox->bytes, capacity);
        if (grown == NULL) {
            return -ENOMEM;
        }
        inbox->bytes = grown;
        inbox->capacity = capacity;
    }
    if (length > 0) {
        memcpy(inbox->bytes + waiting, bytes, length);
    }
    inbox->length += length;
    return 0;
}

int mqtt_inbox_next(struct mqtt_inbox *inbox, struct mqtt_packet *ret)
{
    const uint8_t *bytes = inbox->bytes + inbox->taken;
    size_t available = inbox->length - inbox->taken;
    size_t length = 0;
    size_t header = 1;
    /* Section 2.2.3: at most four bytes, seven bits each, the lowest first. */
    for (unsigned shift = 0;; shift += 7) {
        if (shift > 21) {
            return -EPROTO;
        }
        if (header >= available) {
            return 0;
        }
        length |= (size_t)(bytes[header] & 0x7FU) << shift;
        if ((bytes[header++] & 0x80U) == 0) {
            break;
        }
    }
    if (available - header < length) {
        return 0;
    }
    *ret = (struct mqtt_packet){
        .type = bytes[0] >> 4U,
        .flags = bytes[0] & 0x0FU,
        .body = bytes + header,
        .length = length,
    };
    inbox->taken += header + length;
    return 1;
}

void mqtt_inbox_deinit(struct mqtt_inbox *inbox)
{
    free(inbox->bytes);
    *inbox = (struct mqtt_inbox){0};
}

static uint16_t read_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8U | bytes[1]);
}

/* Section 3.3: topic length, topic, packet id unless QoS 0, payload. */
int mqtt_parse_publish(const struct mqtt_packet *packet, struct mqtt_publish *ret)
{
    unsigned qos = packet->flags >> 1U & 3U;
    size_t id_length = qos > 0 ? 2 : 0;
    if (packet->length < 2 || qos == 3) {
        return -EPROTO;
    }
    size_t topic_length = read_u16(packet->body);
    size_t fixed = 2 + topic_length + id_length;
    if (packet->length < fixed) {
        return -EPROTO;
    }
    *ret = (struct mqtt_publish){
        .topic = packet->body + 2,
        .topic_length = topic_length,
        .payload = packet->body + fixed,
        .payload_length = packet->length - fixed,
        .qos = qos,
        .packet_id = qos > 0 ? read_u16(packet->body + 2 + topic_length) : 0,
    };
    return 0;
}

/* The first byte, the length and the body. */
static size_t write_packet(uint8_t *out, size_t capacity, uint8_t first, const uint8_t *body,
                           size_t length)
{
    if (length > SHORT_LENGTH_MAX || capacity < length + 2) {
        return 0;
    }
    out[0] = first;
    out[1] = (uint8_t)length;
    if (length > 0) {
        memcpy(out + 2, body, length);
    }
    return length + 2;
}

/* Section 3.1: protocol "MQTT" level 4, clean session, an empty client id (the broker makes one).
 */
size_t mqtt_write_connect(uint8_t *out, size_t capacity, uint16_t keepalive_s)
{
    const uint8_t body[] = {
        0, 4, 'M', 'Q', 'T', 'T', 4, 2, (uint8_t)(keepalive_s >> 8U), (uint8_t)keepalive_s, 0, 0,
    };
    return write_packet(out, capacity, 0x10, body, sizeof(body));
}

/* Section 3.8: packet id 1, one filter, QoS 1. */
size_t mqtt_write_subscribe(uint8_t *out, size_t capacity, const char *filter)
{
    uint8_t body[SHORT_LENGTH_MAX];
    size_t length = strlen(filter);
    if (length + 5 > sizeof(body)) {
        return 0;
    }
    body[0] = 0;
    body[1] = 1;
    body[2] = 0;
    body[3] = (uint8_t)length;
    memcpy(body + 4, filter, length);
    body[4 + length] = 1;
    return write_packet(out, capacity, 0x82, body, length + 5);
}

/* Section 3.4. */
size_t mqtt_write_puback(uint8_t *out, size_t capacity, uint16_t packet_id)
{
    const uint8_t body[] = {(uint8_t)(packet_id >> 8U), (uint8_t)packet_id};
    return write_packet(out, capacity, 0x40, body, sizeof(body));
}

/* Section 3.12. */
size_t mqtt_write_pingreq(uint8_t *out, size_t capacity)
{
    return write_packet(out, capacity, 0xC0, NULL, 0);
}
