/* A signal of a message that a gateway puts on its bus: `.../can/<bus>/<message>/set`. */
#include "automation-node/drivers/driver_table.h"
#include "topics/json_writer.h"
#include "topics/payload_set.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdlib.h>

#define PAYLOAD_SIZE                                                             \
    1024 /* one signal with its name and label, a transaction, a master, a stamp \
          */

struct can_device {
    struct driver_options options;
    struct driver_host host;
    char topic[TOPIC_MAX_BYTES + 1];
};

static int can_open(const struct driver_options *options, const struct driver_host *host,
                    void **ret, char *reterr)
{
    struct can_device *device = calloc(1, sizeof(*device));
    if (device == NULL) {
        return -ENOMEM;
    }
    device->options = *options;
    device->host = *host;
    const struct topic topic = {
        .kind = TOPIC_MESSAGE_SET,
        .site = options->site,
        .node = options->command.gateway,
        .bus = options->command.bus,
        .message = options->command.message,
    };
    int r = topic_format(options->prefix, &topic, device->topic, sizeof(device->topic));
    if (r < 0) {
        free(device);
        return driver_fail(reterr, r, "its command makes no topic");
    }
    *ret = device;
    return 0;
}

static void can_close(void *driver)
{
    free(driver);
}

/* What the signal calls this value: its label, or the number itself. */
static struct payload_value wire_value(const struct driver_options *options,
                                       const struct value *value)
{
    const char *wire = driver_wire(options, value);
    if (wire != NULL) {
        return (struct payload_value){.type = PAYLOAD_TEXT, .text = wire};
    }
    if (value->kind == VALUE_NUMBER) {
        return (struct payload_value){.type = PAYLOAD_NUMBER, .number = value->number};
    }
    return (struct payload_value){.type = PAYLOAD_TEXT, .text = value->text};
}

static const struct payload_master *master_of(const struct can_device *device)
{
    const struct driver_host *host = &device->host;
    return host->master != NULL ? host->master(host->context) : NULL;
}

static int can_command(void *driver, const struct device_command *command)
{
    const struct can_device *device = driver;
    const struct payload_value value = wire_value(&device->options, &command->value);
    const struct driver_host *host = &device->host;
    const struct payload_stamp sent =
        host->now != NULL ? host->now(host->context) : (struct payload_stamp){0};
    uint64_t ttl_ms = (uint64_t)(command->ttl_us + 999) / 1000;
    char payload[PAYLOAD_SIZE];
    struct json_writer w;
    size_t length;
    json_writer_init(&w, payload, sizeof(payload));
    payload_set_begin(&w);
    payload_set_signal(&w, device->options.command.signal, &value);
    payload_set_end(&w, ttl_ms < PAYLOAD_TTL_MAX_MS ? ttl_ms : PAYLOAD_TTL_MAX_MS,
                    command->transaction, master_of(device), host->now != NULL ? &sent : NULL);
    int r = json_writer_finish(&w, &length);
    if (r < 0) {
        return r;
    }
    return host->publish(host->context, device->topic, payload, length, driver_expiry_s(command));
}

const struct driver_methods driver_can = {
    .open = can_open, .command = can_command, .close = can_close};
