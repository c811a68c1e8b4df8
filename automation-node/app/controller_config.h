/* The part of node_config.h about what closes a loop: thermostats, PID controllers, climates. */
#ifndef EDGE_AUTOMATION_NODE_APP_CONTROLLER_CONFIG_H
#define EDGE_AUTOMATION_NODE_APP_CONTROLLER_CONFIG_H

#include "common/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range_config;
struct controller_discovery_config;

enum thermostat_mode_kind {
    THERMOSTAT_KIND_OFF,
    THERMOSTAT_KIND_HEAT,
    THERMOSTAT_KIND_COOL
};

struct thermostat_config {
    const char *name;
    const char *input;
    const char *device;
    enum thermostat_mode_kind mode;
    struct quantity setpoint;
    struct quantity hysteresis;
    const char *on;  /* the device's value that heats or cools */
    const char *off; /* the one that does not */
    const struct config_named_quantity *presets;
    size_t preset_count;
    const struct controller_discovery_config *home_assistant; /* NULL = as it is */
};

/* Times on and off of a device that knows nothing between. */
struct pwm_config {
    int64_t period_us;
    int64_t min_on_us;
    int64_t min_off_us;
    const char *on;
    const char *off;
};

enum autotune_rule_kind {
    AUTOTUNE_RULE_TYREUS_LUYBEN_PI,
    AUTOTUNE_RULE_TYREUS_LUYBEN,
    AUTOTUNE_RULE_ZIEGLER_NICHOLS_PI,
    AUTOTUNE_RULE_ZIEGLER_NICHOLS
};

struct autotune_config {
    struct quantity max_deviation; /* from the set point */
    struct quantity hysteresis;
    const double *amplitude; /* of the output; NULL = half of its range */
    int64_t timeout_us;
    enum autotune_rule_kind rule;
    bool apply;
};

enum controller_mode_kind {
    CONTROLLER_KIND_OFF,
    CONTROLLER_KIND_AUTO
};

/* A PID controller. */
struct controller_config {
    const char *name;
    const char *input;
    const char *device;
    enum controller_mode_kind mode;
    struct quantity setpoint;
    double kp; /* output per unit of the input */
    double ki; /* the same per second */
    double kd; /* the same times seconds */
    bool cools;
    const struct range_config *limits; /* NULL = the device's range, or 0 to 100 with pwm */
    double step;
    int64_t period_us;
    const struct pwm_config *pwm;           /* NULL = the device takes numbers */
    const struct autotune_config *autotune; /* NULL = never */
    const struct config_named_quantity *presets;
    size_t preset_count;
    const struct controller_discovery_config *home_assistant; /* NULL = as it is */
};

enum climate_mode_kind {
    CLIMATE_KIND_OFF,
    CLIMATE_KIND_HEAT,
    CLIMATE_KIND_COOL,
    CLIMATE_KIND_HEAT_COOL
};

struct climate_side_config {
    const char *device;
    const char *on;
    const char *off;
};

struct climate_preset_config {
    const char *name;
    struct quantity low;
    struct quantity high;
};

/* Either low and high, or set point and deadband. */
struct climate_config {
    const char *name;
    const char *input;
    struct climate_side_config heat;
    struct climate_side_config cool;
    enum climate_mode_kind mode;
    const struct quantity *low;
    const struct quantity *high;
    const struct quantity *setpoint;
    const struct quantity *deadband;
    struct quantity hysteresis;
    int64_t change_over_us; /* one of the devices is off for this long before the other goes on */
    const struct climate_preset_config *presets;
    size_t preset_count;
    const struct controller_discovery_config *home_assistant; /* NULL = as it is */
};

extern const struct config_section thermostat_config_section;
extern const struct config_section controller_config_section;
extern const struct config_section climate_config_section;

#endif
