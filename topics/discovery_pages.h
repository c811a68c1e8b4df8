/*
 * Devices to payloads: fills one payload after the other, and begins a new one where an entity does
 * not fit any more. Pure; the pages go to a function.
 */
#ifndef EDGE_TOPICS_DISCOVERY_PAGES_H
#define EDGE_TOPICS_DISCOVERY_PAGES_H

#include "topics/attributes.h"
#include "topics/payload_discovery.h"

#include <stddef.h>

/* A payload is full; all is borrowed. 0, or an error that ends the device. */
typedef int (*discovery_page_fn)(void *context, const char *topic, const char *payload,
                                 size_t length);

/* Open, so that it can be embedded; the fields are private. */
struct discovery_pages {
    const char *prefix;
    const char *node;
    discovery_page_fn page;
    void *context;
    const struct discovery_device *device;
    struct json_writer w;
    unsigned number; /* of the page of this device, from 1 on */
    size_t entities; /* in it */
    char text[DISCOVERY_PAYLOAD_MAX_BYTES];
};

/* `prefix` is Home Assistant's; `node` is who describes. All is borrowed. */
void discovery_pages_init(struct discovery_pages *pages, const char *prefix, const char *node,
                          discovery_page_fn page, void *context);

/* `device` stays borrowed until the end. */
void discovery_pages_begin(struct discovery_pages *pages, const struct discovery_device *device);

/* 0; -EMSGSIZE: larger than any page, left out; what the page function gave. */
TOPICS_MUST_CHECK int discovery_pages_entity(struct discovery_pages *pages,
                                             const struct discovery_entity *entity);

/* A device without entities is not told of. 0, or what the page function gave. */
TOPICS_MUST_CHECK int discovery_pages_end(struct discovery_pages *pages);

#endif
