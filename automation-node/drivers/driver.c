#include "automation-node/drivers/driver.h"

#include "automation-node/drivers/driver_table.h"

#include <errno.h>
#include <stdlib.h>

static const struct driver_methods *const drivers[] = {
    [DRIVER_CAN] = &driver_can,
};
_Static_assert(sizeof(drivers) / sizeof(drivers[0]) == DRIVER_COUNT, "a driver for each kind");

struct driver {
    const struct driver_methods *methods;
    void *instance;
};

int driver_new(const struct driver_options *options, const struct driver_host *host,
               struct driver **ret)
{
    struct driver *driver = calloc(1, sizeof(*driver));
    if (driver == NULL) {
        return -ENOMEM;
    }
    driver->methods = drivers[options->kind];
    int r = driver->methods->open(options, host, &driver->instance);
    if (r < 0) {
        free(driver);
        return r;
    }
    *ret = driver;
    return 0;
}

void driver_free(struct driver *driver)
{
    if (driver != NULL) {
        driver->methods->close(driver->instance);
        free(driver);
    }
}

int driver_command(struct driver *driver, const struct device_command *command)
{
    return driver->methods->command(driver->instance, command);
}
