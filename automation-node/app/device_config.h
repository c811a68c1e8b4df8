/* The part of node_config.h about inputs and devices. */
#ifndef EDGE_AUTOMATION_NODE_APP_DEVICE_CONFIG_H
#define EDGE_AUTOMATION_NODE_APP_DEVICE_CONFIG_H

#include "automation-node/app/discovery_config.h"
#include "common/config.h"

/* What tells whether whoever publishes on a topic is there. */
struct availability_config {
    const char *topic;
    const char *field;  /* NULL = the whole payload */
    const char *online; /* what it says when all is well; NULL = what our nodes say */
};

enum derive_kind {
    DERIVE_NONE,
    DERIVE_MEAN,
    DERIVE_MIN,
    DERIVE_MAX,
    DERIVE_DIFFERENCE,
    DERIVE_RATE,
    DERIVE_TIME_IN_STATE
};

/* Exactly one of a signal of a gateway, any topic, and what is derived from others. */
struct input_config {
    const char *name;
    const char *gateway; /* node id */
    const char *signal;  /* "bus/message/signal" */
    const char *topic;
    const char *field;                              /* of its JSON; NULL = the whole payload */
    const struct availability_config *availability; /* NULL = none */
    enum derive_kind derive;
    const char *const *of; /* other inputs, or devices */
    size_t of_count;
    const int64_t *over_us;    /* rate, time_in_state; NULL = its default */
    const char *state;         /* time_in_state */
    const char *unit;          /* NULL = none, or that of what it is derived from */
    const char *const *labels; /* the words that it may show; none = not known */
    size_t label_count;
    const int64_t *stale_after_us; /* 0 = does not age; NULL = the default */
};

struct range_config {
    double min;
    double max;
};

enum device_driver_kind {
    DEVICE_DRIVER_CAN,
    DEVICE_DRIVER_MQTT,
    DEVICE_DRIVER_GPIO,
    DEVICE_DRIVER_SIMULATED,
    DEVICE_DRIVER_COUNT
};

enum device_preset_kind {
    DEVICE_PRESET_NONE,
    DEVICE_PRESET_TASMOTA,
    DEVICE_PRESET_ZIGBEE2MQTT,
    DEVICE_PRESET_ESPHOME,
    DEVICE_PRESET_HOMIE
};

struct device_config {
    const char *name;
    enum device_driver_kind driver;

    const char *gateway;  /* can: node id */
    const char *command;  /* can: "bus/message/signal" that is set */
    const char *feedback; /* can: "bus/message/signal" that proves it; NULL = none */

    enum device_preset_kind preset; /* mqtt */
    const char *topic;              /* mqtt: of the device, for a preset */
    const char *field;              /* mqtt: of its JSON; NULL = the preset's */
    const char *command_topic;      /* mqtt, without a preset, as all below */
    const char *payload;            /* a text with {value}; NULL = the value alone */
    const char *state_topic;        /* NULL = no feedback */
    const char *state_field;        /* NULL = the whole payload */
    const struct availability_config *availability; /* NULL = none, or the preset's */

    const char *chip; /* gpio */
    const int64_t *line;
    bool active_low;

    int64_t delay_us; /* simulated */

    const struct config_named_string *values; /* what people say: what the device says */
    size_t value_count;
    const struct range_config *range;       /* for numbers; exactly one of values and range */
    const int64_t *feedback_stale_after_us; /* NULL = the driver's default */
    double tolerance;                       /* between a number asked for and its feedback */
    const char *fail_safe;                  /* NULL = none */
    const char *rest;                       /* when nobody asks; NULL = stays as it is */
    int64_t min_on_us;
    int64_t min_off_us;
    int64_t max_on_us;     /* 0 = none */
    int64_t pause_us;      /* after it */
    int64_t min_change_us; /* between two changes; 0 = none */
    int64_t manual_for_us; /* of a wish that names no time; 0 = until it is taken back */
    int64_t confirm_within_us;
    int64_t retries;
    const struct device_discovery_config *home_assistant; /* NULL = as it is */
};

/* One input, one device, the ends of a range. */
extern const struct config_section input_config_section;
extern const struct config_section device_config_section;
extern const struct config_section range_config_section;

#endif
