/*
 * How a decided command reaches a kind of device. A driver is one file and one row of the table in
 * driver.c; it takes no decisions, and what it cannot deliver now is lost: the device's
 * confirmation will find out.
 */
#ifndef EDGE_AUTOMATION_NODE_DRIVERS_DRIVER_H
#define EDGE_AUTOMATION_NODE_DRIVERS_DRIVER_H

#include "automation-node/engine/device.h"
#include "common/attributes.h"

#include <stddef.h>
#include <stdint.h>

enum driver_kind {
    DRIVER_CAN,
    DRIVER_COUNT
};

/* What the device is called by us, and by the signal that commands it. */
struct driver_value {
    struct value value;
    const char *wire; /* label */
};

/* "bus/message/signal" of a gateway, taken apart. */
struct signal_path {
    const char *gateway;
    const char *bus;
    const char *message;
    const char *signal;
};

/* All is borrowed until driver_free(). */
struct driver_options {
    enum driver_kind kind;
    const char *prefix; /* of the topic tree */
    const char *site;
    struct signal_path command; /* driver can */
    const struct driver_value *values;
    size_t value_count;
};

/* The way out. */
struct driver_host {
    /* 0 or -errno: -ENOTCONN, -EAGAIN, -EMSGSIZE. `expiry_s` is the MQTT 5 message expiry. */
    int (*publish)(void *context, const char *topic, const char *payload, size_t length,
                   uint32_t expiry_s);
    void *context;
};

struct driver;

/* 0, -EINVAL (the path is no topic), or -ENOMEM. `host` is copied. */
EDGE_MUST_CHECK int driver_new(const struct driver_options *options, const struct driver_host *host,
                               struct driver **ret);
void driver_free(struct driver *driver);

/* 0 or -errno: the command was not delivered. */
EDGE_MUST_CHECK int driver_command(struct driver *driver, const struct device_command *command);

#endif
