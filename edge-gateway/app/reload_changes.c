#include "edge-gateway/app/reload_changes.h"

#include "common/config_compare.h"
#include "edge-gateway/alarm/alarm_equal.h"
#include "edge-gateway/app/bus_setup.h"
#include "edge-gateway/dbc/dbc_equal.h"
#include "topics/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_SIZE (2 * TOPIC_ID_MAX_BYTES + 2) /* "can0/Climate" */

static int add(struct reload_changes *changes, const char *kind, const char *id,
               enum payload_reload_change change)
{
    if (changes->count == changes->capacity) {
        size_t capacity = changes->capacity > 0 ? changes->capacity * 2 : 16;
        struct reload_change *items = reallocarray(changes->items, capacity, sizeof(*items));
        if (items == NULL) {
            return -ENOMEM;
        }
        changes->items = items;
        changes->capacity = capacity;
    }
    char *copy = strdup(id);
    if (copy == NULL) {
        return -ENOMEM;
    }
    changes->items[changes->count++] = (struct reload_change){kind, copy, change};
    return 0;
}

/* `is_there`: in the old configuration. */
static int add_fate(struct reload_changes *changes, const char *kind, const char *id, bool is_there,
                    bool is_same)
{
    if (is_there && is_same) {
        changes->kept++;
        return 0;
    }
    return add(changes, kind, id, is_there ? PAYLOAD_RELOAD_CHANGED : PAYLOAD_RELOAD_NEW);
}

static const struct bus_plan *find_bus(const struct gateway_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->config->bus_count; i++) {
        if (strcmp(plan->config->buses[i].name, name) == 0) {
            return &plan->buses[i];
        }
    }
    return NULL;
}

/* ---- messages and commands -------------------------------------------------------------- */

/* NULL: it has none of that id, or it is called otherwise. */
static const struct message_plan *find_message(const struct bus_plan *bus,
                                               const struct dbc_message *message)
{
    const struct dbc_message *found =
        dbc_find_by_id(bus->database, message->can_id, message->extended);
    bool is_it = found != NULL && found->can_id == message->can_id &&
                 strcmp(found->name, message->name) == 0;
    return is_it ? &bus->messages[found->index] : NULL;
}

static bool messages_alike(const struct message_plan *a, const struct message_plan *b)
{
    return dbc_messages_equal(a->message, b->message) && a->mode == b->mode &&
           a->layout == b->layout && a->delivery == b->delivery && a->priority == b->priority &&
           a->min_interval_us == b->min_interval_us && a->max_interval_us == b->max_interval_us &&
           a->stale_after_us == b->stale_after_us && a->silent_after_us == b->silent_after_us &&
           a->branch_count == b->branch_count &&
           memcmp(a->deadbands, b->deadbands, a->message->signal_count * sizeof(double)) == 0;
}

static void name(const struct bus_plan *bus, const struct dbc_message *message, char id[ID_SIZE])
{
    (void)snprintf(id, ID_SIZE, "%s/%s", bus->config->name, message->name);
}

static int find_messages(const struct bus_plan *old, const struct bus_plan *bus,
                         struct reload_changes *changes)
{
    char id[ID_SIZE];
    int r = 0;
    for (size_t i = 0; r == 0 && i < bus->message_count; i++) {
        const struct message_plan *message = &bus->messages[i];
        const struct message_plan *before = find_message(old, message->message);
        name(bus, message->message, id);
        r = add_fate(changes, "message", id, before != NULL,
                     before != NULL && messages_alike(before, message));
    }
    for (size_t i = 0; r == 0 && i < old->message_count; i++) {
        if (find_message(bus, old->messages[i].message) == NULL) {
            name(old, old->messages[i].message, id);
            r = add(changes, "message", id, PAYLOAD_RELOAD_REMOVED);
        }
    }
    return r;
}

static const struct command_rule *find_command(const struct bus_plan *bus, const char *message)
{
    for (size_t i = 0; i < bus->command_count; i++) {
        if (strcmp(bus->commands[i].message->name, message) == 0) {
            return &bus->commands[i];
        }
    }
    return NULL;
}

static bool texts_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool commands_alike(const struct command_rule *a, const struct command_rule *b)
{
    return dbc_messages_equal(a->message, b->message) && a->ttl_us == b->ttl_us &&
           a->min_interval_us == b->min_interval_us && texts_equal(a->group, b->group) &&
           memcmp(a->settable, b->settable, a->message->signal_count * sizeof(bool)) == 0;
}

static int find_commands(const struct bus_plan *old, const struct bus_plan *bus,
                         struct reload_changes *changes)
{
    char id[ID_SIZE];
    int r = 0;
    for (size_t i = 0; r == 0 && i < bus->command_count; i++) {
        const struct command_rule *rule = &bus->commands[i];
        const struct command_rule *before = find_command(old, rule->message->name);
        name(bus, rule->message, id);
        r = add_fate(changes, "command", id, before != NULL,
                     before != NULL && commands_alike(before, rule));
    }
    for (size_t i = 0; r == 0 && i < old->command_count; i++) {
        if (find_command(bus, old->commands[i].message->name) == NULL) {
            name(old, old->commands[i].message, id);
            r = add(changes, "command", id, PAYLOAD_RELOAD_REMOVED);
        }
    }
    return r;
}

/* ---- buses ------------------------------------------------------------------------------ */

static bool buses_alike(const struct bus_plan *a, const struct bus_plan *b)
{
    const struct bus_config *x = a->config;
    const struct bus_config *y = b->config;
    return bus_setup_alike(a, b) && x->socketcan.unknown == y->socketcan.unknown &&
           x->socketcan.receive_buffer_bytes == y->socketcan.receive_buffer_bytes &&
           x->no_traffic_after_us == y->no_traffic_after_us && x->learn_ids_us == y->learn_ids_us &&
           x->bitrate == y->bitrate;
}

static int find_buses(const struct gateway_plan *old, const struct gateway_plan *plan,
                      struct reload_changes *changes)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < plan->config->bus_count; i++) {
        const struct bus_plan *bus = &plan->buses[i];
        const struct bus_plan *before = find_bus(old, bus->config->name);
        r = add_fate(changes, "bus", bus->config->name, before != NULL,
                     before != NULL && buses_alike(before, bus));
        if (r == 0 && before != NULL) {
            r = find_messages(before, bus, changes);
            r = r < 0 ? r : find_commands(before, bus, changes);
        }
    }
    for (size_t i = 0; r == 0 && i < old->config->bus_count; i++) {
        if (find_bus(plan, old->config->buses[i].name) == NULL) {
            r = add(changes, "bus", old->config->buses[i].name, PAYLOAD_RELOAD_REMOVED);
        }
    }
    return r;
}

/* ---- alarms and the rest ---------------------------------------------------------------- */

/* They mostly come in the same order: from `next` on. */
static const struct alarm_spec *find_alarm(const struct alarm_plan *plan, const char *id,
                                           size_t *next)
{
    for (size_t n = 0; n < plan->count; n++) {
        size_t i = (*next + n) % plan->count;
        if (strcmp(plan->specs[i].id, id) == 0) {
            *next = i + 1;
            return &plan->specs[i];
        }
    }
    return NULL;
}

static int find_alarms(const struct gateway_plan *old, const struct gateway_plan *plan,
                       struct reload_changes *changes)
{
    size_t *places = calloc(plan->alarms.source_count + 1, sizeof(*places));
    size_t next = 0;
    int r = places != NULL ? 0 : -ENOMEM;
    if (r == 0) {
        alarm_plan_places(plan, old, places);
    }
    for (size_t i = 0; r == 0 && i < plan->alarms.count; i++) {
        const struct alarm_spec *spec = &plan->alarms.specs[i];
        const struct alarm_spec *before = find_alarm(&old->alarms, spec->id, &next);
        r = add_fate(changes, "alarm", spec->id, before != NULL,
                     before != NULL && alarm_specs_equal(spec, before, places));
    }
    next = 0;
    for (size_t i = 0; r == 0 && i < old->alarms.count; i++) {
        if (find_alarm(&plan->alarms, old->alarms.specs[i].id, &next) == NULL) {
            r = add(changes, "alarm", old->alarms.specs[i].id, PAYLOAD_RELOAD_REMOVED);
        }
    }
    free(places);
    return r;
}

static int find_sections(const struct gateway_config *old, const struct gateway_config *config,
                         struct reload_changes *changes)
{
    int r = 0;
    for (const struct config_key *key = gateway_config_schema.keys; r == 0 && key->name != NULL;
         key++) {
        bool is_list = key->shape == CONFIG_SHAPE_MAP || key->shape == CONFIG_SHAPE_LIST;
        if (!is_list && config_key_differs(key, old, config)) {
            r = add(changes, "section", key->name, PAYLOAD_RELOAD_CHANGED);
        }
    }
    return r;
}

int reload_changes_find(const struct gateway_plan *old, const struct gateway_plan *plan,
                        struct reload_changes *ret)
{
    *ret = (struct reload_changes){0};
    int r = find_sections(old->config, plan->config, ret);
    r = r < 0 ? r : find_buses(old, plan, ret);
    return r < 0 ? r : find_alarms(old, plan, ret);
}

void reload_changes_deinit(struct reload_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        free(changes->items[i].id);
    }
    free(changes->items);
    *changes = (struct reload_changes){0};
}

size_t reload_changes_count(const struct reload_changes *changes, enum payload_reload_change change)
{
    size_t count = 0;
    for (size_t i = 0; i < changes->count; i++) {
        count += changes->items[i].change == change;
    }
    return count;
}
