/*
 * What a signal measures, by its unit and the words in its name: "%" is a humidity, a moisture, a
 * charge, or nothing that Home Assistant has a class for. Pure.
 */
#ifndef EDGE_GATEWAY_PUBLISH_DISCOVERY_HINT_H
#define EDGE_GATEWAY_PUBLISH_DISCOVERY_HINT_H

#include "topics/discovery_class.h"

#include <stdbool.h>

struct discovery_hint {
    enum discovery_class device_class;
    enum discovery_state state_class;
};

/* `name` as discovery_name() makes it. The class always takes the unit, and the state. */
struct discovery_hint discovery_hint(const struct discovery_unit *unit, const char *name);

/* A signal that serves the transport, such as a checksum or an alive counter. */
bool discovery_is_housekeeping(const char *name);

#endif
