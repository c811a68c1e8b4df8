/* The `broker` section of both daemons' configuration files, and its way into the options of the
 * MQTT link. */
#ifndef EDGE_COMMON_BROKER_CONFIG_H
#define EDGE_COMMON_BROKER_CONFIG_H

#include "common/broker_address.h"
#include "common/config.h"
#include "common/intake.h"
#include "common/mqtt_link.h"
#include "common/tls_config.h"

struct broker_config {
    const char *const *addresses; /* tried in turn; each may name a port (broker_address.h) */
    size_t address_count;
    const int64_t *port;   /* NULL: 8883 with TLS, 1883 without */
    const char *prefix;    /* of all topics */
    const char *client_id; /* NULL = site-node */
    const char *username;
    const char *password;
    const struct tls_config *tls; /* NULL = plain TCP */
    enum mqtt_version version;
    int64_t keepalive_us;
    int64_t session_expiry_us;
    int64_t max_outstanding;
    int64_t connect_timeout_us;
    int64_t retry_min_us;
    int64_t retry_max_us;
    int64_t reconnect_spread_us; /* 0: as suits the addresses */
    struct intake_limits limits;
    const char *ledger; /* file of the retained topics; NULL = beside the store's */
};

extern const struct config_section broker_config_schema;

/* The addresses of the section as the link takes them. */
struct broker_addresses {
    struct mqtt_address list[MQTT_LINK_ADDRESSES_MAX]; /* hosts are in `parsed` */
    struct broker_address parsed[MQTT_LINK_ADDRESSES_MAX];
};

/* What the tables cannot say: addresses that are none, or too many, files of TLS that
 * cannot be used. The daemons check the prefix, which is a matter of topics. */
void broker_config_check(const struct config *file, const struct broker_config *config,
                         struct diagnostics *d);

/* Fills what the section says, which was checked. Everything is borrowed from `config` and
 * `addresses`. Client id, will and seed stay the caller's. */
void broker_config_apply(const struct broker_config *config, struct broker_addresses *addresses,
                         struct mqtt_link_options *options);

#endif
