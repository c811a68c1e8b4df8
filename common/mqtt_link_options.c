#include "common/mqtt_link_options.h"

#include "common/mqtt_link.h"
#include "common/tls_config.h"

#include <errno.h>
#include <mosquitto.h>
#include <stdlib.h>
#include <string.h>

#define KEEPALIVE_MIN_S 5    /* what libmosquitto takes */
#define OUTSTANDING_MAX 1000 /* the table is searched from its start */

struct copy {
    struct mqtt_link_options options; /* first: the copy is found by its address */
    struct mqtt_address addresses[MQTT_LINK_ADDRESSES_MAX];
    struct mqtt_publish will;
};

static bool addresses_are_valid(const struct mqtt_link_options *o)
{
    if (o->address_count < 1 || o->address_count > MQTT_LINK_ADDRESSES_MAX) {
        return false;
    }
    for (size_t i = 0; i < o->address_count; i++) {
        if (o->addresses[i].host == NULL || o->addresses[i].port == 0) {
            return false;
        }
    }
    return true;
}

static bool will_is_valid(const struct mqtt_publish *will)
{
    return will == NULL || (will->topic != NULL && will->topic[0] != '\0' &&
                            mosquitto_pub_topic_check(will->topic) == MOSQ_ERR_SUCCESS &&
                            (will->qos == 0 || will->qos == 1));
}

static bool are_valid(const struct mqtt_link_options *o)
{
    return o->client_id != NULL && addresses_are_valid(o) && will_is_valid(o->will) &&
           o->keepalive_s >= KEEPALIVE_MIN_S && o->keepalive_s <= UINT16_MAX &&
           o->max_outstanding >= 1 && o->max_outstanding <= OUTSTANDING_MAX &&
           o->max_unsent_bytes >= 1 && o->retry_min_us > 0 && o->retry_max_us >= o->retry_min_us &&
           o->reconnect_spread_us >= 0 && o->connect_timeout_us > 0;
}

static char *copy_text(const char *text, bool *ok)
{
    char *copy = text != NULL ? strdup(text) : NULL;
    *ok = *ok && (text == NULL || copy != NULL);
    return copy;
}

static void copy_will(struct copy *copy, const struct mqtt_publish *will, bool *ok)
{
    copy->will = *will;
    copy->will.topic = copy_text(will->topic, ok);
    copy->will.payload = malloc(will->length + 1);
    copy->options.will = &copy->will;
    if (copy->will.payload == NULL) {
        *ok = false;
    } else if (will->length > 0) {
        memcpy((void *)copy->will.payload, will->payload, will->length);
    }
}

static bool fill(struct copy *copy, const struct mqtt_link_options *options)
{
    bool ok = true;
    copy->options = *options;
    copy->options.client_id = copy_text(options->client_id, &ok);
    copy->options.username = copy_text(options->username, &ok);
    copy->options.password = copy_text(options->password, &ok);
    copy->options.tls = options->tls != NULL ? tls_config_copy(options->tls) : NULL;
    ok = ok && (options->tls == NULL || copy->options.tls != NULL);
    copy->options.addresses = copy->addresses;
    for (size_t i = 0; i < options->address_count; i++) {
        copy->addresses[i] = options->addresses[i];
        copy->addresses[i].host = copy_text(options->addresses[i].host, &ok);
    }
    if (options->will != NULL) {
        copy_will(copy, options->will, &ok);
    }
    return ok;
}

int mqtt_link_options_copy(const struct mqtt_link_options *options, struct mqtt_link_options **ret)
{
    if (!are_valid(options)) {
        return -EINVAL;
    }
    struct copy *copy = calloc(1, sizeof(*copy));
    if (copy == NULL) {
        return -ENOMEM;
    }
    if (!fill(copy, options)) {
        mqtt_link_options_free(&copy->options);
        return -ENOMEM;
    }
    *ret = &copy->options;
    return 0;
}

void mqtt_link_options_free(struct mqtt_link_options *copy)
{
    struct copy *c = (struct copy *)copy; /* its first member */
    if (c == NULL) {
        return;
    }
    for (size_t i = 0; i < c->options.address_count; i++) {
        free((char *)c->addresses[i].host);
    }
    free((char *)c->will.topic);
    free((void *)c->will.payload);
    free((char *)c->options.client_id);
    free((char *)c->options.username);
    free((char *)c->options.password);
    tls_config_free((struct tls_config *)c->options.tls);
    free(c);
}
