/*
 * One connection to one broker, from connecting to its end: a libmosquitto handle driven by its
 * socket. It is made for mqtt_link.c, which makes a new one for each attempt.
 */
#ifndef EDGE_COMMON_MQTT_CONNECTION_H
#define EDGE_COMMON_MQTT_CONNECTION_H

#include "common/mqtt_end.h"
#include "common/mqtt_link.h"

struct mqtt_connection_handler {
    void (*up)(void *context, bool session_present);
    /* Once, as the last call; it may free the connection. */
    void (*ended)(void *context, enum mqtt_end end, const char *reason);
    void (*message)(void *context, const struct mqtt_received *message);
    /* Of each publish with QoS 1, with or without a token. */
    void (*acknowledged)(void *context, uint64_t token, enum mqtt_fate fate);
    void (*room)(void *context);
    void (*subscribed)(void *context, int mid, bool granted);
    void *context;
};

struct mqtt_connection_options {
    const struct mqtt_link_options *link;
    struct mqtt_address address;
    enum mqtt_version version; /* not AUTO */
    struct mqtt_connection_handler handler;
};

struct mqtt_connection;

/* Starts connecting. 0, -EINVAL or -ENOMEM. What `options` points to is borrowed until the
 * connection is freed. */
EDGE_MUST_CHECK int mqtt_connection_open(struct loop *loop,
                                         const struct mqtt_connection_options *options,
                                         struct mqtt_connection **ret);
/* Reports what is outstanding as lost, then nothing more. Accepts NULL. */
void mqtt_connection_free(struct mqtt_connection *c);

EDGE_MUST_CHECK enum mqtt_publish_result mqtt_connection_publish(
    struct mqtt_connection *c, const struct mqtt_publish *publish);
/* The same for one message more than the window takes, the last one of this connection. */
EDGE_MUST_CHECK enum mqtt_publish_result mqtt_connection_publish_last(
    struct mqtt_connection *c, const struct mqtt_publish *publish);
size_t mqtt_connection_room(const struct mqtt_connection *c);
size_t mqtt_connection_outstanding(const struct mqtt_connection *c);

/* When the broker's certificate expires, seconds since 1970; 0 = it has shown none. */
int64_t mqtt_connection_broker_until_s(const struct mqtt_connection *c);

/* What is published between the two leaves at the end of it at the latest: a batch costs the kernel
 * less than its packets one by one. Not nested. */
void mqtt_connection_hold(struct mqtt_connection *c);
void mqtt_connection_release(struct mqtt_connection *c);

/* The packet id in *ret_mid comes back in `subscribed`. 0 or -EIO. */
EDGE_MUST_CHECK int mqtt_connection_subscribe(struct mqtt_connection *c,
                                              const struct mqtt_subscription *subscription,
                                              int *ret_mid);

/* If it fails, the connection is breaking. */
void mqtt_connection_unsubscribe(struct mqtt_connection *c, const char *filter);

/* Sends DISCONNECT, so that the will is not published; `ended` follows. */
void mqtt_connection_disconnect(struct mqtt_connection *c);

#endif
