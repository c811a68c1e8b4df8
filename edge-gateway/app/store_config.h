/* The sections `store` and `backfill` of gateway.yaml: where readings are kept until somebody has
 * them, and how those that nobody had yet are sent. */
#ifndef EDGE_GATEWAY_APP_STORE_CONFIG_H
#define EDGE_GATEWAY_APP_STORE_CONFIG_H

#include "common/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum store_ack {
    STORE_ACK_BROKER, /* the broker's PUBACK */
    STORE_ACK_SINK    /* all sinks have stored it, and say so */
};

struct store_config {
    bool enabled;
    const char *file;
    int64_t max_size_bytes;
    int64_t max_age_us;       /* 0 = as long as there is room */
    double thin_from_percent; /* of max_size; 0 = never */
    int64_t thin_older_than_us;
    int64_t thin_interval_us;
    int64_t memory_bytes;
    int64_t ballast_bytes;
    int64_t commit_interval_us;
    const char *crash_memory; /* a directory, "auto", or "none" */
    bool trust_clock;
};

struct backfill_config {
    enum store_ack ack;
    const char *const *sinks; /* with STORE_ACK_SINK: whose acknowledgement counts */
    size_t sink_count;
    int64_t ack_timeout_us; /* without progress of the sinks for this long, it is sent again */
    double rate;            /* readings per second; 0 = as fast as the broker takes them */
    int64_t batch;          /* readings in one MQTT message; 1 = each on its own topic */
    int64_t in_flight;      /* MQTT messages on the way; half of broker.max_outstanding at most */
};

extern const struct config_section store_config_schema;
extern const struct config_section backfill_config_schema;

#endif
