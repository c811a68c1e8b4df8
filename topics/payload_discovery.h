/*
 * Home Assistant's device discovery: one retained payload that describes a device with all its
 * entities.
 *
 *   {"dev":{"ids":["demo_gw1_can0_Climate"],"name":"Climate",...},"o":{"name":"edge-gateway",...},
 *    "avty":[{"t":"edge/demo/gw1/status"},...],"avty_mode":"all",
 *    "cmps":{"Climate_Temperature":{"p":"sensor","uniq_id":"...","stat_t":"...",...},...}}
 *
 * Written in steps: begin, each entity, end. A device whose entities do not fit in one payload is
 * written as several, each with the same `dev`: for Home Assistant it is one device.
 *
 * Keys that are not in the contract of the device's root lose the whole device, so the root is
 * written here and nowhere else.
 */
#ifndef EDGE_TOPICS_PAYLOAD_DISCOVERY_H
#define EDGE_TOPICS_PAYLOAD_DISCOVERY_H

#include "topics/discovery_entity.h"
#include "topics/json_writer.h"

/* Of one payload: brokers, and Home Assistant's own client, take more, but a broker's queue of
 * small devices does not. */
#define DISCOVERY_PAYLOAD_MAX_BYTES (32 * 1024)

/* All that the ends of a payload take, beside its entities. */
#define DISCOVERY_END_BYTES 16

/* NULL = left out, unless it is said otherwise. */
struct discovery_device {
    const char *id; /* required */
    const char *name;
    const char *manufacturer;
    const char *model;
    const char *software;
    const char *area;
    const char *via;    /* id of the device it is reached by */
    const char *origin; /* the program; required */
    const char *version;
    struct discovery_availabilities availability;
};

void payload_discovery_begin(struct json_writer *w, const struct discovery_device *device);
void payload_discovery_entity(struct json_writer *w, const struct discovery_entity *entity);
void payload_discovery_end(struct json_writer *w);

#endif
