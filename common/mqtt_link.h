/*
 * A lasting connection to an MQTT broker, driven by our loop: libmosquitto for the protocol,
 * everything else ours.
 *
 * It connects by itself, for ever: several addresses in turn, capped and jittered back-off, MQTT 5
 * first and 3.1.1 where a broker does not know 5 (mqtt_turns.h). A refusal (wrong password, ACL not
 * loaded yet, server busy) is a reason to try again later, never the end. Name resolution and
 * connecting happen in a thread, so that they never hold up the loop.
 *
 * Each connection has a library handle of its own. So the library never resends behind our back:
 * when a connection ends, every message that was not acknowledged is reported lost, exactly once,
 * and what happens then is the caller's business.
 *
 * All texts given and received are borrowed during the call. Callbacks run in the loop and may
 * publish; they must not free the link.
 */
#ifndef EDGE_COMMON_MQTT_LINK_H
#define EDGE_COMMON_MQTT_LINK_H

#include "common/attributes.h"
#include "common/loop.h"
#include "common/mqtt_link_stats.h"
#include "common/mqtt_message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_config;

#define MQTT_LINK_ADDRESSES_MAX     8
#define MQTT_LINK_SUBSCRIPTIONS_MAX 4096 /* a power of two times 16 */

struct mqtt_address {
    const char *host; /* name or literal address */
    uint16_t port;
};

/* Copied by mqtt_link_new(); mqtt_link_options.h makes copies to move to. */
struct mqtt_link_options {
    const char *client_id;
    const struct mqtt_address *addresses; /* tried in turn */
    size_t address_count;
    const char *username; /* NULL = none */
    const char *password;
    const struct tls_config *tls; /* NULL = plain TCP */
    enum mqtt_version version;
    bool clean_start;                /* else the broker keeps the session for session_expiry_s */
    uint32_t session_expiry_s;       /* MQTT 5 */
    int keepalive_s;                 /* 5 to 65535 */
    const struct mqtt_publish *will; /* NULL = none */
    uint32_t will_delay_s;           /* MQTT 5: hides short reconnects */
    size_t max_outstanding;          /* QoS 1 messages on the way, 1 to 1000 */
    size_t max_unsent_bytes;         /* in the library's send queue */
    int64_t connect_timeout_us;      /* for connecting and CONNACK together */
    int64_t retry_min_us;
    int64_t retry_max_us;
    int64_t reconnect_spread_us; /* of the first attempt after a good connection; 0 = no spread */
    uint64_t seed;               /* of the jitter */
};

/* After a connection, and after each failed attempt. */
struct mqtt_down {
    enum mqtt_end end;
    size_t address;     /* which one of the link's */
    const char *reason; /* for people */
};

struct mqtt_link_handler {
    void (*up)(void *context, bool session_present); /* subscriptions are on their way */
    void (*down)(void *context, const struct mqtt_down *down);
    void (*message)(void *context, const struct mqtt_received *message);
    /* Once per publish with a token other than 0 and QoS 1. */
    void (*acknowledged)(void *context, uint64_t token, enum mqtt_fate fate);
    void (*room)(void *context);                        /* publishes are taken again */
    void (*refused)(void *context, const char *filter); /* the broker refuses this subscription */
    void (*stopped)(void *context);                     /* the end of mqtt_link_stop() */
    void *context;
};

struct mqtt_link;

/* 0, -EINVAL or -ENOMEM. `handler` is copied; each of its functions may be NULL. */
EDGE_MUST_CHECK int mqtt_link_new(struct loop *loop, const struct mqtt_link_options *options,
                                  const struct mqtt_link_handler *handler, struct mqtt_link **ret);
/* Ends the connection at once. Accepts NULL. */
void mqtt_link_free(struct mqtt_link *link);

void mqtt_link_start(struct mqtt_link *link);

/* Sends `last` (NULL = nothing), waits for its acknowledgement at most `patience_us`, disconnects,
 * and calls `stopped`. */
void mqtt_link_stop(struct mqtt_link *link, const struct mqtt_publish *last, int64_t patience_us);

EDGE_MUST_CHECK enum mqtt_publish_result mqtt_link_publish(struct mqtt_link *link,
                                                           const struct mqtt_publish *publish);

/* What is published between the two leaves at the end of it at the latest: a batch costs less than
 * its messages one by one. Not nested, and within one turn of the loop. */
void mqtt_link_hold(struct mqtt_link *link);
void mqtt_link_release(struct mqtt_link *link);

/* How many QoS 1 messages would be taken now; 0 while there is no connection. */
size_t mqtt_link_room(const struct mqtt_link *link);

/* Now, and again at each connection. 0, -EINVAL (no filter), -ENOSPC or -ENOMEM. */
EDGE_MUST_CHECK int mqtt_link_subscribe(struct mqtt_link *link,
                                        const struct mqtt_subscription *subscription);

/* One that was subscribed to; any other is ignored. */
void mqtt_link_unsubscribe(struct mqtt_link *link, const char *filter);

/* In use, or to be tried next. */
const struct mqtt_address *mqtt_link_address(const struct mqtt_link *link);

struct mqtt_link_stats mqtt_link_stats(const struct mqtt_link *link);

#endif
