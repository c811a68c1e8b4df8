#include "common/broker_config.h"

#include "common/quote.h"

#include <errno.h>
#include <string.h>

#define SPREAD_US (5 * US_PER_S)

/* Beyond this the library's own send queue grows faster than the socket drains. */
#define MAX_UNSENT_BYTES (256 * 1024)

#define PORT_PLAIN 1883
#define PORT_TLS   8883

static const struct config_name version_names[] = {
    {"auto", MQTT_VERSION_AUTO},
    {"3.1.1", MQTT_VERSION_311},
    {"5", MQTT_VERSION_5},
    {NULL, 0},
};

static const struct config_key broker_keys[] = {
    {.name = "address",
     .type = CONFIG_STRING,
     CONFIG_LIST(struct broker_config, addresses, address_count),
     .max = "261",
     .flags = CONFIG_REQUIRED,
     .help = "host name or address, with a port of its own as HOST:PORT; several are tried in "
             "turn"},
    {.name = "port",
     .type = CONFIG_INT,
     CONFIG_POINTER(struct broker_config, port),
     .min = "1",
     .max = "65535",
     .help = "TCP port of the addresses that name none; 8883 with tls, else 1883"},
    {.name = "prefix",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct broker_config, prefix),
     .fallback = "edge",
     .max = "64",
     .help = "what all topics begin with"},
    {.name = "client_id",
     .type = CONFIG_ID,
     CONFIG_FIELD(struct broker_config, client_id),
     .help = "MQTT client id; site and node if absent"},
    {.name = "username",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct broker_config, username),
     .help = "MQTT user"},
    {.name = "password",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct broker_config, password),
     .flags = CONFIG_SECRET,
     .help = "its password, or file:/path"},
    {.name = "tls",
     .type = CONFIG_SECTION,
     CONFIG_POINTER(struct broker_config, tls),
     .section = &tls_config_schema,
     .help = "encrypted, with certificates; plain if absent"},
    {.name = "version",
     .type = CONFIG_ENUM,
     CONFIG_FIELD(struct broker_config, version),
     .names = version_names,
     .fallback = "auto",
     .help = "MQTT 5, 3.1.1, or what the broker knows"},
    {.name = "keepalive",
     .type = CONFIG_DURATION,
     CONFIG_FIELD(struct broker_config, keepalive_us),
     .fallback = "15s",
     .min = "5s",
     .max = "1h",
     .help = "silence after which the peer is asked"},
    {.name = "session_expiry",
     .type = CONFIG_DURATION,
     CONFIG_FIELD(struct broker_config, session_expiry_us),
     .fallback = "0s",
     .max = "168h",
     .help = "how long the broker keeps the session of an absent node"},
    {.name = "max_outstanding",
     .type = CONFIG_INT,
     CONFIG_FIELD(struct broker_config, max_outstanding),
     .fallback = "100",
     .min = "20",
     .max = "200",
     .help = "QoS 1 messages on the way"},
    {.name = "connect_timeout",
     .type = CONFIG_DURATION,
     CONFIG_FIELD(struct broker_config, connect_timeout_us),
     .fallback = "10s",
     .min = "100ms",
     .max = "2min",
     .help = "for connecting and its answer"},
    {.name = "retry_min",
     .type = CONFIG_DURATION,
     CONFIG_FIELD(struct broker_config, retry_min_us),
     .fallback = "500ms",
     .min = "10ms",
     .max = "1min",
     .help = "shortest wait before a new attempt"},
    {.name = "retry_max",
     .type = CONFIG_DURATION,
     CONFIG_FIELD(struct broker_config, retry_max_us),
     .fallback = "5s",
     .min = "100ms",
     .max = "1h",
     .help = "longest wait"},
    {.name = "reconnect_spread",
     .type = CONFIG_DURATION,
     CONFIG_FIELD(struct broker_config, reconnect_spread_us),
     .fallback = "0s",
     .max = "1h",
     .help = "after a broker's end, the first attempt comes at a random time up to this; 0s: 5s, "
             "or none for a broker on this machine"},
    {.name = "limits",
     .type = CONFIG_SECTION,
     CONFIG_FIELD(struct broker_config, limits),
     .section = &intake_limits_schema,
     .help = "how much of what strangers wish and ask is taken"},
    {.name = "ledger",
     .type = CONFIG_PATH,
     CONFIG_FIELD(struct broker_config, ledger),
     .help = "file that remembers retained topics, so that old ones are deleted; beside the "
             "store's file if absent"},
    {.name = NULL},
};

const struct config_section broker_config_schema = CONFIG_STRUCT(struct broker_config, broker_keys);

static void check_address(const struct config *file, const char *const *text, struct diagnostics *d)
{
    struct broker_address address;
    struct quote quote = {0};
    switch (broker_address_parse(*text, &address)) {
    case 0:
        return;
    case -ERANGE:
        config_report(file, text, d, SEVERITY_ERROR, "the port of %s is not from 1 to 65535",
                      quote_text(&quote, *text));
        return;
    case -ENAMETOOLONG:
        config_report(file, text, d, SEVERITY_ERROR, "the host is longer than %d bytes",
                      BROKER_HOST_MAX_BYTES);
        return;
    default:
        config_report(file, text, d, SEVERITY_ERROR,
                      "%s is no address of a broker: write HOST, HOST:PORT or [IPV6]:PORT",
                      quote_text(&quote, *text));
    }
}

void broker_config_check(const struct config *file, const struct broker_config *config,
                         struct diagnostics *d)
{
    for (size_t i = 0; i < config->address_count; i++) {
        check_address(file, &config->addresses[i], d);
    }
    if (config->address_count > MQTT_LINK_ADDRESSES_MAX) {
        config_report(file, &config->addresses[MQTT_LINK_ADDRESSES_MAX], d, SEVERITY_ERROR,
                      "at most %d broker addresses", MQTT_LINK_ADDRESSES_MAX);
    }
    if (config->tls != NULL) {
        tls_config_check(file, config->tls, d);
    }
}

static uint16_t port_of(const struct broker_config *config)
{
    if (config->port != NULL) {
        return (uint16_t)*config->port;
    }
    return config->tls != NULL ? PORT_TLS : PORT_PLAIN;
}

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           strncmp(host, "127.", 4) == 0;
}

/* A broker on the same machine has no thousand clients. */
static int64_t reconnect_spread_us(const struct broker_config *config,
                                   const struct mqtt_link_options *options)
{
    size_t i = 0;
    while (i < options->address_count && is_loopback(options->addresses[i].host)) {
        i++;
    }
    bool local = i == options->address_count;
    return config->reconnect_spread_us > 0 ? config->reconnect_spread_us : local ? 0 : SPREAD_US;
}

void broker_config_apply(const struct broker_config *config, struct broker_addresses *addresses,
                         struct mqtt_link_options *options)
{
    size_t count = config->address_count < MQTT_LINK_ADDRESSES_MAX ? config->address_count
                                                                   : MQTT_LINK_ADDRESSES_MAX;
    options->addresses = addresses->list;
    options->address_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct broker_address *parsed = &addresses->parsed[options->address_count];
        if (broker_address_parse(config->addresses[i], parsed) == 0) {
            uint16_t port = parsed->port != 0 ? parsed->port : port_of(config);
            addresses->list[options->address_count++] = (struct mqtt_address){parsed->host, port};
        }
    }
    options->username = config->username;
    options->password = config->password;
    options->tls = config->tls;
    options->version = config->version;
    options->clean_start = config->session_expiry_us == 0;
    options->session_expiry_s = (uint32_t)(config->session_expiry_us / US_PER_S);
    options->keepalive_s = (int)(config->keepalive_us / US_PER_S);
    options->max_outstanding = (size_t)config->max_outstanding;
    options->max_unsent_bytes = MAX_UNSENT_BYTES;
    options->connect_timeout_us = config->connect_timeout_us;
    options->reconnect_spread_us = reconnect_spread_us(config, options);
    options->retry_min_us = config->retry_min_us;
    options->retry_max_us =
        config->retry_max_us > config->retry_min_us ? config->retry_max_us : config->retry_min_us;
}
