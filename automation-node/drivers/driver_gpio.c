/* A line of this machine's GPIO: a relay, a lamp. */
#include "automation-node/drivers/driver_table.h"

#ifdef HAVE_GPIOD

#include <errno.h>
#include <gpiod.h>
#include <stdlib.h>
#include <string.h>

struct gpio_device {
    struct driver_options options;
    struct gpiod_chip *chip;
    struct gpiod_line *line;
};

static void gpio_close(void *driver)
{
    struct gpio_device *device = driver;
    if (device != NULL) {
        if (device->chip != NULL) {
            gpiod_chip_close(device->chip); /* releases its lines */
        }
        free(device);
    }
}

/* The level's word is "0" or "1": the plan has seen to that. */
static int level_of(const struct driver_options *options, const struct value *value)
{
    const char *wire = driver_wire(options, value);
    return wire != NULL && strcmp(wire, "1") == 0 ? 1 : 0;
}

static int request_line(struct gpio_device *device, char *reterr)
{
    const struct driver_gpio_options *gpio = &device->options.gpio;
    device->chip = gpiod_chip_open_lookup(gpio->chip);
    if (device->chip == NULL) {
        int error = errno;
        return driver_fail(reterr, -error,
                           "no chip '%s' (%s) - gpiodetect lists those of this machine; the user "
                           "needs the right to open /dev/%s (group gpio)",
                           gpio->chip, strerror(error), gpio->chip);
    }
    device->line = gpiod_chip_get_line(device->chip, gpio->line);
    int flags = gpio->active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
    const struct gpiod_line_request_config request = {
        .consumer = "automation-node",
        .request_type = GPIOD_LINE_REQUEST_DIRECTION_OUTPUT,
        .flags = flags,
    };
    if (device->line == NULL ||
        gpiod_line_request(device->line, &request,
                           level_of(&device->options, &device->options.initial)) < 0) {
        int error = errno;
        return driver_fail(reterr, -error,
                           "line %u of chip '%s' cannot be taken (%s) - gpioinfo %s tells which "
                           "lines there are and who has them",
                           gpio->line, gpio->chip, strerror(error), gpio->chip);
    }
    return 0;
}

static int gpio_open(const struct driver_options *options, const struct driver_host *host,
                     void **ret, char *reterr)
{
    (void)host;
    struct gpio_device *device = calloc(1, sizeof(*device));
    if (device == NULL) {
        return -ENOMEM;
    }
    device->options = *options;
    int r = request_line(device, reterr);
    if (r < 0) {
        gpio_close(device);
        return r;
    }
    *ret = device;
    return 0;
}

static int gpio_command(void *driver, const struct device_command *command)
{
    const struct gpio_device *device = driver;
    int level = level_of(&device->options, &command->value);
    return gpiod_line_set_value(device->line, level) < 0 ? -errno : 0;
}

const struct driver_methods driver_gpio = {
    .open = gpio_open, .command = gpio_command, .close = gpio_close};

#else

/* Never opened: the plan asks driver_missing() first. */
const struct driver_methods driver_gpio = {
    .missing = "this automation-node was built without libgpiod - install libgpiod-dev, then build "
               "it again"};

#endif
