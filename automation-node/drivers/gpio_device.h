/*
 * A device on a line of a GPIO chip, for the driver gpio. Who holds a line holds it alone, so after
 * a reload the new device shares the line with its predecessor until one of the two is closed: it
 * is never released in between, and keeps its level.
 */
#ifndef EDGE_AUTOMATION_NODE_DRIVERS_GPIO_DEVICE_H
#define EDGE_AUTOMATION_NODE_DRIVERS_GPIO_DEVICE_H

#include "automation-node/drivers/driver_table.h"

/* How lines are had: libgpiod, or a fake in tests. Levels are those of the line, 0 or 1. */
struct gpio_lines {
    /* Takes the line as an output with that level. 0 or -errno with a reason in `reterr`. */
    int (*request)(const struct driver_gpio_options *gpio, int level, void **ret, char *reterr);
    int (*set)(void *line, int level); /* 0 or -errno */
    void (*release)(void *line);
};

struct gpio_device;

/* 0 or -errno as `request`, or -ENOMEM. `lines` is borrowed. */
EDGE_MUST_CHECK int gpio_device_open(const struct gpio_lines *lines,
                                     const struct driver_options *options, struct gpio_device **ret,
                                     char *reterr);

/* With the line of `old`, whose level stays as it is. -ENOENT: that has another one, or shares it
 * already; -ENOMEM. */
EDGE_MUST_CHECK int gpio_device_succeed(struct gpio_device *old,
                                        const struct driver_options *options,
                                        struct gpio_device **ret);

/* The last one of those that share the line releases it. Accepts NULL. */
void gpio_device_close(struct gpio_device *device);

EDGE_MUST_CHECK int gpio_device_command(struct gpio_device *device,
                                        const struct device_command *command);

#endif
