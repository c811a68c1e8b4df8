/* The `broker` section of both daemons' configuration files, and its way into the options of the
 * MQTT link. */
#ifndef EDGE_COMMON_BROKER_CONFIG_H
#define EDGE_COMMON_BROKER_CONFIG_H

#include "common/config.h"
#include "common/mqtt_link.h"

struct broker_config {
    const char *const *addresses; /* tried in turn */
    size_t address_count;
    int64_t port;
    const char *prefix;    /* of all topics */
    const char *client_id; /* NULL = site-node */
    const char *username;
    const char *password;
    enum mqtt_version version;
    int64_t keepalive_us;
    int64_t session_expiry_us;
    int64_t max_outstanding;
    int64_t connect_timeout_us;
    int64_t retry_min_us;
    int64_t retry_max_us;
    const char *ledger; /* file of the retained topics; NULL = beside the store's */
};

extern const struct config_section broker_config_schema;

/* What the tables cannot say: too many addresses. The daemons check the prefix, which is a matter
 * of topics. */
void broker_config_check(const struct config *file, const struct broker_config *config,
                         struct diagnostics *d);

/* A connection made from one of them serves the other, too. */
bool broker_config_equal(const struct broker_config *a, const struct broker_config *b);

/* Fills what the section says. `addresses` has MQTT_LINK_ADDRESSES_MAX places; everything is
 * borrowed from `config`. Client id, will and seed stay the caller's. */
void broker_config_apply(const struct broker_config *config, struct mqtt_address *addresses,
                         struct mqtt_link_options *options);

#endif
