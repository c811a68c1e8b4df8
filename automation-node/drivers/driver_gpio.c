/* A line of this machine's GPIO: a relay, a lamp. */
#include "automation-node/drivers/driver_table.h"

#ifdef HAVE_GPIOD

#include "automation-node/drivers/gpio_device.h"

#include <errno.h>
#include <gpiod.h>
#include <string.h>

/* What holds a line is its chip: closing that releases it. */
static int request_line(const struct driver_gpio_options *gpio, int level, void **ret, char *reterr)
{
    struct gpiod_chip *chip = gpiod_chip_open_lookup(gpio->chip);
    if (chip == NULL) {
        int error = errno;
        return driver_fail(reterr, -error,
                           "no chip '%s' (%s) - gpiodetect lists those of this machine; the user "
                           "needs the right to open /dev/%s (group gpio)",
                           gpio->chip, strerror(error), gpio->chip);
    }
    struct gpiod_line *line = gpiod_chip_get_line(chip, gpio->line);
    if (line == NULL || gpiod_line_request_output(line, "automation-node", level) < 0) {
        int error = errno;
        gpiod_chip_close(chip);
        return driver_fail(reterr, -error,
                           "line %u of chip '%s' cannot be taken (%s) - gpioinfo %s tells which "
                           "lines there are and who has them",
                           gpio->line, gpio->chip, strerror(error), gpio->chip);
    }
    *ret = line;
    return 0;
}

static int set_line(void *line, int level)
{
    return gpiod_line_set_value(line, level) < 0 ? -errno : 0;
}

static void release_line(void *line)
{
    gpiod_chip_close(gpiod_line_get_chip(line));
}

static const struct gpio_lines lines = {request_line, set_line, release_line};

static int gpio_open(const struct driver_options *options, const struct driver_host *host,
                     void **ret, char *reterr)
{
    struct gpio_device *device;
    (void)host;
    int r = gpio_device_open(&lines, options, &device, reterr);
    if (r == 0) {
        *ret = device;
    }
    return r;
}

static int gpio_succeed(void *old, const struct driver_options *options,
                        const struct driver_host *host, void **ret)
{
    struct gpio_device *device;
    (void)host;
    int r = gpio_device_succeed(old, options, &device);
    if (r == 0) {
        *ret = device;
    }
    return r;
}

static int gpio_command(void *driver, const struct device_command *command)
{
    return gpio_device_command(driver, command);
}

static void gpio_close(void *driver)
{
    gpio_device_close(driver);
}

const struct driver_methods driver_gpio = {
    .open = gpio_open, .succeed = gpio_succeed, .command = gpio_command, .close = gpio_close};

#else

/* Never opened: the plan asks driver_missing() first. */
const struct driver_methods driver_gpio = {
    .missing = "this automation-node was built without libgpiod - install libgpiod-dev, then build "
               "it again"};

#endif
