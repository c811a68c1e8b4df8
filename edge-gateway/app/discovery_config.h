/* The part of gateway_config.h about what Home Assistant shows of a message. */
#ifndef EDGE_GATEWAY_APP_DISCOVERY_CONFIG_H
#define EDGE_GATEWAY_APP_DISCOVERY_CONFIG_H

#include "common/config.h"

/* What makes one device there. */
enum discovery_group {
    DISCOVERY_GROUP_SENDER, /* the CAN node that sends a message; where the DBC names none, as next
                             */
    DISCOVERY_GROUP_MESSAGE,
    DISCOVERY_GROUP_GATEWAY
};

struct signal_discovery_config {
    const char *name; /* of the signal in the DBC */
    const char *title;
    const char *icon;
    const char *device_class;
    const char *state_class;
    const char *unit;
    const bool *show;
    bool diagnostic;
};

struct message_discovery_config {
    const enum discovery_group *group;
    const char *device; /* a device of that name, of as many messages as say so */
    const bool *show;
    const struct signal_discovery_config *signals;
    size_t signal_count;
};

extern const struct config_section message_discovery_section;

#endif
