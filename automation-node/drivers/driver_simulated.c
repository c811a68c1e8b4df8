/* A device that does not exist: it obeys, after a while, and shows it. For trying rules at a desk.
 */
#include "automation-node/drivers/driver_table.h"

#include <errno.h>
#include <stdlib.h>

struct simulated_device {
    struct driver_options options;
    struct driver_host host;
    struct value next; /* what it will show */
    struct timer timer;
};

static void on_time(void *context)
{
    struct simulated_device *device = context;
    device->host.shows(device->host.context, device->options.device, &device->next);
}

static int simulated_open(const struct driver_options *options, const struct driver_host *host,
                          void **ret, char *reterr)
{
    (void)reterr;
    struct simulated_device *device = calloc(1, sizeof(*device));
    if (device == NULL) {
        return -ENOMEM;
    }
    device->options = *options;
    device->host = *host;
    device->next = options->initial;
    device->timer = (struct timer){.fn = on_time, .context = device};
    loop_timer_after(host->loop, &device->timer, 0);
    *ret = device;
    return 0;
}

static void simulated_close(void *driver)
{
    struct simulated_device *device = driver;
    if (device != NULL) {
        loop_timer_cancel(device->host.loop, &device->timer);
        free(device);
    }
}

static int simulated_command(void *driver, const struct device_command *command)
{
    struct simulated_device *device = driver;
    device->next = command->value;
    loop_timer_after(device->host.loop, &device->timer, device->options.delay_us);
    return 0;
}

const struct driver_methods driver_simulated = {
    .open = simulated_open, .command = simulated_command, .close = simulated_close};
