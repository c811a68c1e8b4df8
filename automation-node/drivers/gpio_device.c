#include "automation-node/drivers/gpio_device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A line, and how many devices have it: two while one takes the place of the other. */
struct shared_line {
    const struct gpio_lines *lines;
    void *line;
    unsigned holders;
};

struct gpio_device {
    struct driver_options options;
    struct shared_line *shared;
};

/* The level's word is "0" or "1": the plan has seen to that. */
static int level_of(const struct driver_options *options, const struct value *value)
{
    const char *wire = driver_wire(options, value);
    int level = wire != NULL && strcmp(wire, "1") == 0 ? 1 : 0;
    return options->gpio.active_low ? 1 - level : level;
}

static struct gpio_device *new_device(const struct driver_options *options,
                                      struct shared_line *shared)
{
    struct gpio_device *device = calloc(1, sizeof(*device));
    if (device != NULL) {
        device->options = *options;
        device->shared = shared;
        shared->holders++;
    }
    return device;
}

static void drop(struct shared_line *shared)
{
    shared->lines->release(shared->line);
    free(shared);
}

int gpio_device_open(const struct gpio_lines *lines, const struct driver_options *options,
                     struct gpio_device **ret, char *reterr)
{
    struct shared_line *shared = calloc(1, sizeof(*shared));
    if (shared == NULL) {
        return -ENOMEM;
    }
    shared->lines = lines;
    int r =
        lines->request(&options->gpio, level_of(options, &options->initial), &shared->line, reterr);
    if (r < 0) {
        free(shared);
        return r;
    }
    struct gpio_device *device = new_device(options, shared);
    if (device == NULL) {
        drop(shared);
        return -ENOMEM;
    }
    *ret = device;
    return 0;
}

int gpio_device_succeed(struct gpio_device *old, const struct driver_options *options,
                        struct gpio_device **ret)
{
    const struct driver_gpio_options *had = &old->options.gpio;
    if (old->shared->holders > 1 || had->line != options->gpio.line ||
        strcmp(had->chip, options->gpio.chip) != 0) {
        return -ENOENT;
    }
    struct gpio_device *device = new_device(options, old->shared);
    if (device == NULL) {
        return -ENOMEM;
    }
    *ret = device;
    return 0;
}

void gpio_device_close(struct gpio_device *device)
{
    if (device == NULL) {
        return;
    }
    if (--device->shared->holders == 0) {
        drop(device->shared);
    }
    free(device);
}

int gpio_device_command(struct gpio_device *device, const struct device_command *command)
{
    return device->shared->lines->set(device->shared->line,
                                      level_of(&device->options, &command->value));
}
