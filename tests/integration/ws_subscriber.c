/*
 * A browser's view of the readings: MQTT over the broker's own WebSocket listener, with no MQTT
 * library and nothing of the gateway's in between.
 *
 * usage: ws_subscriber HOST PORT TOPIC_FILTER COUNT TIMEOUT_S
 *
 * Prints `topic<TAB>payload` per message, "subscribed" on stderr once the broker granted it.
 * Exit 0 after COUNT messages, 1 on a fault or when TIMEOUT_S is over, 2 on usage.
 */
#include "common/parse.h"
#include "tests/integration/mqtt_wire.h"

#include <libwebsockets.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEPALIVE_S    4
#define PING_EVERY_US  (KEEPALIVE_S * LWS_US_PER_SEC / 2)
#define OUTBOX_BYTES   4096
#define GRANTED_FAILED 0x80U

struct subscriber {
    const char *host;
    int port;
    const char *filter;
    uint64_t wanted; /* messages still to come */
    uint64_t timeout_s;
    struct lws_context *context;
    struct lws *connection;
    struct mqtt_inbox inbox;
    size_t outbox_length;
    uint8_t outbox[LWS_PRE + OUTBOX_BYTES];
    lws_sorted_usec_list_t deadline;
    lws_sorted_usec_list_t ping;
    bool done;
    int exit_code;
};

static void finish(struct subscriber *self, int exit_code)
{
    self->done = true;
    self->exit_code = exit_code;
    lws_cancel_service(self->context);
}

/* Also after the last message, when its PUBACK cannot be delivered: then only the wait ends. */
static void fail(struct subscriber *self, const char *why)
{
    self->outbox_length = 0;
    if (!self->done) {
        fprintf(stderr, "ws_subscriber: %s\n", why);
        finish(self, 1);
    }
}

/* Where the next packet may be written, for `capacity` bytes. */
static uint8_t *outbox_end(struct subscriber *self, size_t *ret_capacity)
{
    *ret_capacity = OUTBOX_BYTES - self->outbox_length;
    return self->outbox + LWS_PRE + self->outbox_length;
}

static void queue(struct subscriber *self, size_t length)
{
    if (length == 0) {
        fail(self, "a packet does not fit");
        return;
    }
    self->outbox_length += length;
    (void)lws_callback_on_writable(self->connection);
}

static void on_deadline(lws_sorted_usec_list_t *list)
{
    fail(lws_container_of(list, struct subscriber, deadline), "time is over");
}

static void on_ping_due(lws_sorted_usec_list_t *list)
{
    struct subscriber *self = lws_container_of(list, struct subscriber, ping);
    size_t capacity;
    uint8_t *end = outbox_end(self, &capacity);
    queue(self, mqtt_write_pingreq(end, capacity));
    lws_sul_schedule(self->context, 0, &self->ping, on_ping_due, PING_EVERY_US);
}

static void on_connack(struct subscriber *self, const struct mqtt_packet *packet)
{
    if (packet->length != 2 || packet->body[1] != 0) {
        fail(self, "the broker refused the connection");
        return;
    }
    size_t capacity;
    uint8_t *end = outbox_end(self, &capacity);
    queue(self, mqtt_write_subscribe(end, capacity, self->filter));
    lws_sul_schedule(self->context, 0, &self->ping, on_ping_due, PING_EVERY_US);
}

static void on_suback(struct subscriber *self, const struct mqtt_packet *packet)
{
    if (packet->length != 3 || packet->body[2] >= GRANTED_FAILED) {
        fail(self, "the broker refused the subscription");
        return;
    }
    fprintf(stderr, "subscribed\n");
}

static void on_publish(struct subscriber *self, const struct mqtt_packet *packet)
{
    struct mqtt_publish message;
    if (mqtt_parse_publish(packet, &message) < 0) {
        fail(self, "malformed PUBLISH");
        return;
    }
    if (message.qos == 1) {
        size_t capacity;
        uint8_t *end = outbox_end(self, &capacity);
        queue(self, mqtt_write_puback(end, capacity, message.packet_id));
    }
    (void)fwrite(message.topic, 1, message.topic_length, stdout);
    (void)putchar('\t');
    (void)fwrite(message.payload, 1, message.payload_length, stdout);
    (void)putchar('\n');
    if (fflush(stdout) != 0) {
        fail(self, "cannot write to stdout");
    } else if (--self->wanted == 0) {
        finish(self, 0);
    }
}

static void on_packet(struct subscriber *self, const struct mqtt_packet *packet)
{
    switch (packet->type) {
    case MQTT_CONNACK:
        on_connack(self, packet);
        break;
    case MQTT_SUBACK:
        on_suback(self, packet);
        break;
    case MQTT_PUBLISH:
        on_publish(self, packet);
        break;
    case MQTT_PINGRESP:
        break;
    default:
        fail(self, "a packet that no broker sends to a subscriber");
    }
}

static void on_bytes(struct subscriber *self, const void *bytes, size_t length)
{
    if (!lws_frame_is_binary(self->connection)) {
        fail(self, "a text frame: MQTT is binary (section 6)");
        return;
    }
    int result = mqtt_inbox_append(&self->inbox, bytes, length);
    struct mqtt_packet packet;
    while (result >= 0 && !self->done && (result = mqtt_inbox_next(&self->inbox, &packet)) > 0) {
        on_packet(self, &packet);
    }
    if (result < 0) {
        fail(self, strerror(-result));
    }
}

static void on_open(struct subscriber *self)
{
    size_t capacity;
    uint8_t *end = outbox_end(self, &capacity);
    queue(self, mqtt_write_connect(end, capacity, KEEPALIVE_S));
}

static void on_writable(struct subscriber *self)
{
    if (self->outbox_length == 0) {
        return;
    }
    int written =
        lws_write(self->connection, self->outbox + LWS_PRE, self->outbox_length, LWS_WRITE_BINARY);
    if (written < (int)self->outbox_length) {
        fail(self, "cannot write to the broker");
    }
    self->outbox_length = 0;
}

/* What is queued, the last PUBACK, goes out before the end. */
static bool is_over(const struct subscriber *self)
{
    return self->done && self->outbox_length == 0;
}

/* Returns non-zero to close the connection, which libwebsockets 4.1 survives only while data flow.
 */
static int on_event(struct lws *connection, enum lws_callback_reasons reason, void *user,
                    void *bytes, size_t length)
{
    (void)user;
    struct subscriber *self = lws_context_user(lws_get_context(connection));
    if (reason == LWS_CALLBACK_CLIENT_ESTABLISHED) {
        on_open(self);
    } else if (reason == LWS_CALLBACK_CLIENT_RECEIVE) {
        on_bytes(self, bytes, length);
        return is_over(self) ? -1 : 0;
    } else if (reason == LWS_CALLBACK_CLIENT_WRITEABLE) {
        on_writable(self);
        return is_over(self) ? -1 : 0;
    } else if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR) {
        fail(self, bytes != NULL ? (const char *)bytes : "cannot connect");
    } else if (reason == LWS_CALLBACK_CLIENT_CLOSED) {
        fail(self, "the broker closed the connection");
    }
    return 0;
}

static const struct lws_protocols protocols[] = {
    {.name = "mqtt", .callback = on_event, .rx_buffer_size = 4096},
    {0},
};

static int run(struct subscriber *self)
{
    const struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .user = self,
        .gid = -1,
        .uid = -1,
    };
    self->context = lws_create_context(&info);
    if (self->context == NULL) {
        return 1;
    }
    lws_sul_schedule(self->context, 0, &self->deadline, on_deadline,
                     (lws_usec_t)self->timeout_s * LWS_US_PER_SEC);
    const struct lws_client_connect_info target = {
        .context = self->context,
        .address = self->host,
        .port = self->port,
        .path = "/",
        .host = self->host,
        .origin = self->host,
        .protocol = "mqtt",
        .pwsi = &self->connection,
    };
    if (lws_client_connect_via_info(&target) == NULL) {
        fail(self, "cannot connect");
    }
    int result = 0;
    while (!is_over(self) && result >= 0) {
        result = lws_service(self->context, 0);
    }
    lws_context_destroy(self->context);
    mqtt_inbox_deinit(&self->inbox);
    return self->exit_code;
}

int main(int argc, char **argv)
{
    struct subscriber self = {.exit_code = 1};
    uint64_t port = 0;
    if (argc != 6 || parse_u64(argv[2], strlen(argv[2]), UINT16_MAX, &port) < 0 ||
        parse_u64(argv[4], strlen(argv[4]), UINT32_MAX, &self.wanted) < 0 || self.wanted == 0 ||
        parse_u64(argv[5], strlen(argv[5]), 86400, &self.timeout_s) < 0) {
        fprintf(stderr, "usage: ws_subscriber HOST PORT TOPIC_FILTER COUNT TIMEOUT_S\n");
        return 2;
    }
    self.host = argv[1];
    self.port = (int)port;
    self.filter = argv[3];
    lws_set_log_level(LLL_ERR, NULL);
    return run(&self);
}
