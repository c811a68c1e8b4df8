#include "edge-gateway/app/discovery_groups.h"

#include "edge-gateway/app/plan_discovery.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What Vector's tools write where nobody is said to send a message. */
#define NO_SENDER "Vector__XXX"

static bool is_same(const struct discovery_device_group *a, const struct discovery_device_group *b)
{
    return a->is_named == b->is_named && (a->is_named || a->bus == b->bus) && a->name != NULL &&
           strcmp(a->name, b->name) == 0;
}

/* A device that the configuration names can have messages of several buses. */
static size_t find_or_add(struct discovery_groups *g, const struct discovery_device_group *group)
{
    for (size_t i = 1; i < g->count; i++) {
        if (is_same(&g->groups[i], group)) {
            g->groups[i].bus = g->groups[i].bus == group->bus ? group->bus : DISCOVERY_SEVERAL;
            return i;
        }
    }
    g->groups[g->count] = *group;
    return g->count++;
}

static size_t group_of(struct discovery_groups *g, const struct bus_plan *bus, size_t bus_index,
                       const struct message_plan *message)
{
    enum discovery_group kind;
    struct discovery_device_group group = {.bus = bus_index};
    if (!plan_discovery_shows(bus, message)) {
        return DISCOVERY_NO_GROUP;
    }
    group.name = plan_discovery_device(bus, message, &kind);
    group.is_named = group.name != NULL;
    if (group.is_named) {
        return find_or_add(g, &group);
    }
    if (kind == DISCOVERY_GROUP_GATEWAY) {
        return DISCOVERY_GATEWAY;
    }
    const char *sender = message->message->sender;
    bool is_sent = sender[0] != '\0' && strcmp(sender, NO_SENDER) != 0;
    group.name = kind == DISCOVERY_GROUP_SENDER && is_sent ? sender : message->message->name;
    return find_or_add(g, &group);
}

static int allocate(struct discovery_groups *g, const struct gateway_plan *plan)
{
    size_t messages = 0;
    g->bus_count = plan->config->bus_count;
    g->of = calloc(g->bus_count + 1, sizeof(*g->of));
    for (size_t i = 0; g->of != NULL && i < g->bus_count; i++) {
        messages += plan->buses[i].message_count;
        g->of[i] = calloc(plan->buses[i].message_count + 1, sizeof(**g->of));
        if (g->of[i] == NULL) {
            return -ENOMEM;
        }
    }
    g->groups = calloc(messages + 1, sizeof(*g->groups));
    return g->of != NULL && g->groups != NULL ? 0 : -ENOMEM;
}

int discovery_groups_new(const struct gateway_plan *plan, struct discovery_groups **ret)
{
    struct discovery_groups *g = calloc(1, sizeof(*g));
    if (g == NULL) {
        return -ENOMEM;
    }
    if (allocate(g, plan) < 0) {
        discovery_groups_free(g);
        return -ENOMEM;
    }
    g->groups[g->count++] = (struct discovery_device_group){.bus = DISCOVERY_SEVERAL};
    for (size_t i = 0; i < g->bus_count; i++) {
        const struct bus_plan *bus = &plan->buses[i];
        for (size_t k = 0; k < bus->message_count; k++) {
            g->of[i][k] = group_of(g, bus, i, &bus->messages[k]);
        }
    }
    *ret = g;
    return 0;
}

void discovery_groups_free(struct discovery_groups *groups)
{
    if (groups == NULL) {
        return;
    }
    for (size_t i = 0; groups->of != NULL && i < groups->bus_count; i++) {
        free(groups->of[i]);
    }
    free(groups->of);
    free(groups->groups);
    free(groups);
}
