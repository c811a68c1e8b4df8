/*
 * What a reload makes of each thing that the configuration names: buses, messages, commands,
 * alarms, and the other sections of the file. For who asked for it, and for the log.
 */
#ifndef EDGE_GATEWAY_APP_RELOAD_CHANGES_H
#define EDGE_GATEWAY_APP_RELOAD_CHANGES_H

#include "common/attributes.h"
#include "edge-gateway/app/plan.h"
#include "topics/payload_reload.h"

#include <stddef.h>
#include <stdint.h>

struct reload_change {
    const char *kind; /* "bus", "message", "command", "alarm", "section"; static */
    char *id;
    enum payload_reload_change change;
};

/* {0} is none. */
struct reload_changes {
    uint64_t kept; /* things that go on as they were */
    struct reload_change *items;
    size_t count;
    size_t capacity;
};

/* 0 or -ENOMEM; deinit in any case. Of a bus that is new or gone, its messages are not told. */
EDGE_MUST_CHECK int reload_changes_find(const struct gateway_plan *old,
                                        const struct gateway_plan *plan,
                                        struct reload_changes *ret);
void reload_changes_deinit(struct reload_changes *changes);

/* How many there are of one kind of change. */
size_t reload_changes_count(const struct reload_changes *changes,
                            enum payload_reload_change change);

#endif
