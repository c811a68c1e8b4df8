#include "edge-gateway/bus/bus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "edge-gateway/bus/bus_driver.h"
#include "edge-gateway/bus/bus_port.h"

#define CLASSIC_DATA_MAX_BYTES 8

static const struct bus_driver *const drivers[] = {
    [BUS_KIND_SOCKETCAN] = &bus_socketcan_driver,
    [BUS_KIND_REPLAY] = &bus_replay_driver,
    [BUS_KIND_SIMULATE] = &bus_simulate_driver,
};
_Static_assert(sizeof(drivers) / sizeof(drivers[0]) == BUS_KIND_COUNT, "a driver per kind");

static const char *const state_texts[] = {
    [BUS_STATE_DOWN] = "down",
    [BUS_STATE_UP] = "up",
    [BUS_STATE_NO_TRAFFIC] = "no_traffic",
    [BUS_STATE_ERROR_WARNING] = "error_warning",
    [BUS_STATE_ERROR_PASSIVE] = "error_passive",
    [BUS_STATE_BUS_OFF] = "bus_off",
};
_Static_assert(sizeof(state_texts) / sizeof(state_texts[0]) == BUS_STATE_COUNT, "a text per state");

static const char *const error_class_texts[] = {
    [BUS_ERROR_TX_TIMEOUT] = "tx_timeout",   [BUS_ERROR_LOST_ARBITRATION] = "lost_arbitration",
    [BUS_ERROR_CONTROLLER] = "controller",   [BUS_ERROR_PROTOCOL] = "protocol",
    [BUS_ERROR_TRANSCEIVER] = "transceiver", [BUS_ERROR_NO_ACK] = "no_ack",
    [BUS_ERROR_BUS_OFF] = "bus_off",         [BUS_ERROR_BUS_ERROR] = "bus_error",
    [BUS_ERROR_RESTARTED] = "restarted",
};
_Static_assert(sizeof(error_class_texts) / sizeof(error_class_texts[0]) == BUS_ERROR_CLASS_COUNT,
               "a text per error class");

struct bus {
    const struct bus_driver *driver;
    void *driver_state;
    struct bus_port port;
};

bool bus_kind_from_text(const char *text, enum bus_kind *ret)
{
    for (size_t i = 0; i < BUS_KIND_COUNT; i++) {
        if (strcmp(drivers[i]->name, text) == 0) {
            *ret = (enum bus_kind)i;
            return true;
        }
    }
    return false;
}

const char *bus_kind_text(enum bus_kind kind)
{
    return drivers[kind]->name;
}

const char *bus_state_text(enum bus_state state)
{
    return state_texts[state];
}

const char *bus_error_class_text(enum bus_error_class class)
{
    return error_class_texts[class];
}

int bus_open(const struct bus_options *options, struct bus **ret)
{
    if (options->loop == NULL || options->handler.frames == NULL || options->silence_us < 0 ||
        (unsigned)options->kind >= BUS_KIND_COUNT) {
        return -EINVAL;
    }
    struct bus *bus = calloc(1, sizeof(*bus));
    if (bus == NULL) {
        return -ENOMEM;
    }
    bus->driver = drivers[options->kind];
    bus_port_init(&bus->port, options);
    int r = bus->driver->open(&bus->port, options, &bus->driver_state);
    if (r < 0) {
        free(bus);
        return r;
    }
    *ret = bus;
    return 0;
}

void bus_free(struct bus *bus)
{
    if (bus == NULL) {
        return;
    }
    bus->driver->free(bus->driver_state);
    bus_port_deinit(&bus->port);
    free(bus);
}

int bus_start(struct bus *bus)
{
    return bus->driver->start(bus->driver_state);
}

int bus_change(struct bus *bus, const struct bus_options *options)
{
    bus_port_change(&bus->port, options);
    return bus->driver->change != NULL ? bus->driver->change(bus->driver_state, options) : 0;
}

/* ISO 11898-1:2015, table 5: an FD data field has 0 to 8, 12, 16, 20, 24, 32, 48 or 64 bytes. */
static bool fd_length_exists(uint8_t len)
{
    if (len <= 24) {
        return len <= 8 || len % 4 == 0;
    }
    return len == 32 || len == 48 || len == 64;
}

static bool frame_exists(const struct frame *frame)
{
    uint32_t id_max =
        (frame->flags & FRAME_EXTENDED) != 0 ? FRAME_ID_EXTENDED_MAX : FRAME_ID_STANDARD_MAX;
    if (frame->can_id > id_max || (frame->flags & FRAME_ERROR) != 0) {
        return false;
    }
    if ((frame->flags & FRAME_FD) == 0) {
        return frame->len <= CLASSIC_DATA_MAX_BYTES;
    }
    return (frame->flags & FRAME_REMOTE) == 0 && fd_length_exists(frame->len);
}

static int send_checked(struct bus *bus, const struct frame *frame)
{
    if (!frame_exists(frame)) {
        return -EINVAL;
    }
    /* The kernel would take the frame and the controller drop it: that is no success. */
    if (bus->port.driver_state == BUS_STATE_BUS_OFF) {
        return -ENETDOWN;
    }
    return bus->driver->send(bus->driver_state, frame);
}

int bus_send(struct bus *bus, const struct frame *frame)
{
    int r = send_checked(bus, frame);
    if (r < 0) {
        bus->port.stats.send_failed++;
        return r;
    }
    bus->port.stats.sent++;
    return 0;
}

void bus_stats(const struct bus *bus, struct bus_stats *ret)
{
    if (bus->driver->refresh != NULL) {
        bus->driver->refresh(bus->driver_state);
    }
    *ret = bus->port.stats;
}
