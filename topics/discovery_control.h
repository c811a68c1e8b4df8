/*
 * How Home Assistant reads the states of an automation node's devices, controllers and rules, and
 * what it sends for them: templates and words, as in payload_device.h, payload_controller.h and
 * payload_rule.h.
 *
 * Each function that writes gives 0, or -EMSGSIZE; DISCOVERY_CONTROL_SIZE is enough for names of
 * PAYLOAD_TEXT_MAX_BYTES.
 */
#ifndef EDGE_TOPICS_DISCOVERY_CONTROL_H
#define EDGE_TOPICS_DISCOVERY_CONTROL_H

#include "topics/attributes.h"

#include <stdbool.h>
#include <stddef.h>

#define DISCOVERY_CONTROL_SIZE 2048

/* Templates and payloads that are always the same. */
enum discovery_control_text {
    DISCOVERY_DEVICE_VALUE,    /* its value as it is */
    DISCOVERY_DEVICE_SOURCE,   /* who decides */
    DISCOVERY_DEVICE_REASON,   /* and why, as long as a state may be */
    DISCOVERY_DEVICE_UNTIL,    /* the end of an override, as a time */
    DISCOVERY_DEVICE_RELEASE,  /* payload: a wish that gives it back */
    DISCOVERY_CONTROLLER_MODE, /* auto, manual or off; of a climate heat, cool, heat_cool or off */
    DISCOVERY_CONTROLLER_SETPOINT,
    DISCOVERY_CONTROLLER_LOW, /* set points of a climate */
    DISCOVERY_CONTROLLER_HIGH,
    DISCOVERY_CONTROLLER_VALUE, /* of its input */
    DISCOVERY_CONTROLLER_OUTPUT,
    DISCOVERY_CONTROLLER_ACTION,     /* not of a PID controller: heating, cooling, idle or off */
    DISCOVERY_CONTROLLER_MODE_SET,   /* of a select: {"mode":...} */
    DISCOVERY_CONTROLLER_PRESET_SET, /* {"preset":...} */
    DISCOVERY_CONTROLLER_LOW_SET,    /* {"setpoint_low":...} */
    DISCOVERY_CONTROLLER_HIGH_SET,
    DISCOVERY_RULE_ENABLED, /* of a rule or schedule: ON or OFF */
    DISCOVERY_RULE_ENABLE,  /* payloads for it */
    DISCOVERY_RULE_DISABLE,
    DISCOVERY_RULE_RUN,
    DISCOVERY_CONTROL_COUNT
};

/* Static. */
const char *discovery_control_text(enum discovery_control_text text);

/* Of a device: `is` while a number is above `off`, else `is_not`. */
TOPICS_MUST_CHECK int discovery_device_above(double off, const char *is, const char *is_not,
                                             char *text, size_t size);

/* `is` while the value is `word`, `is_not` while it is another. */
TOPICS_MUST_CHECK int discovery_device_word(const char *word, const char *is, const char *is_not,
                                            char *text, size_t size);

/* Of a controller that does one of the two: `working` ("heat", "cool") is what Home Assistant calls
 * one that is not off. */
TOPICS_MUST_CHECK int discovery_controller_mode_command(const char *working, char *text,
                                                        size_t size);
TOPICS_MUST_CHECK int discovery_controller_mode_state(const char *working, char *text, size_t size);

struct discovery_preset {
    const char *name;
    double setpoint;
    bool is_band; /* a climate's: then not the one but these */
    double low;
    double high;
};

/* The preset that the set point is that of, or none. All of them are bands, or none is. */
TOPICS_MUST_CHECK int discovery_controller_preset(const struct discovery_preset *presets,
                                                  size_t count, char *text, size_t size);

#endif
