#include "edge-gateway/app/discovery.h"

#include "edge-gateway/app/discovery_groups.h"
#include "edge-gateway/app/plan_discovery.h"
#include "topics/discovery_alarm.h"
#include "topics/discovery_diagnostics.h"
#include "topics/discovery_topic.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct builder {
    const struct gateway_plan *plan;
    struct discovery_groups *groups;
    struct discovery_pages pages;
    struct discovery_signal signal;
    struct discovery_device device;
    const struct discovery_device_group *group;
    size_t left_out;
    char device_id[DISCOVERY_ID_MAX_BYTES + 1];
    char gateway_id[DISCOVERY_ID_MAX_BYTES + 1];
    char device_name[DISCOVERY_NAME_SIZE];
    char status_topic[TOPIC_MAX_BYTES + 1];
    char (*bus_topics)[TOPIC_MAX_BYTES + 1]; /* states, by bus */
    char entity_name[2 * DISCOVERY_NAME_SIZE];
    uint64_t *names; /* hashes of the names of one device's entities, sorted */
    size_t name_count;
};

/* A signal of the plan. */
struct place {
    size_t bus;
    const struct message_plan *message;
    const struct dbc_signal *signal;
};

static int format_topic(const struct builder *b, enum topic_kind kind, const struct place *place,
                        char *text)
{
    const struct gateway_config *config = b->plan->config;
    const struct topic topic = {
        .kind = kind,
        .site = config->site,
        .node = config->node,
        .bus = config->buses[place->bus].name,
        .message = place->message != NULL ? place->message->message->name : NULL,
        .signal = place->signal != NULL ? place->signal->name : NULL,
    };
    return topic_format(config->broker.prefix, &topic, text, TOPIC_MAX_BYTES + 1);
}

/* The status of the gateway, and the state of the bus unless it is DISCOVERY_SEVERAL. */
static struct discovery_availabilities availability_of(const struct builder *b, size_t bus)
{
    struct discovery_availabilities list = {.items = {{b->status_topic, NULL}}, .count = 1};
    if (bus != DISCOVERY_SEVERAL) {
        list.items[list.count++] =
            (struct discovery_availability){b->bus_topics[bus], discovery_template_bus_usable()};
    }
    return list;
}

/* What cannot be told of is no reason to tell of nothing. */
static int add_entity(struct builder *b, const struct discovery_entity *entity)
{
    int r = discovery_pages_entity(&b->pages, entity);
    if (r == -EMSGSIZE) {
        b->left_out++;
        return 0;
    }
    return r;
}

/* --- the gateway's own health */

static int add_diagnostic(struct builder *b, size_t index, size_t bus)
{
    const struct gateway_config *config = b->plan->config;
    struct discovery_diagnostic diagnostic;
    char topic[TOPIC_MAX_BYTES + 1];
    char key[DISCOVERY_ID_MAX_BYTES + 1];
    char unique_id[DISCOVERY_ID_MAX_BYTES + 1];
    const struct place place = {.bus = bus != DISCOVERY_SEVERAL ? bus : 0};
    const char *bus_name = bus != DISCOVERY_SEVERAL ? config->buses[bus].name : NULL;
    int r = discovery_diagnostic(index, &diagnostic);
    if (r == 0) {
        r = format_topic(b, bus_name != NULL ? TOPIC_BUS_STATE : TOPIC_METRICS, &place, topic);
    }
    const char *const names[] = {config->site, config->node,
                                 bus_name != NULL ? bus_name : diagnostic.id,
                                 bus_name != NULL ? diagnostic.id : NULL, NULL};
    if (r == 0) {
        r = discovery_id(names, unique_id, sizeof(unique_id));
    }
    if (r == 0) {
        r = discovery_id(names + 2, key, sizeof(key));
    }
    if (r < 0) {
        b->left_out++;
        return 0;
    }
    if (bus_name != NULL) {
        (void)snprintf(b->entity_name, sizeof(b->entity_name), "%s %s", bus_name,
                       diagnostic.entity.name);
        diagnostic.entity.name = b->entity_name;
    }
    diagnostic.entity.key = key;
    diagnostic.entity.unique_id = unique_id;
    diagnostic.entity.state_topic = topic;
    return add_entity(b, &diagnostic.entity);
}

static int add_diagnostics(struct builder *b)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < discovery_diagnostic_count(); i++) {
        enum discovery_source source = discovery_diagnostic_source(i);
        for (size_t bus = 0;
             source == DISCOVERY_FROM_BUS_STATE && r == 0 && bus < b->plan->config->bus_count;
             bus++) {
            r = add_diagnostic(b, i, bus);
        }
        bool logs = b->plan->config->store.enabled;
        if (r == 0 &&
            (source == DISCOVERY_FROM_METRICS || (source == DISCOVERY_FROM_LOG_METRICS && logs))) {
            r = add_diagnostic(b, i, DISCOVERY_SEVERAL);
        }
    }
    return r;
}

/* --- its alarms */

static int add_alarm_entity(struct builder *b, const char *kind, const char *alarm,
                            const struct discovery_entity *without_ids)
{
    const struct gateway_config *config = b->plan->config;
    const char *const names[] = {config->site, config->node, kind, alarm, NULL};
    char key[DISCOVERY_ID_MAX_BYTES + 1];
    char unique_id[DISCOVERY_ID_MAX_BYTES + 1];
    if (discovery_id(names, unique_id, sizeof(unique_id)) < 0 ||
        discovery_id(names + 2, key, sizeof(key)) < 0) {
        b->left_out++;
        return 0;
    }
    struct discovery_entity entity = *without_ids;
    entity.key = key;
    entity.unique_id = unique_id;
    return add_entity(b, &entity);
}

/* Those that are there without anybody's asking are diagnostics, and their transitions are for
 * those who look for them. */
static int add_alarm(struct builder *b, const struct alarm_spec *spec)
{
    const struct gateway_config *config = b->plan->config;
    struct topic topic = {
        .kind = TOPIC_ALARM, .site = config->site, .node = config->node, .id = spec->id};
    char title[DISCOVERY_NAME_SIZE];
    char state_topic[TOPIC_MAX_BYTES + 1];
    char event_topic[TOPIC_MAX_BYTES + 1];
    const struct discovery_alarm_options options = {spec->id, title, state_topic, event_topic};
    struct discovery_alarm alarm;
    bool is_built_in = spec->condition.type == ALARM_TYPE_TOLD;
    discovery_name(spec->id, title, sizeof(title));
    int r = topic_format(config->broker.prefix, &topic, state_topic, sizeof(state_topic));
    topic.kind = TOPIC_ALARM_EVENT;
    r = r == 0 ? topic_format(config->broker.prefix, &topic, event_topic, sizeof(event_topic)) : r;
    r = r == 0 ? discovery_alarm(&options, &alarm) : r;
    if (r < 0) {
        b->left_out++;
        return 0;
    }
    alarm.state.category = is_built_in ? DISCOVERY_DIAGNOSTIC : DISCOVERY_PRIMARY;
    alarm.event.is_disabled = is_built_in;
    r = add_alarm_entity(b, "alarm", spec->id, &alarm.state);
    return r == 0 ? add_alarm_entity(b, "alarm_event", spec->id, &alarm.event) : r;
}

static int add_alarms(struct builder *b)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < b->plan->alarms.count; i++) {
        r = add_alarm(b, &b->plan->alarms.specs[i]);
    }
    return r;
}

/* --- signals */

/* FNV-1a. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *text != '\0'; text++) {
        hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
    }
    return hash;
}

static int compare_hashes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y ? 1 : 0;
}

static bool is_ambiguous(const struct builder *b, const char *name)
{
    uint64_t hash = hash_of(name);
    const uint64_t *found = bsearch(&hash, b->names, b->name_count, sizeof(hash), compare_hashes);
    return found != NULL && ((found > b->names && found[-1] == hash) ||
                             (found + 1 < b->names + b->name_count && found[1] == hash));
}

/* Two signals of one device can have the same name: then their messages tell them apart. */
static void qualify_name(struct builder *b, const struct place *place,
                         const struct discovery_wish *wish, struct discovery_entity *entity)
{
    if (wish->name != NULL || !is_ambiguous(b, entity->name)) {
        return;
    }
    char message[DISCOVERY_NAME_SIZE];
    char signal[DISCOVERY_NAME_SIZE];
    const char *bus = b->group->bus == DISCOVERY_SEVERAL && b->plan->config->bus_count > 1
                          ? b->plan->config->buses[place->bus].name
                          : "";
    discovery_name(place->message->message->name, message, sizeof(message));
    discovery_name(place->signal->name, signal, sizeof(signal));
    int n = snprintf(b->entity_name, sizeof(b->entity_name), "%s%s%s: %s", bus,
                     bus[0] != '\0' ? " " : "", message, signal);
    if (n > 0 && (size_t)n < sizeof(b->entity_name)) {
        entity->name = discovery_name_within(b->entity_name, b->device_name);
    }
}

static int describe(struct builder *b, const struct place *place, struct discovery_wish *wish)
{
    const struct discovery_signal_options options = {
        .message = place->message->message,
        .signal = place->signal,
        .is_plain = place->message->layout == LAYOUT_SIGNAL,
        .device_name = b->device_name,
        .wish = wish,
    };
    if (!plan_discovery_wish(place->message, place->signal, wish)) {
        return -ENOENT;
    }
    return topic_id_is_valid(place->signal->name) ? discovery_signal(&options, &b->signal)
                                                  : -EMSGSIZE;
}

static int note_name(struct builder *b, const struct place *place)
{
    struct discovery_wish wish;
    if (describe(b, place, &wish) == 0) {
        b->names[b->name_count++] = hash_of(b->signal.entity.name);
    }
    return 0;
}

static int add_signal(struct builder *b, const struct place *place)
{
    const struct gateway_config *config = b->plan->config;
    const char *bus = config->buses[place->bus].name;
    bool is_of_one_bus = b->group->bus != DISCOVERY_SEVERAL;
    struct discovery_wish wish;
    struct discovery_entity *entity = &b->signal.entity;
    char topic[TOPIC_MAX_BYTES + 1];
    char key[DISCOVERY_ID_MAX_BYTES + 1];
    char unique_id[DISCOVERY_ID_MAX_BYTES + 1];
    int r = describe(b, place, &wish);
    if (r == -ENOENT) {
        return 0;
    }
    bool is_plain = place->message->layout == LAYOUT_SIGNAL;
    if (r == 0) {
        r = format_topic(b, is_plain ? TOPIC_SIGNAL : TOPIC_READING, place, topic);
    }
    const char *const names[] = {
        config->site, config->node, bus, place->message->message->name, place->signal->name, NULL};
    if (r == 0) {
        r = discovery_id(names, unique_id, sizeof(unique_id));
    }
    if (r == 0) {
        r = discovery_id(names + (is_of_one_bus ? 3 : 2), key, sizeof(key));
    }
    if (r < 0) {
        b->left_out++;
        return 0;
    }
    const struct discovery_availabilities availability = availability_of(b, place->bus);
    qualify_name(b, place, &wish, entity);
    entity->key = key;
    entity->unique_id = unique_id;
    entity->state_topic = topic;
    entity->availability = is_of_one_bus ? NULL : &availability;
    return add_entity(b, entity);
}

/* Each signal of the messages of that group. */
static int for_signals(struct builder *b, size_t group,
                       int (*fn)(struct builder *b, const struct place *place))
{
    int r = 0;
    for (size_t i = 0; i < b->plan->config->bus_count; i++) {
        for (size_t k = 0; k < b->plan->buses[i].message_count; k++) {
            const struct message_plan *message = &b->plan->buses[i].messages[k];
            for (uint16_t s = 0;
                 r == 0 && b->groups->of[i][k] == group && s < message->message->signal_count;
                 s++) {
                r = fn(b, &(struct place){i, message, &message->message->signals[s]});
            }
        }
    }
    return r;
}

/* --- devices */

static size_t count_signals(const struct builder *b)
{
    size_t count = 1;
    for (size_t i = 0; i < b->plan->config->bus_count; i++) {
        for (size_t k = 0; k < b->plan->buses[i].message_count; k++) {
            count += b->plan->buses[i].messages[k].message->signal_count;
        }
    }
    return count;
}

/* Its id and its name. */
static int name_device(struct builder *b, size_t group)
{
    const struct gateway_config *config = b->plan->config;
    const struct discovery_device_group *g = &b->groups->groups[group];
    const char *own = config->home_assistant.name;
    if (group == DISCOVERY_GATEWAY) {
        (void)snprintf(b->device_name, sizeof(b->device_name), "%s",
                       own != NULL ? own : config->node);
        memcpy(b->device_id, b->gateway_id, sizeof(b->device_id));
        return 0;
    }
    const char *const named[] = {config->site, config->node, g->name, NULL};
    const char *const found[] = {config->site, config->node,
                                 g->is_named ? NULL : config->buses[g->bus].name, g->name, NULL};
    if (g->is_named) {
        (void)snprintf(b->device_name, sizeof(b->device_name), "%s", g->name);
    } else {
        discovery_name(g->name, b->device_name, sizeof(b->device_name));
    }
    return discovery_id(g->is_named ? named : found, b->device_id, sizeof(b->device_id));
}

static int add_device(struct builder *b, size_t group)
{
    const struct gateway_config *config = b->plan->config;
    bool is_gateway = group == DISCOVERY_GATEWAY;
    b->group = &b->groups->groups[group];
    int r = name_device(b, group);
    if (r < 0) {
        b->left_out++;
        return 0;
    }
    b->device = (struct discovery_device){
        .id = b->device_id,
        .name = b->device_name,
        .model = is_gateway ? "edge-gateway" : NULL,
        .software = is_gateway ? EDGE_VERSION : NULL,
        .area = config->home_assistant.area,
        .via = is_gateway ? NULL : b->gateway_id,
        .origin = "edge-gateway",
        .version = EDGE_VERSION,
        .availability = availability_of(b, b->group->bus),
    };
    b->name_count = 0;
    (void)for_signals(b, group, note_name);
    qsort(b->names, b->name_count, sizeof(*b->names), compare_hashes);
    discovery_pages_begin(&b->pages, &b->device);
    r = is_gateway ? add_diagnostics(b) : 0;
    if (r == 0 && is_gateway) {
        r = add_alarms(b);
    }
    if (r == 0) {
        r = for_signals(b, group, add_signal);
    }
    return r == 0 ? discovery_pages_end(&b->pages) : r;
}

static int prepare(struct builder *b)
{
    const struct gateway_config *config = b->plan->config;
    const char *const gateway[] = {config->site, config->node, NULL};
    int r = discovery_groups_new(b->plan, &b->groups);
    b->names = calloc(count_signals(b), sizeof(*b->names));
    b->bus_topics = calloc(config->bus_count + 1, sizeof(*b->bus_topics));
    if (r < 0 || b->names == NULL || b->bus_topics == NULL) {
        return -ENOMEM;
    }
    r = discovery_id(gateway, b->gateway_id, sizeof(b->gateway_id));
    if (r == 0) {
        r = format_topic(b, TOPIC_STATUS, &(struct place){0}, b->status_topic);
    }
    for (size_t i = 0; r == 0 && i < config->bus_count; i++) {
        r = format_topic(b, TOPIC_BUS_STATE, &(struct place){.bus = i}, b->bus_topics[i]);
    }
    return r;
}

int discovery_build(const struct gateway_plan *plan, discovery_page_fn page, void *context,
                    size_t *ret_left_out)
{
    struct builder *b = calloc(1, sizeof(*b));
    if (b == NULL) {
        return -ENOMEM;
    }
    b->plan = plan;
    discovery_pages_init(&b->pages, plan->config->home_assistant.prefix, plan->config->node, page,
                         context);
    int r = prepare(b);
    for (size_t i = 0; r == 0 && i < b->groups->count; i++) {
        r = add_device(b, i);
    }
    if (r == 0) {
        *ret_left_out = b->left_out;
    }
    discovery_groups_free(b->groups);
    free(b->names);
    free(b->bus_topics);
    free(b);
    return r;
}
