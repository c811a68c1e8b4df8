#include "edge-gateway/app/bus_setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define J1939_PGN_MASK  0x03FFFF00u /* SAE J1939-21, 5.2: without priority and source address */
#define J1939_PDU1_MASK 0x03FF0000u /* ... PDU 1: nor destination address */
#define J1939_PDU2_MIN  0xF0u       /* PDU format from which the next byte belongs to the group */

static struct bus_filter filter_of(const struct dbc_message *message)
{
    struct bus_filter filter = {message->can_id, UINT32_MAX, message->extended};
    if (message->j1939) {
        bool pdu2 = (message->can_id >> 16 & 0xFFu) >= J1939_PDU2_MIN;
        filter.mask = pdu2 ? J1939_PGN_MASK : J1939_PDU1_MASK;
    }
    return filter;
}

static struct bus_filter *filters_of(const struct bus_plan *plan)
{
    struct bus_filter *filters = calloc(plan->message_count + 1, sizeof(*filters));
    for (size_t i = 0; filters != NULL && i < plan->message_count; i++) {
        filters[i] = filter_of(plan->messages[i].message);
    }
    return filters;
}

static enum bus_kind kind_of(enum bus_driver_kind driver)
{
    static const enum bus_kind kinds[] = {
        [BUS_DRIVER_SOCKETCAN] = BUS_KIND_SOCKETCAN,
        [BUS_DRIVER_REPLAY] = BUS_KIND_REPLAY,
        [BUS_DRIVER_SIMULATE] = BUS_KIND_SIMULATE,
    };
    _Static_assert(sizeof(kinds) / sizeof(kinds[0]) == BUS_DRIVER_COUNT, "a kind for each driver");
    return kinds[driver];
}

static const char *interface_of(const struct bus_config *config)
{
    return config->socketcan.interface != NULL ? config->socketcan.interface : config->name;
}

/* `filters` may be NULL: all ids. */
static struct bus_options options_of(const struct bus_plan *plan, struct loop *loop, size_t index,
                                     const struct bus_handler *handler,
                                     const struct bus_filter *filters)
{
    const struct bus_config *config = plan->config;
    return (struct bus_options){
        .loop = loop,
        .index = (uint8_t)index,
        .name = config->name,
        .kind = kind_of(config->driver),
        .handler = *handler,
        .silence_us = config->no_traffic_after_us,
        .socketcan =
            {
                .interface = interface_of(config),
                .filters = filters,
                .filter_count = filters != NULL ? plan->message_count : 0,
                .receive_buffer_bytes = (uint32_t)config->socketcan.receive_buffer_bytes,
            },
        .replay =
            {
                .path = config->replay.file,
                .speed = config->replay.speed,
                .loop = config->replay.loop,
                .interface = config->replay.interface,
                .sent_path = config->replay.sent,
            },
        .simulate =
            {
                .time_factor = config->simulate.time_factor,
                .seed = (uint64_t)config->simulate.seed,
            },
    };
}

/* 0 or -ENOMEM. */
static int wanted_filters(const struct bus_plan *plan, struct bus_filter **ret)
{
    *ret = plan->config->socketcan.unknown ? NULL : filters_of(plan);
    return *ret == NULL && !plan->config->socketcan.unknown ? -ENOMEM : 0;
}

int bus_setup_open(const struct bus_plan *plan, struct loop *loop, size_t index,
                   const struct bus_handler *handler, struct bus **ret)
{
    struct bus_filter *filters;
    int r = wanted_filters(plan, &filters);
    if (r == 0) {
        const struct bus_options options = options_of(plan, loop, index, handler, filters);
        r = bus_open(&options, ret);
        free(filters);
    }
    return r;
}

int bus_setup_change(const struct bus_plan *plan, struct loop *loop, size_t index,
                     const struct bus_handler *handler, struct bus *bus)
{
    struct bus_filter *filters;
    int r = wanted_filters(plan, &filters);
    if (r == 0) {
        const struct bus_options options = options_of(plan, loop, index, handler, filters);
        r = bus_change(bus, &options);
        free(filters);
    }
    return r;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool replays_alike(const struct replay_config *a, const struct replay_config *b)
{
    return same_text(a->file, b->file) && same_text(a->interface, b->interface) &&
           same_text(a->sent, b->sent) && a->speed == b->speed && a->loop == b->loop;
}

bool bus_setup_alike(const struct bus_plan *a, const struct bus_plan *b)
{
    const struct bus_config *x = a->config;
    const struct bus_config *y = b->config;
    if (x->driver != y->driver) {
        return false;
    }
    switch (x->driver) {
    case BUS_DRIVER_SOCKETCAN:
        return strcmp(interface_of(x), interface_of(y)) == 0;
    case BUS_DRIVER_REPLAY:
        return replays_alike(&x->replay, &y->replay);
    case BUS_DRIVER_SIMULATE:
        return x->simulate.time_factor == y->simulate.time_factor &&
               x->simulate.seed == y->simulate.seed;
    case BUS_DRIVER_COUNT:
        break;
    }
    return false;
}
