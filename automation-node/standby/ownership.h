/*
 * Whose device is it? Each node says in its claim which devices it drives. Two owners of one device
 * - an owner is a group, or a node in none - is a mistake of somebody's: whoever claimed it first
 * drives it, the other does not until the first one's claim is gone (docs/standby.md).
 *
 * First is what the broker had when this node's own claim came to it: so that claim has to come
 * back before it is known. The claim of a node that is not there counts for nothing then.
 *
 * Pure. Nothing is allocated after ownership_new().
 */
#ifndef EDGE_AUTOMATION_STANDBY_OWNERSHIP_H
#define EDGE_AUTOMATION_STANDBY_OWNERSHIP_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OWNERSHIP_NODES_MAX 64
#define OWNERSHIP_NOBODY    SIZE_MAX

struct ownership_claim {
    const char *node;
    const char *group; /* NULL: in none */
    const char *const *devices;
    size_t device_count;
};

struct ownership;

/* `own` is borrowed. 0 or -ENOMEM. */
EDGE_MUST_CHECK int ownership_new(const struct ownership_claim *own, struct ownership **ret);
void ownership_free(struct ownership *ownership);

/* The connection is new: what others claim is told anew, and the own claim is on its way. */
void ownership_up(struct ownership *ownership);

/* The claim of another node; no devices: it has none any more. */
void ownership_hear(struct ownership *ownership, const struct ownership_claim *claim);
/* Whether a node is there; of interest if its claim was heard before. */
void ownership_hear_status(struct ownership *ownership, const char *node, bool online);

/* The own claim came back. True: it is the first time on this connection. */
bool ownership_settle(struct ownership *ownership);

/* It has, once. */
bool ownership_is_settled(const struct ownership *ownership);

/* The node whose device it is in spite of the own claim; NULL: this node may drive it. */
const char *ownership_other(const struct ownership *ownership, size_t device);

/* How many there are of those. */
size_t ownership_conflicts(const struct ownership *ownership);

/* Another owner's node that is there claims one of the devices. */
bool ownership_has_rivals(const struct ownership *ownership);

/* The same devices, in another place. */
void ownership_set_own(struct ownership *ownership, const char *const *devices);

#endif
