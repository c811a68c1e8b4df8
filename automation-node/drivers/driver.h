/*
 * How a decided command reaches a kind of device. A driver is one file and one row of the table in
 * driver.c; it takes no decisions, and what it cannot deliver now is lost: the device's
 * confirmation will find out, and nothing is sent again when it is too late.
 */
#ifndef EDGE_AUTOMATION_NODE_DRIVERS_DRIVER_H
#define EDGE_AUTOMATION_NODE_DRIVERS_DRIVER_H

#include "automation-node/engine/device.h"
#include "common/attributes.h"
#include "common/loop.h"
#include "topics/payload_node_claim.h"
#include "topics/payload_set.h"

#include <stddef.h>
#include <stdint.h>

enum driver_kind {
    DRIVER_CAN,
    DRIVER_MQTT,
    DRIVER_GPIO,
    DRIVER_SIMULATED,
    DRIVER_COUNT
};

/* What the device is called by us, and by itself. */
struct driver_value {
    struct value value;
    const char *wire; /* label */
};

/* "bus/message/signal" of a gateway, taken apart. */
struct signal_path {
    const char *gateway; /* NULL = it is no signal */
    const char *bus;
    const char *message;
    const char *signal;
};

/* A device that listens to a topic. At most one of field and template; neither = the bare value. */
struct driver_mqtt_options {
    const char *topic;
    const char *field;    /* the payload is {"<field>": <value>} */
    const char *template; /* the payload is this, with DRIVER_TEMPLATE_VALUE replaced */
};

#define DRIVER_TEMPLATE_VALUE "{value}"

/* A line of a GPIO chip; the words of its values are "0" and "1". */
struct driver_gpio_options {
    const char *chip; /* "gpiochip0" */
    unsigned line;
    bool active_low;
};

/* All is borrowed until driver_free(). */
struct driver_options {
    enum driver_kind kind;
    size_t device;      /* for the host */
    const char *name;   /* of the device */
    const char *prefix; /* of the topic tree */
    const char *site;
    struct signal_path command; /* driver can */
    struct driver_mqtt_options mqtt;
    struct driver_gpio_options gpio;
    int64_t delay_us; /* driver simulated */
    const struct driver_value *values;
    size_t value_count;
    struct value initial; /* what a device that has no memory does at the start: its off value */
};

/* The way out, and back. */
struct driver_host {
    struct loop *loop; /* borrowed */
    /* 0 or -errno: -ENOTCONN, -EAGAIN, -EMSGSIZE. `expiry_s` is the MQTT 5 message expiry. */
    int (*publish)(void *context, const char *topic, const char *payload, size_t length,
                   uint32_t expiry_s);
    /* The master that commands of this node are those of; NULL, or returns NULL: none. */
    const struct payload_master *(*master)(void *context);
    /* Now, by the clock that stamps this node's commands; NULL: they have no stamp. */
    struct payload_stamp (*now)(void *context);
    /* What a device shows that its driver can see; never called from within a call to a driver. */
    void (*shows)(void *context, size_t device, const struct value *value);
    void *context;
};

#define DRIVER_ERROR_SIZE 256

struct driver;

/* NULL: this build has the driver. Else why not, and what to do about it. */
const char *driver_missing(enum driver_kind kind);

/* 0 or -errno; then `reterr`, of DRIVER_ERROR_SIZE bytes, says what is wrong and what to do. `host`
 * is copied. */
EDGE_MUST_CHECK int driver_new(const struct driver_options *options, const struct driver_host *host,
                               struct driver **ret, char *reterr);
void driver_free(struct driver *driver);

/* The same in the place of drivers that are freed afterwards (or go on, if this one is): what
 * nobody can have twice, such as a GPIO line, passes on without a gap. */
EDGE_MUST_CHECK int driver_succeed(struct driver *const *olds, size_t old_count,
                                   const struct driver_options *options,
                                   const struct driver_host *host, struct driver **ret,
                                   char *reterr);

/* 0 or -errno: the command was not delivered. */
EDGE_MUST_CHECK int driver_command(struct driver *driver, const struct device_command *command);

#endif
