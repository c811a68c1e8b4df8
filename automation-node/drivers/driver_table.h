/* What a driver is, for its own file and driver.c. */
#ifndef EDGE_AUTOMATION_NODE_DRIVERS_DRIVER_TABLE_H
#define EDGE_AUTOMATION_NODE_DRIVERS_DRIVER_TABLE_H

#include "automation-node/drivers/driver.h"

struct driver_methods {
    /* 0 or -errno, with a reason in `reterr` (driver_fail()) unless the errno says it all. */
    int (*open)(const struct driver_options *options, const struct driver_host *host, void **ret,
                char *reterr);
    /* As open(), with what the instance `old` has and nobody can have twice; both may be closed in
     * any order. -ENOENT: it has nothing of that. NULL = this kind of driver never has. */
    int (*succeed)(void *old, const struct driver_options *options, const struct driver_host *host,
                   void **ret);
    int (*command)(void *driver, const struct device_command *command);
    void (*close)(void *driver); /* accepts NULL */
    const char *missing;         /* NULL = this build has it */
};

extern const struct driver_methods driver_can;
extern const struct driver_methods driver_mqtt;
extern const struct driver_methods driver_gpio;
extern const struct driver_methods driver_simulated;

/* Says why in `reterr`, and returns `result`. */
int driver_fail(char *reterr, int result, const char *format, ...) EDGE_PRINTF(3, 4);

/* The device's own word for the value; NULL if it has none, which then stands for itself. */
const char *driver_wire(const struct driver_options *options, const struct value *value);

/* How long the command is worth anything, in whole seconds, for MQTT 5. */
uint32_t driver_expiry_s(const struct device_command *command);

#endif
