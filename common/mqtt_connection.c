#include "common/mqtt_connection.h"

#include "common/ack_pace.h"
#include "common/mqtt_connect_job.h"
#include "common/offload.h"
#include "common/packet_ids.h"
#include "common/publish_properties.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define MISC_INTERVAL_US      US_PER_S /* libmosquitto's keepalive wants to be asked every second */
#define REASON_FAILURE        128      /* MQTT 5, 2.4: reason codes from here on are errors */
#define PACKET_OVERHEAD_BYTES 16       /* fixed header, lengths, packet id, a property */
#define REASON_SIZE           640

/*
 * connecting (the thread has the handle) ──▶ handshaking (CONNECT sent) ──▶ up ──▶ ended
 *      └───────────────────────────────────────────┴─────────────────────────────────▲
 */
enum connection_state {
    CONNECTING,
    HANDSHAKING,
    UP,
    ENDED
};

struct mqtt_connection {
    struct loop *loop;
    const struct mqtt_link_options *options;
    struct mqtt_connection_handler handler;
    enum mqtt_version version;
    enum connection_state state;
    struct offload *connecting;
    struct mosquitto *handle; /* NULL while the thread has it */
    struct tls_session *tls;  /* the same; also NULL without TLS */
    struct mqtt_address address;
    struct loop_fd source;
    struct timer deadline; /* for CONNACK */
    struct timer misc;
    struct timer
        check;   /* armed for now when a call outside the loop's own found the connection broken */
    int connack; /* reason code of CONNACK, -1 before */
    bool session_present;
    int broker_reason; /* of the broker's DISCONNECT, 0 = none */
    bool full;         /* somebody was refused, or would be */
    size_t unsent_bytes;
    int last_mid; /* the last packet id that the library gave */
    struct packet_ids *outstanding;
    bool held; /* more is going to be published: the socket waits for the end of it */
    bool corked;
    size_t held_packets;
    struct publish_properties properties;
    struct ack_pace pace;
};

int64_t mqtt_connection_broker_until_s(const struct mqtt_connection *c)
{
    return tls_session_peer_until_s(c->tls);
}

size_t mqtt_connection_outstanding(const struct mqtt_connection *c)
{
    return packet_ids_count(c->outstanding);
}

size_t mqtt_connection_room(const struct mqtt_connection *c)
{
    if (c->state != UP || c->unsent_bytes >= c->options->max_unsent_bytes) {
        return 0;
    }
    size_t outstanding = packet_ids_count(c->outstanding);
    return outstanding < c->options->max_outstanding ? c->options->max_outstanding - outstanding
                                                     : 0;
}

static void report_lost(struct mqtt_connection *c)
{
    uint64_t token;
    while (packet_ids_take_any(c->outstanding, &token)) {
        c->handler.acknowledged(c->handler.context, token, MQTT_LOST);
    }
}

/* The library closes a socket that broke by itself. */
static void stop_watching(struct mqtt_connection *c)
{
    if (mosquitto_socket(c->handle) < 0) {
        loop_fd_forget(c->loop, &c->source);
    } else {
        loop_fd_unwatch(c->loop, &c->source);
    }
}

static void let_go(struct mqtt_connection *c)
{
    c->state = ENDED;
    stop_watching(c);
    loop_timer_cancel(c->loop, &c->deadline);
    loop_timer_cancel(c->loop, &c->misc);
    loop_timer_cancel(c->loop, &c->check);
    ack_pace_stop(&c->pace);
    offload_abandon(c->connecting);
    c->connecting = NULL;
    report_lost(c);
}

/* The caller returns at once: the connection may be gone. */
static void end(struct mqtt_connection *c, enum mqtt_end why, const char *reason)
{
    let_go(c);
    c->handler.ended(c->handler.context, why, reason);
}

static void end_broken(struct mqtt_connection *c, int rc)
{
    char reason[REASON_SIZE];
    const char *tls;
    const struct mqtt_end_facts facts = {
        .was_up = c->state == UP,
        .version_5 = c->version == MQTT_VERSION_5,
        .connack = c->connack,
        .broker_reason = c->broker_reason,
        .result = rc,
        .system_error = errno,
    };
    enum mqtt_end why = mqtt_end_judge(&facts, reason, sizeof(reason));
    if (why == MQTT_END_HUNG_UP && tls_session_end(c->tls, &why, &tls)) {
        (void)snprintf(reason, sizeof(reason), "%s:%u: %s", c->address.host,
                       (unsigned)c->address.port, tls);
    }
    end(c, why, reason);
}

static void update_events(struct mqtt_connection *c)
{
    bool want_write = mosquitto_want_write(c->handle);
    int fd = mosquitto_socket(c->handle);
    if (!want_write) {
        c->unsent_bytes = 0;
    }
    if (fd < 0 ||
        loop_fd_watch(c->loop, &c->source, fd, EPOLLIN | (want_write ? EPOLLOUT : 0u)) < 0) {
        stop_watching(c);
        loop_timer_after(c->loop, &c->check, 0);
    } else {
        ack_pace_follow(&c->pace, fd, mosquitto_ssl_get(c->handle) != NULL);
    }
}

/* At the end of a batch, or at once where there is none. */
static void events_changed(struct mqtt_connection *c)
{
    if (!c->held) {
        update_events(c);
    }
}

static void set_cork(struct mqtt_connection *c, bool on)
{
    int value = on;
    /* It only saves work: the packets leave without it, too. */
    (void)setsockopt(mosquitto_socket(c->handle), IPPROTO_TCP, TCP_CORK, &value, sizeof(value));
    c->corked = on;
}

/* The library makes a write() of each packet, and the kernel a segment of each write. So the second
 * packet of a batch and those behind it wait in the kernel for the end of the batch (tcp(7),
 * TCP_CORK); the first one, which mostly is the only one, leaves at once. */
static void before_packet(struct mqtt_connection *c)
{
    if (c->held && ++c->held_packets == 2) {
        set_cork(c, true);
    }
}

static void release(struct mqtt_connection *c)
{
    bool choked = c->unsent_bytes >= c->options->max_unsent_bytes;
    if (c->corked) {
        set_cork(c, false);
    }
    c->held = false;
    c->held_packets = 0;
    update_events(c);
    if (choked && c->unsent_bytes < c->options->max_unsent_bytes) {
        loop_timer_after(c->loop, &c->check, 0); /* no event will tell that there is room again */
    }
}

void mqtt_connection_hold(struct mqtt_connection *c)
{
    c->held = true;
}

void mqtt_connection_release(struct mqtt_connection *c)
{
    if (c->handle != NULL && c->state != ENDED) {
        release(c);
    }
}

/* After anything that the library did: is the connection still there, is there news for the
 * handler? */
static void settle(struct mqtt_connection *c, int rc)
{
    if (rc != MOSQ_ERR_SUCCESS || c->connack > 0 || mosquitto_socket(c->handle) < 0) {
        end_broken(c, rc != MOSQ_ERR_SUCCESS ? rc : MOSQ_ERR_CONN_LOST);
        return;
    }
    c->held = true;
    if (c->state == HANDSHAKING && c->connack == 0) {
        c->state = UP;
        mosquitto_log_callback_set(c->handle, NULL);
        loop_timer_cancel(c->loop, &c->deadline);
        c->handler.up(c->handler.context, c->session_present);
    }
    if (!mosquitto_want_write(c->handle)) {
        c->unsent_bytes = 0;
    }
    if (c->full && mqtt_connection_room(c) > 0) {
        c->full = false;
        c->handler.room(c->handler.context);
    }
    release(c);
}

static int read_socket(struct mqtt_connection *c, uint32_t events)
{
    int rc = mosquitto_loop_read(c->handle, 1);
    bool ready_for_ever = rc == MOSQ_ERR_SUCCESS && (events & (EPOLLHUP | EPOLLERR)) != 0;
    if (ready_for_ever && tls_session_hung_up(c->tls, mosquitto_ssl_get(c->handle))) {
        return MOSQ_ERR_CONN_LOST;
    }
    return rc;
}

static void on_socket(void *context, uint32_t events)
{
    struct mqtt_connection *c = context;
    int rc = MOSQ_ERR_SUCCESS;
    c->held = true;
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
        rc = read_socket(c, events);
    }
    if (rc == MOSQ_ERR_SUCCESS && c->state == HANDSHAKING &&
        !tls_session_listen(c->tls, mosquitto_ssl_get(c->handle))) {
        rc = MOSQ_ERR_TLS;
    }
    /* What a handler publishes only waits in the library until here. */
    if (rc == MOSQ_ERR_SUCCESS && ((events & EPOLLOUT) != 0 || mosquitto_want_write(c->handle))) {
        rc = mosquitto_loop_write(c->handle, 1);
    }
    settle(c, rc);
}

static void look(void *context)
{
    on_socket(context, EPOLLIN);
}

static void on_misc(void *context)
{
    struct mqtt_connection *c = context;
    loop_timer_after(c->loop, &c->misc, MISC_INTERVAL_US);
    settle(c, mosquitto_loop_misc(c->handle));
}

static void on_check(void *context)
{
    struct mqtt_connection *c = context;
    if (c->handle != NULL) {
        settle(c, MOSQ_ERR_SUCCESS);
    }
}

static void on_deadline(void *context)
{
    struct mqtt_connection *c = context;
    const char *what = "no answer to CONNECT";
    if (c->state == CONNECTING) {
        what = "no answer to connecting";
    } else if (tls_session_is_shaking_hands(mosquitto_ssl_get(c->handle))) {
        what = "no answer to the TLS handshake";
    }
    end(c, MQTT_END_UNREACHABLE, what);
}

static void on_connack(struct mosquitto *handle, void *context, int code, int flags,
                       const mosquitto_property *properties)
{
    struct mqtt_connection *c = context;
    (void)handle;
    uint16_t receive_maximum = UINT16_MAX; /* MQTT 5, 3.2.2.3.3: if it is not said */
    (void)mosquitto_property_read_int16(properties, MQTT_PROP_RECEIVE_MAXIMUM, &receive_maximum,
                                        false);
    ack_pace_limit(&c->pace, receive_maximum);
    c->connack = code;
    c->session_present = (flags & 1) != 0;
}

static void on_disconnect(struct mosquitto *handle, void *context, int code,
                          const mosquitto_property *properties)
{
    struct mqtt_connection *c = context;
    (void)handle;
    (void)properties;
    c->broker_reason = code >= REASON_FAILURE ? code : 0;
}

static void on_puback(struct mosquitto *handle, void *context, int mid, int code,
                      const mosquitto_property *properties)
{
    struct mqtt_connection *c = context;
    (void)handle;
    (void)properties;
    uint64_t token;
    if (packet_ids_take(c->outstanding, (uint16_t)mid, &token)) {
        c->handler.acknowledged(c->handler.context, token,
                                code < REASON_FAILURE ? MQTT_ACKNOWLEDGED : MQTT_REFUSED);
    }
}

static void on_suback(struct mosquitto *handle, void *context, int mid, int count,
                      const int *granted, const mosquitto_property *properties)
{
    struct mqtt_connection *c = context;
    (void)handle;
    (void)properties;
    c->handler.subscribed(c->handler.context, mid, count > 0 && granted[0] < REASON_FAILURE);
}

static void on_message(struct mosquitto *handle, void *context,
                       const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
    struct mqtt_connection *c = context;
    (void)handle;
    char *response_topic = NULL;
    void *correlation = NULL;
    uint16_t correlation_length = 0;
    uint32_t expiry_s = 0;
    bool expires = mosquitto_property_read_int32(properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL,
                                                 &expiry_s, false) != NULL;
    (void)mosquitto_property_read_string(properties, MQTT_PROP_RESPONSE_TOPIC, &response_topic,
                                         false);
    (void)mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA, &correlation,
                                         &correlation_length, false);
    const struct mqtt_received received = {
        .topic = message->topic,
        .payload = message->payload != NULL ? message->payload : "",
        .length = (size_t)message->payloadlen,
        .retain = message->retain,
        .expires = expires,
        .response_topic = response_topic,
        .correlation = correlation,
        .correlation_length = correlation_length,
    };
    c->handler.message(c->handler.context, &received);
    free(response_topic);
    free(correlation);
}

static void on_log(struct mosquitto *handle, void *context, int level, const char *line)
{
    struct mqtt_connection *c = context;
    (void)handle;
    (void)level;
    tls_session_on_log(c->tls, line);
}

/* The handle has been the thread's until now. */
static void take_over(struct mqtt_connection *c)
{
    mosquitto_user_data_set(c->handle, c);
    /* For as long as it may tell why TLS failed: the library composes a line for each packet. */
    mosquitto_log_callback_set(c->handle, c->tls != NULL ? on_log : NULL);
    mosquitto_connect_v5_callback_set(c->handle, on_connack);
    mosquitto_disconnect_v5_callback_set(c->handle, on_disconnect);
    mosquitto_publish_v5_callback_set(c->handle, on_puback);
    mosquitto_subscribe_v5_callback_set(c->handle, on_suback);
    mosquitto_message_v5_callback_set(c->handle, on_message);
}

static void on_connect_done(void *context, int result)
{
    struct mqtt_connect_job *job = context;
    struct mqtt_connection *c = job->owner;
    c->connecting = NULL;
    char reason[REASON_SIZE];
    if (result != MOSQ_ERR_SUCCESS) {
        enum mqtt_end why = mqtt_connect_job_end(job, result, reason, sizeof(reason));
        mqtt_connect_job_free(job);
        end(c, why, reason);
        return;
    }
    c->handle = mqtt_connect_job_take_handle(job);
    c->tls = mqtt_connect_job_take_tls(job);
    mqtt_connect_job_free(job);
    take_over(c);
    c->state = HANDSHAKING;
    loop_timer_after(c->loop, &c->misc, MISC_INTERVAL_US);
    settle(c, MOSQ_ERR_SUCCESS);
}

static int start_connecting(struct mqtt_connection *c,
                            const struct mqtt_connection_options *options)
{
    struct mqtt_connect_job *job;
    int r = mqtt_connect_job_new(options, c, &job);
    if (r < 0) {
        return r;
    }
    const struct offload_call call = {mqtt_connect_job_run, on_connect_done, mqtt_connect_job_free,
                                      job};
    r = offload_start(c->loop, &call, &c->connecting);
    if (r < 0) {
        mqtt_connect_job_free(job);
        return r;
    }
    loop_timer_after(c->loop, &c->deadline, c->options->connect_timeout_us);
    return 0;
}

int mqtt_connection_open(struct loop *loop, const struct mqtt_connection_options *options,
                         struct mqtt_connection **ret)
{
    struct mqtt_connection *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return -ENOMEM;
    }
    c->loop = loop;
    c->options = options->link;
    c->handler = options->handler;
    c->version = options->version;
    c->address = options->address;
    c->connack = -1;
    c->source = (struct loop_fd){.fn = on_socket, .context = c};
    c->deadline = (struct timer){.fn = on_deadline, .context = c};
    c->misc = (struct timer){.fn = on_misc, .context = c};
    c->check = (struct timer){.fn = on_check, .context = c};
    ack_pace_init(&c->pace, loop, look, c);
    ack_pace_limit(&c->pace, c->options->max_outstanding);
    int r = packet_ids_new(c->options->max_outstanding + 1, &c->outstanding); /* and the last one */
    r = r == 0 ? start_connecting(c, options) : r;
    if (r < 0) {
        packet_ids_free(c->outstanding);
        free(c);
        return r;
    }
    *ret = c;
    return 0;
}

void mqtt_connection_free(struct mqtt_connection *c)
{
    if (c == NULL) {
        return;
    }
    if (c->state != ENDED) {
        let_go(c);
    }
    if (c->handle != NULL) {
        mosquitto_destroy(c->handle);
    }
    publish_properties_deinit(&c->properties);
    tls_session_free(c->tls); /* the handle used it */
    packet_ids_free(c->outstanding);
    free(c);
}

static enum mqtt_publish_result result_of(struct mqtt_connection *c, int rc)
{
    switch (rc) {
    case MOSQ_ERR_SUCCESS:
        return MQTT_PUBLISHED;
    case MOSQ_ERR_NO_CONN:
    case MOSQ_ERR_CONN_LOST:
    case MOSQ_ERR_ERRNO:
        loop_timer_after(c->loop, &c->check, 0);
        return MQTT_OFFLINE;
    case MOSQ_ERR_PAYLOAD_SIZE:
    case MOSQ_ERR_OVERSIZE_PACKET:
        return MQTT_TOO_LARGE;
    default:
        return MQTT_FAILED;
    }
}

/*
 * The library takes packet ids from a 16-bit counter, for QoS 0 as well, and does not look whether
 * one is still in use; and it reports a QoS 0 packet that was written like an acknowledgement. So
 * an id that is still outstanding must not come again.
 */
static bool next_id_is_free(const struct mqtt_connection *c)
{
    return !packet_ids_contain(c->outstanding, (uint16_t)(c->last_mid % UINT16_MAX + 1));
}

/* QoS 0 waits for the socket only, QoS 1 for its window too. */
static bool has_room(const struct mqtt_connection *c, int qos)
{
    if (c->unsent_bytes >= c->options->max_unsent_bytes || !next_id_is_free(c)) {
        return false;
    }
    return qos == 0 || packet_ids_count(c->outstanding) < c->options->max_outstanding;
}

enum mqtt_publish_result mqtt_connection_publish_last(struct mqtt_connection *c,
                                                      const struct mqtt_publish *publish)
{
    if (c->state != UP) {
        return MQTT_OFFLINE;
    }
    int mid = 0;
    int rc = MOSQ_ERR_SUCCESS;
    if (c->version == MQTT_VERSION_5) {
        rc = publish_properties_set(&c->properties, publish);
    }
    if (rc == MOSQ_ERR_SUCCESS) {
        before_packet(c);
        rc = mosquitto_publish_v5(c->handle, &mid, publish->topic, (int)publish->length,
                                  publish->payload, publish->qos, publish->retain,
                                  c->properties.list);
    }
    if (rc == MOSQ_ERR_SUCCESS) {
        c->last_mid = mid;
        c->unsent_bytes += publish->length + strlen(publish->topic) + PACKET_OVERHEAD_BYTES;
        if (publish->qos > 0) {
            packet_ids_add(c->outstanding, (uint16_t)mid, publish->token);
            ack_pace_published(&c->pace);
        }
        events_changed(c);
        c->full = c->full || mqtt_connection_room(c) == 0;
    }
    return result_of(c, rc);
}

enum mqtt_publish_result mqtt_connection_publish(struct mqtt_connection *c,
                                                 const struct mqtt_publish *publish)
{
    if (c->state == UP && !has_room(c, publish->qos)) {
        c->full = true;
        return MQTT_WINDOW_FULL;
    }
    return mqtt_connection_publish_last(c, publish);
}

int mqtt_connection_subscribe(struct mqtt_connection *c,
                              const struct mqtt_subscription *subscription, int *ret_mid)
{
    int options = 0;
    if (c->version == MQTT_VERSION_5) {
        options |= subscription->no_local ? MQTT_SUB_OPT_NO_LOCAL : 0;
        options |= subscription->without_retained ? MQTT_SUB_OPT_SEND_RETAIN_NEVER : 0;
    }
    /* What MQTT 3.1.1 keeps for us would come at any age, as if it were new. */
    int qos = c->version == MQTT_VERSION_5 ? subscription->qos : 0;
    int rc = mosquitto_subscribe_v5(c->handle, ret_mid, subscription->filter, qos, options, NULL);
    if (rc != MOSQ_ERR_SUCCESS) {
        return -EIO;
    }
    c->last_mid = *ret_mid;
    events_changed(c);
    return 0;
}

void mqtt_connection_unsubscribe(struct mqtt_connection *c, const char *filter)
{
    int mid;
    if (mosquitto_unsubscribe_v5(c->handle, &mid, filter, NULL) == MOSQ_ERR_SUCCESS) {
        c->last_mid = mid;
        events_changed(c);
    }
}

void mqtt_connection_disconnect(struct mqtt_connection *c)
{
    if (c->state == UP) {
        (void)mosquitto_disconnect_v5(c->handle, 0, NULL); /* broken or not, the connection ends */
    }
    loop_timer_after(c->loop, &c->check, 0);
}
