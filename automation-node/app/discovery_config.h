/* The part of node_config.h about how Home Assistant shows devices and controllers. */
#ifndef EDGE_AUTOMATION_NODE_APP_DISCOVERY_CONFIG_H
#define EDGE_AUTOMATION_NODE_APP_DISCOVERY_CONFIG_H

#include "common/config.h"

enum discovery_shape {
    DISCOVERY_SHAPE_AUTO, /* a switch, a select or a number, by what the device takes */
    DISCOVERY_SHAPE_SWITCH,
    DISCOVERY_SHAPE_NUMBER,
    DISCOVERY_SHAPE_SELECT,
    DISCOVERY_SHAPE_BUTTON,
    DISCOVERY_SHAPE_FAN,
    DISCOVERY_SHAPE_COVER,
    DISCOVERY_SHAPE_LIGHT,
    DISCOVERY_SHAPE_VALVE,
    DISCOVERY_SHAPE_BINARY_SENSOR,
    DISCOVERY_SHAPE_COUNT
};

struct device_discovery_config {
    bool show;
    enum discovery_shape shape; /* YAML: as */
    const char *name;
    const char *icon;
    const char *device_class;
    const char *unit;
    const char *area;
    const double *step; /* NULL = Home Assistant's */
};

struct controller_discovery_config {
    bool show;
    const char *name;
    const char *icon;
    const char *area;
    const double *min; /* of the set point */
    const double *max;
    const double *step;
};

extern const struct config_section device_discovery_section;
extern const struct config_section controller_discovery_section;

#endif
