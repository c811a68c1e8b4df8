/*
 * A signal of a DBC as an entity of Home Assistant: a value table as an enum, a bit as a binary
 * sensor, everything else as a number whose device class follows from the unit and from the words
 * in its name. Pure.
 */
#ifndef EDGE_GATEWAY_PUBLISH_DISCOVERY_SIGNAL_H
#define EDGE_GATEWAY_PUBLISH_DISCOVERY_SIGNAL_H

#include "common/attributes.h"
#include "edge-gateway/dbc/dbc.h"
#include "topics/discovery_class.h"
#include "topics/discovery_entity.h"
#include "topics/discovery_name.h"
#include "topics/discovery_template.h"

#include <stdbool.h>
#include <stddef.h>

#define DISCOVERY_OPTIONS_MAX       256
#define DISCOVERY_OPTIONS_MAX_BYTES 8192 /* a larger value table is shown as plain text */

enum discovery_kind {
    DISCOVERY_KIND_NUMBER,
    DISCOVERY_KIND_ENUM,
    DISCOVERY_KIND_BINARY,
    DISCOVERY_KIND_TEXT /* nothing that one could compute with */
};

/* What a person wants to be otherwise; zero, NULL and false leave it. */
struct discovery_wish {
    const char *name;
    const char *icon;
    const char *unit;         /* "" = none */
    const char *device_class; /* as Home Assistant calls it, or "none" */
    const char *state_class;
    bool is_diagnostic;
};

struct discovery_signal_options {
    const struct dbc_message *message;
    const struct dbc_signal *signal;
    bool is_plain; /* layout signal: a topic of its own, with a plain value */
    const char *device_name;
    const struct discovery_wish *wish;
};

/* The entity without its topic, key, unique id and availability, which are the caller's. */
struct discovery_signal {
    struct discovery_entity entity; /* borrows from here: stay where it is */
    char name[DISCOVERY_NAME_SIZE];
    char template[DISCOVERY_TEMPLATE_SIZE];
    int precision;
    char labels[DISCOVERY_OPTIONS_MAX_BYTES];
    const char *options[DISCOVERY_OPTIONS_MAX];
};

/* 0, or -EMSGSIZE for a name that fits in no template. */
EDGE_MUST_CHECK int discovery_signal(const struct discovery_signal_options *options,
                                     struct discovery_signal *ret);

/* What the signal is there: a number has a unit and classes, a binary sensor other classes, an enum
 * or a text none. */
enum discovery_kind discovery_signal_kind(const struct dbc_signal *signal);

#endif
