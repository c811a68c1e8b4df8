#include "edge-gateway/app/bus_setup.h"

#include <errno.h>
#include <stdlib.h>

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

int bus_setup_open(const struct bus_plan *plan, struct loop *loop, size_t index,
                   const struct bus_handler *handler, struct bus **ret)
{
    const struct bus_config *config = plan->config;
    struct bus_filter *filters = config->socketcan.unknown ? NULL : filters_of(plan);
    if (filters == NULL && !config->socketcan.unknown) {
        return -ENOMEM;
    }
    const struct bus_options options = {
        .loop = loop,
        .index = (uint8_t)index,
        .name = config->name,
        .kind = kind_of(config->driver),
        .handler = *handler,
        .silence_us = config->no_traffic_after_us,
        .socketcan =
            {
                .interface =
                    config->socketcan.interface != NULL ? config->socketcan.interface : config->name,
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
    int r = bus_open(&options, ret);
    free(filters);
    return r;
}
