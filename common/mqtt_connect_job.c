#include "common/mqtt_connect_job.h"

#include <errno.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int errno_of(int rc)
{
    return rc == MOSQ_ERR_SUCCESS ? 0 : rc == MOSQ_ERR_NOMEM ? -ENOMEM : -EINVAL;
}

static int set_will(struct mosquitto *handle, const struct mqtt_connection_options *options)
{
    const struct mqtt_publish *will = options->link->will;
    if (will == NULL) {
        return MOSQ_ERR_SUCCESS;
    }
    mosquitto_property *properties = NULL;
    int rc = MOSQ_ERR_SUCCESS;
    if (options->version == MQTT_VERSION_5 && options->link->will_delay_s > 0) {
        rc = mosquitto_property_add_int32(&properties, MQTT_PROP_WILL_DELAY_INTERVAL,
                                          options->link->will_delay_s);
    }
    if (rc == MOSQ_ERR_SUCCESS) {
        rc = mosquitto_will_set_v5(handle, will->topic, (int)will->length, will->payload, will->qos,
                                   will->retain, properties);
    }
    if (rc != MOSQ_ERR_SUCCESS) {
        mosquitto_property_free_all(&properties); /* on success they are the library's */
    }
    return rc;
}

static int set_options(struct mosquitto *handle, const struct mqtt_connection_options *options)
{
    const struct mqtt_link_options *link = options->link;
    int version = options->version == MQTT_VERSION_5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311;
    int rc = mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, version);
    if (rc == MOSQ_ERR_SUCCESS) {
        rc = mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1);
    }
    if (rc == MOSQ_ERR_SUCCESS) {
        rc = mosquitto_int_option(handle, MOSQ_OPT_SEND_MAXIMUM, (int)link->max_outstanding);
    }
    if (rc == MOSQ_ERR_SUCCESS && link->username != NULL) {
        rc = mosquitto_username_pw_set(handle, link->username, link->password);
    }
    return rc == MOSQ_ERR_SUCCESS ? set_will(handle, options) : rc;
}

static int set_session(struct mqtt_connect_job *job, const struct mqtt_connection_options *options)
{
    const struct mqtt_link_options *link = options->link;
    if (options->version != MQTT_VERSION_5 || link->session_expiry_s == 0) {
        return MOSQ_ERR_SUCCESS;
    }
    return mosquitto_property_add_int32(&job->properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                        link->session_expiry_s);
}

/* In the thread. */
static void on_log(struct mosquitto *handle, void *context, int level, const char *line)
{
    struct mqtt_connect_job *job = context;
    (void)handle;
    (void)level;
    tls_session_on_log(job->tls, line);
}

int mqtt_connect_job_new(const struct mqtt_connection_options *options,
                         struct mqtt_connection *owner, struct mqtt_connect_job **ret)
{
    struct mqtt_connect_job *job = calloc(1, sizeof(*job));
    if (job == NULL) {
        return -ENOMEM;
    }
    job->owner = owner;
    job->host = strdup(options->address.host);
    job->port = options->address.port;
    job->keepalive_s = options->link->keepalive_s;
    job->handle = mosquitto_new(options->link->client_id, options->link->clean_start, job);
    int rc = job->host != NULL && job->handle != NULL ? set_options(job->handle, options)
                                                      : MOSQ_ERR_NOMEM;
    if (rc == MOSQ_ERR_SUCCESS) {
        rc = set_session(job, options);
    }
    if (rc == MOSQ_ERR_SUCCESS && options->link->tls != NULL &&
        tls_session_new(options->link->tls, job->host, &job->tls) < 0) {
        rc = MOSQ_ERR_NOMEM;
    }
    if (rc != MOSQ_ERR_SUCCESS) {
        mqtt_connect_job_free(job);
        return errno_of(rc);
    }
    mosquitto_log_callback_set(job->handle, job->tls != NULL ? on_log : NULL);
    *ret = job;
    return 0;
}

/* What the broker's machine has not acknowledged for the time of a keepalive is the end of the
 * connection. TCP alone tries again in intervals that double, and may find a link that is repaired
 * only as long after that as it was broken. */
static void bound_patience(const struct mqtt_connect_job *job)
{
    const unsigned patience_ms = (unsigned)job->keepalive_s * 1000;
    (void)setsockopt(mosquitto_socket(job->handle), IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms,
                     sizeof(patience_ms)); /* without it the keepalive still ends it, later */
}

static int load_tls(struct mqtt_connect_job *job)
{
    int r = tls_session_load(job->tls);
    if (r < 0) {
        return r == -ENOMEM ? MOSQ_ERR_NOMEM : MOSQ_ERR_TLS;
    }
    /* Unless told not to, the library would load files of its own into our context. */
    int rc = mosquitto_int_option(job->handle, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
    return rc == MOSQ_ERR_SUCCESS
               ? mosquitto_void_option(job->handle, MOSQ_OPT_SSL_CTX, tls_session_context(job->tls))
               : rc;
}

int mqtt_connect_job_run(void *context)
{
    struct mqtt_connect_job *job = context;
    int rc = job->tls != NULL ? load_tls(job) : MOSQ_ERR_SUCCESS;
    if (rc == MOSQ_ERR_SUCCESS) {
        rc = mosquitto_connect_bind_v5(job->handle, job->host, job->port, job->keepalive_s, NULL,
                                       job->properties);
    }
    job->system_error = errno;
    if (rc == MOSQ_ERR_SUCCESS) {
        bound_patience(job);
    }
    return rc;
}

void mqtt_connect_job_free(void *context)
{
    struct mqtt_connect_job *job = context;
    if (job == NULL) {
        return;
    }
    if (job->handle != NULL) {
        mosquitto_destroy(job->handle);
    }
    tls_session_free(job->tls);
    mosquitto_property_free_all(&job->properties);
    free(job->host);
    free(job);
}

struct mosquitto *mqtt_connect_job_take_handle(struct mqtt_connect_job *job)
{
    struct mosquitto *handle = job->handle;
    job->handle = NULL;
    return handle;
}

struct tls_session *mqtt_connect_job_take_tls(struct mqtt_connect_job *job)
{
    struct tls_session *tls = job->tls;
    job->tls = NULL;
    return tls;
}

enum mqtt_end mqtt_connect_job_end(const struct mqtt_connect_job *job, int result, char *text,
                                   size_t size)
{
    enum mqtt_end end = MQTT_END_UNREACHABLE;
    const char *cause = mosquitto_strerror(result);
    if (result == MOSQ_ERR_ERRNO) {
        cause = strerror(job->system_error);
    } else if (result == MOSQ_ERR_EAI) {
        cause = "host not found";
    }
    (void)tls_session_end(job->tls, &end, &cause); /* knows better, if it knows */
    (void)snprintf(text, size, "%s:%u: %s", job->host, (unsigned)job->port, cause);
    return end;
}
