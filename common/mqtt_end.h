/* Why there is no connection to a broker, for a link that decides what to try next, for the log and
 * for the counters. Pure. */
#ifndef EDGE_COMMON_MQTT_END_H
#define EDGE_COMMON_MQTT_END_H

#include <stdbool.h>
#include <stddef.h>

enum mqtt_end {
    MQTT_END_UNREACHABLE, /* no address, nobody listens, no answer in time */
    MQTT_END_HUNG_UP,     /* no answer but an end: not ready, or a version it has never heard of */
    MQTT_END_VERSION,     /* the broker says that it does not speak this protocol version */
    MQTT_END_REFUSED,     /* it does, and refuses */
    MQTT_END_LOST,        /* after it had been up */
    /* TLS; "own" is the certificate that this node shows, the others are about the broker's */
    MQTT_END_TLS_FILES,         /* a file of broker.tls cannot be used */
    MQTT_END_TLS_ABSENT,        /* the other side speaks no TLS, or ends in the middle of it */
    MQTT_END_TLS_VERSION,       /* no version of TLS that both take */
    MQTT_END_TLS_UNTRUSTED,     /* not from a CA that is trusted here */
    MQTT_END_TLS_EXPIRED,       /* or not valid yet */
    MQTT_END_TLS_NAME,          /* for another host */
    MQTT_END_TLS_REVOKED,       /* or the list that would say so is out of date */
    MQTT_END_TLS_OWN_MISSING,   /* the broker wants one */
    MQTT_END_TLS_OWN_UNTRUSTED, /* from a CA that the broker does not know */
    MQTT_END_TLS_OWN_EXPIRED,
    MQTT_END_TLS_OWN_REVOKED,
    MQTT_END_TLS_OWN_REFUSED, /* for another reason */
    MQTT_END_TLS_OTHER
};
#define MQTT_END_COUNT (MQTT_END_TLS_OTHER + 1)

/* What is known of a connection that ended, TLS apart. */
struct mqtt_end_facts {
    bool was_up;
    bool version_5;    /* was spoken, else 3.1.1 */
    int connack;       /* reason code of CONNACK, -1 = there was none */
    int broker_reason; /* of the broker's DISCONNECT, 0 = none */
    int result;        /* of the library, MOSQ_ERR_* */
    int system_error;  /* errno, where the result refers to it */
};

/* The kind of end, and its reason for people. */
enum mqtt_end mqtt_end_judge(const struct mqtt_end_facts *facts, char *text, size_t size);

/* "tls_expired": the name of its counter. */
const char *mqtt_end_name(enum mqtt_end end);

#endif
