#include "automation-node/standby/ownership.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_SIZE 129

/* Another owner's node. */
struct other {
    char node[ID_SIZE];
    bool offline;
    bool *devices; /* by own device: it claims it */
};

struct ownership {
    struct ownership_claim own;
    struct other others[OWNERSHIP_NODES_MAX];
    size_t count;
    size_t *lost_to; /* by own device: whose it is; OWNERSHIP_NOBODY: this node's */
    bool on_this_connection;
    bool ever;
};

int ownership_new(const struct ownership_claim *own, struct ownership **ret)
{
    struct ownership *o = calloc(1, sizeof(*o));
    if (o == NULL) {
        return -ENOMEM;
    }
    o->own = *own;
    o->lost_to = calloc(own->device_count + 1, sizeof(*o->lost_to));
    bool *devices = calloc(OWNERSHIP_NODES_MAX * (own->device_count + 1), sizeof(bool));
    o->others[0].devices = devices;
    if (o->lost_to == NULL || devices == NULL) {
        ownership_free(o);
        return -ENOMEM;
    }
    for (size_t i = 0; i < OWNERSHIP_NODES_MAX; i++) {
        o->others[i].devices = devices + i * (own->device_count + 1);
    }
    for (size_t i = 0; i < own->device_count; i++) {
        o->lost_to[i] = OWNERSHIP_NOBODY;
    }
    *ret = o;
    return 0;
}

void ownership_free(struct ownership *ownership)
{
    if (ownership != NULL) {
        free(ownership->others[0].devices);
        free(ownership->lost_to);
        free(ownership);
    }
}

void ownership_up(struct ownership *ownership)
{
    ownership->on_this_connection = false;
}

static struct other *find(struct ownership *o, const char *node)
{
    for (size_t i = 0; i < o->count; i++) {
        if (strcmp(o->others[i].node, node) == 0) {
            return &o->others[i];
        }
    }
    return NULL;
}

/* NULL: there is no room for more. */
static struct other *find_or_add(struct ownership *o, const char *node)
{
    struct other *other = find(o, node);
    if (other == NULL && o->count < OWNERSHIP_NODES_MAX) {
        other = &o->others[o->count++];
        (void)snprintf(other->node, sizeof(other->node), "%s", node);
    }
    return other;
}

static bool names(const struct ownership_claim *claim, const char *device)
{
    for (size_t i = 0; i < claim->device_count; i++) {
        if (strcmp(claim->devices[i], device) == 0) {
            return true;
        }
    }
    return false;
}

void ownership_hear(struct ownership *ownership, const struct ownership_claim *claim)
{
    struct ownership *o = ownership;
    const char *group = o->own.group;
    bool same = group != NULL && claim->group != NULL && strcmp(group, claim->group) == 0;
    if (strcmp(claim->node, o->own.node) == 0) {
        return;
    }
    struct other *other = find_or_add(o, claim->node);
    if (other == NULL) {
        return;
    }
    for (size_t i = 0; i < o->own.device_count; i++) {
        other->devices[i] = !same && names(claim, o->own.devices[i]);
        if (!other->devices[i] && o->lost_to[i] == (size_t)(other - o->others)) {
            o->lost_to[i] = OWNERSHIP_NOBODY;
        }
    }
}

void ownership_hear_status(struct ownership *ownership, const char *node, bool online)
{
    struct other *other = find(ownership, node);
    if (other != NULL) {
        other->offline = !online;
    }
}

bool ownership_settle(struct ownership *ownership)
{
    struct ownership *o = ownership;
    if (o->on_this_connection) {
        return false;
    }
    for (size_t i = 0; i < o->own.device_count; i++) {
        for (size_t k = 0; o->lost_to[i] == OWNERSHIP_NOBODY && k < o->count; k++) {
            const struct other *other = &o->others[k];
            o->lost_to[i] = other->devices[i] && !other->offline ? k : OWNERSHIP_NOBODY;
        }
    }
    o->on_this_connection = true;
    o->ever = true;
    return true;
}

bool ownership_is_settled(const struct ownership *ownership)
{
    return ownership->ever;
}

const char *ownership_other(const struct ownership *ownership, size_t device)
{
    size_t other = ownership->lost_to[device];
    return other != OWNERSHIP_NOBODY ? ownership->others[other].node : NULL;
}

size_t ownership_conflicts(const struct ownership *ownership)
{
    size_t count = 0;
    for (size_t i = 0; i < ownership->own.device_count; i++) {
        count += ownership->lost_to[i] != OWNERSHIP_NOBODY ? 1 : 0;
    }
    return count;
}

bool ownership_has_rivals(const struct ownership *ownership)
{
    bool has = false;
    for (size_t k = 0; k < ownership->count; k++) {
        for (size_t i = 0; i < ownership->own.device_count; i++) {
            has = has || (ownership->others[k].devices[i] && !ownership->others[k].offline);
        }
    }
    return has;
}

void ownership_set_own(struct ownership *ownership, const char *const *devices)
{
    ownership->own.devices = devices;
}
