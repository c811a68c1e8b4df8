/*
 * What a bus driver is: one row of the table in bus.c. A new driver is one file, one row there, one
 * enum bus_kind and one options struct.
 */
#ifndef EDGE_GATEWAY_BUS_BUS_DRIVER_H
#define EDGE_GATEWAY_BUS_BUS_DRIVER_H

#include "common/attributes.h"
#include "edge-gateway/bus/bus.h"
#include "edge-gateway/bus/bus_port.h"

struct bus_driver {
    const char *name;
    /* Checks the options, copies what it needs; `port` outlives the driver. Results as
     * bus_open(). */
    int (*open)(struct bus_port *port, const struct bus_options *options, void **ret_driver);
    int (*start)(void *driver);
    /* The frame has been checked: length, id and flags go together. The bus is not bus-off. */
    int (*send)(void *driver, const struct frame *frame);
    /* Brings the counters of `port` up to date before they are read; NULL = they always are. */
    void (*refresh)(void *driver);
    /* See bus_change(); NULL = there is nothing to do. */
    int (*change)(void *driver, const struct bus_options *options);
    /* Accepts NULL. */
    void (*free)(void *driver);
};

extern const struct bus_driver bus_socketcan_driver;
extern const struct bus_driver bus_replay_driver;
extern const struct bus_driver bus_simulate_driver;

#endif
