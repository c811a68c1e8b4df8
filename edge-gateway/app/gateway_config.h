/*
 * gateway.yaml as const structs. docs/gateway.yaml.md describes the file for people; the tables in
 * gateway_config.c are what is checked. Pointers are NULL where the key is absent and the bus's
 * `defaults`, then the built-in value, apply.
 */
#ifndef EDGE_GATEWAY_APP_GATEWAY_CONFIG_H
#define EDGE_GATEWAY_APP_GATEWAY_CONFIG_H

#include "common/broker_config.h"
#include "common/config.h"
#include "common/home_assistant_config.h"
#include "common/log_config.h"
#include "common/metrics_config.h"
#include "edge-gateway/app/alarm_config.h"
#include "edge-gateway/app/dash_cam_config.h"
#include "edge-gateway/app/discovery_config.h"
#include "edge-gateway/app/store_config.h"
#include "edge-gateway/policy/policy.h"
#include "edge-gateway/store/store_options.h"

enum bus_driver_kind {
    BUS_DRIVER_SOCKETCAN,
    BUS_DRIVER_REPLAY,
    BUS_DRIVER_SIMULATE,
    BUS_DRIVER_COUNT
};

enum message_layout {
    LAYOUT_MESSAGE, /* one JSON payload per message */
    LAYOUT_SIGNAL   /* one plain value per signal */
};

enum message_delivery {
    DELIVERY_ASSURED, /* QoS 1, with seq */
    DELIVERY_LIVE     /* QoS 0, without seq */
};

struct socketcan_config {
    const char *interface; /* NULL = the name of the bus */
    bool fd;
    bool unknown; /* receive ids that no DBC names, so that they are counted */
    int64_t receive_buffer_bytes;
};

struct replay_config {
    const char *file;      /* required */
    const char *interface; /* only frames of this interface; NULL = all */
    double speed;          /* 1 = as recorded; 0 = as fast as the broker takes them */
    bool loop;
    const char *sent; /* where frames that are sent go; NULL = nothing can be sent */
};

struct simulate_config {
    double time_factor; /* simulated seconds per second */
    int64_t seed;
};

/* How one message is published; also a bus's `defaults`. */
struct message_config {
    const char *name; /* of the message in the DBC; NULL in `defaults` */
    const enum policy_mode *publish;
    const enum message_layout *layout;
    const enum message_delivery *delivery;
    const enum store_priority *priority;
    const int64_t *min_interval_us;
    const int64_t *max_interval_us;
    const int64_t *stale_after_us;
    const int64_t *silent_after_us;
    const struct config_named_quantity *deadbands; /* by signal */
    size_t deadband_count;
    const struct message_discovery_config *home_assistant;
};

/* One message that MQTT clients may put on the bus. */
struct command_config {
    const char *name;           /* of the message in the DBC */
    const char *const *signals; /* the ones that may be set; none = all */
    size_t signal_count;
    int64_t min_interval_us; /* between two frames */
    int64_t ttl_us;          /* when a wish does not say */
    const char *group;       /* of automation nodes; NULL: anybody may set it */
};

struct bus_config {
    const char *name;
    enum bus_driver_kind driver;
    struct socketcan_config socketcan;
    struct replay_config replay;
    struct simulate_config simulate;
    const char *const *dbc;
    size_t dbc_count;
    const char *const *not_available; /* labels that say "no valid value", beside the common ones */
    size_t not_available_count;
    int64_t no_traffic_after_us;
    bool alarms;          /* the built-in ones */
    int64_t learn_ids_us; /* unknown ids that come in this time after the first frame are no news */
    int64_t bitrate;      /* where the driver cannot know it; 0 = not known */
    struct message_config defaults;
    const struct message_config *messages;
    size_t message_count;
    const struct command_config *commands;
    size_t command_count;
};

struct gateway_config {
    const char *site;
    const char *node;
    struct broker_config broker;
    struct log_config log;
    struct home_assistant_config home_assistant;
    int64_t metrics_interval_us;
    struct metrics_config metrics;
    struct store_config store;
    struct backfill_config backfill;
    struct dash_cam_config dash_cam;
    const struct bus_config *buses;
    size_t bus_count;
    const struct alarm_config *alarms;
    size_t alarm_count;
};

/* The schema of the whole file; its root is a struct gateway_config. */
extern const struct config_section gateway_config_schema;

#endif
