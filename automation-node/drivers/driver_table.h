/* What a driver is, for its own file and driver.c. */
#ifndef EDGE_AUTOMATION_NODE_DRIVERS_DRIVER_TABLE_H
#define EDGE_AUTOMATION_NODE_DRIVERS_DRIVER_TABLE_H

#include "automation-node/drivers/driver.h"

struct driver_methods {
    const char *name;
    int (*open)(const struct driver_options *options, const struct driver_host *host, void **ret);
    int (*command)(void *driver, const struct device_command *command);
    void (*close)(void *driver); /* accepts NULL */
};

extern const struct driver_methods driver_can;

#endif
