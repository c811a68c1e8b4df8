#include "automation-node/drivers/driver.h"

#include "automation-node/drivers/driver_table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct driver_methods *const drivers[] = {
    [DRIVER_CAN] = &driver_can,
    [DRIVER_MQTT] = &driver_mqtt,
    [DRIVER_GPIO] = &driver_gpio,
    [DRIVER_SIMULATED] = &driver_simulated,
};
_Static_assert(sizeof(drivers) / sizeof(drivers[0]) == DRIVER_COUNT, "a driver for each kind");

struct driver {
    const struct driver_methods *methods;
    void *instance;
};

const char *driver_missing(enum driver_kind kind)
{
    return drivers[kind]->missing;
}

/* -ENOENT: none of them has what the new one needs. */
static int take_from(struct driver *const *olds, size_t count, const struct driver_options *options,
                     const struct driver_host *host, struct driver *driver)
{
    int r = -ENOENT;
    for (size_t i = 0; r == -ENOENT && i < count; i++) {
        if (olds[i]->methods == driver->methods && driver->methods->succeed != NULL) {
            r = driver->methods->succeed(olds[i]->instance, options, host, &driver->instance);
        }
    }
    return r;
}

int driver_succeed(struct driver *const *olds, size_t old_count,
                   const struct driver_options *options, const struct driver_host *host,
                   struct driver **ret, char *reterr)
{
    struct driver *driver = calloc(1, sizeof(*driver));
    if (driver == NULL) {
        return driver_fail(reterr, -ENOMEM, "%s", strerror(ENOMEM));
    }
    reterr[0] = '\0';
    driver->methods = drivers[options->kind];
    int r = take_from(olds, old_count, options, host, driver);
    if (r == -ENOENT) {
        r = driver->methods->open(options, host, &driver->instance, reterr);
    }
    if (r < 0) {
        free(driver);
        return reterr[0] != '\0' ? r : driver_fail(reterr, r, "%s", strerror(-r));
    }
    *ret = driver;
    return 0;
}

int driver_new(const struct driver_options *options, const struct driver_host *host,
               struct driver **ret, char *reterr)
{
    return driver_succeed(NULL, 0, options, host, ret, reterr);
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

int driver_fail(char *reterr, int result, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(reterr, DRIVER_ERROR_SIZE, format, args);
    va_end(args);
    return result;
}

const char *driver_wire(const struct driver_options *options, const struct value *value)
{
    for (size_t i = 0; i < options->value_count; i++) {
        if (value_equal(&options->values[i].value, value)) {
            return options->values[i].wire;
        }
    }
    return NULL;
}

uint32_t driver_expiry_s(const struct device_command *command)
{
    return (uint32_t)((command->ttl_us + US_PER_S - 1) / US_PER_S);
}
