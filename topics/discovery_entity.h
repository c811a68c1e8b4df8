/*
 * One entity of Home Assistant: a sensor, a switch, ... as payload_discovery.h writes it.
 */
#ifndef EDGE_TOPICS_DISCOVERY_ENTITY_H
#define EDGE_TOPICS_DISCOVERY_ENTITY_H

#include "topics/discovery_availability.h"

#include <stdbool.h>
#include <stddef.h>

enum discovery_platform {
    DISCOVERY_SENSOR,
    DISCOVERY_BINARY_SENSOR,
    DISCOVERY_SWITCH,
    DISCOVERY_NUMBER,
    DISCOVERY_SELECT,
    DISCOVERY_BUTTON,
    DISCOVERY_CLIMATE,
    DISCOVERY_FAN,
    DISCOVERY_COVER,
    DISCOVERY_LIGHT,
    DISCOVERY_VALVE,
    DISCOVERY_EVENT,
    DISCOVERY_PLATFORM_COUNT
};

enum discovery_category {
    DISCOVERY_PRIMARY,
    DISCOVERY_CONFIG, /* not of a sensor */
    DISCOVERY_DIAGNOSTIC
};

/* Several texts, borrowed. */
struct discovery_texts {
    const char *const *texts;
    size_t count; /* 0 = left out */
};

/*
 * One entity. What a platform needs and knows is Home Assistant's business; a field here is one of
 * its keys, and a pointer that is NULL leaves the key out. `key` names the entity within its device
 * and is an id, as is `unique_id` among all; `name` NULL makes it the device's main feature.
 */
struct discovery_entity {
    enum discovery_platform platform;
    const char *key;
    const char *unique_id;
    const char *name;
    const char *icon;         /* "mdi:fan" */
    const char *device_class; /* discovery_class_text(), or a word of another platform */
    enum discovery_category category;
    bool is_disabled;                                    /* until somebody enables it */
    const struct discovery_availabilities *availability; /* NULL = the device's */

    /* Sensors. */
    const char *state_topic;
    const char *value_template;
    const char *state_value_template; /* of fans and lights */
    const char *unit;
    const char *state_class;
    const int *precision;
    struct discovery_texts options;     /* of an enum, or a select */
    struct discovery_texts event_types; /* of an event */

    /* What is sent, and what it is called in a state. */
    const char *command_topic;
    const char *command_template;
    const char *payload_on;
    const char *payload_off;
    const char *state_on;
    const char *state_off;
    const char *payload_press;

    /* Numbers. */
    const double *min;
    const double *max;
    const double *step;
    const char *mode;

    /* Lights with a brightness, fans with a speed. */
    const char *on_command_type;
    const char *brightness_command_topic;
    const char *brightness_state_topic;
    const char *brightness_template;
    const double *brightness_scale;
    const char *percentage_command_topic;
    const char *percentage_state_topic;
    const char *percentage_template;
    const double *speed_min;
    const double *speed_max;

    /* Covers and valves. */
    const char *payload_open;
    const char *payload_close;
    bool no_stop; /* a cover that cannot be stopped */
    bool reports_position;
    const char *state_open;
    const char *state_closed;
    const char *position_topic;
    const char *position_template;
    const char *set_position_topic;
    const double *position_open;
    const double *position_closed;

    /* Climates. */
    struct discovery_texts modes;
    const char *mode_command_topic;
    const char *mode_command_template;
    const char *mode_state_topic;
    const char *mode_state_template;
    const char *temperature_command_topic;
    const char *temperature_state_topic;
    const char *temperature_state_template;
    const char *temperature_low_command_topic; /* of what has two set points instead */
    const char *temperature_low_command_template;
    const char *temperature_low_state_topic;
    const char *temperature_low_state_template;
    const char *temperature_high_command_topic;
    const char *temperature_high_command_template;
    const char *temperature_high_state_topic;
    const char *temperature_high_state_template;
    const char *current_temperature_topic;
    const char *current_temperature_template;
    const char *action_topic;
    const char *action_template;
    struct discovery_texts presets;
    const char *preset_command_topic;
    const char *preset_command_template;
    const char *preset_state_topic;
    const char *preset_template;
    const double *temperature_min;
    const double *temperature_max;
    const double *temperature_step;
    const char *temperature_unit; /* "C" or "F" */
};

/* "sensor"; static. */
const char *discovery_platform_text(enum discovery_platform platform);

#endif
