/*
 * Connecting, which blocks: name resolution, TCP (and TLS) and the CONNECT packet, on a
 * libmosquitto handle that belongs to the thread until the call returns. For mqtt_connection.c.
 */
#ifndef EDGE_COMMON_MQTT_CONNECT_JOB_H
#define EDGE_COMMON_MQTT_CONNECT_JOB_H

#include "common/mqtt_connection.h"
#include "common/tls_session.h"

#include <mosquitto.h>

struct mqtt_connect_job {
    struct mqtt_connection *owner; /* not touched by the thread */
    struct mosquitto *handle;      /* owned; its user data is the job */
    struct tls_session *tls;       /* owned; NULL = without TLS */
    mosquitto_property *properties;
    char *host;
    uint16_t port;
    int keepalive_s;
    int system_error; /* errno of a failed run */
};

/* A handle with will, user and version set. 0, -EINVAL or -ENOMEM. */
EDGE_MUST_CHECK int mqtt_connect_job_new(const struct mqtt_connection_options *options,
                                         struct mqtt_connection *owner,
                                         struct mqtt_connect_job **ret);

/* The three functions of an offload: `context` is the job. run gives a MOSQ_ERR_* code. */
int mqtt_connect_job_run(void *context);
void mqtt_connect_job_free(void *context);

/* Move the handle and its TLS out. */
struct mosquitto *mqtt_connect_job_take_handle(struct mqtt_connect_job *job);
struct tls_session *mqtt_connect_job_take_tls(struct mqtt_connect_job *job);

/* Why the run failed, with a text for people. */
enum mqtt_end mqtt_connect_job_end(const struct mqtt_connect_job *job, int result, char *text,
                                   size_t size);

#endif
