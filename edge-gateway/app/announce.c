#include "edge-gateway/app/announce.h"

#include "edge-gateway/app/catalog.h"
#include "edge-gateway/app/frame_log.h"
#include "topics/payload_metrics.h"
#include "topics/topic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct announcer {
    const struct gateway_plan *plan;
    struct environment env;
    int64_t started_us; /* wall clock */
    int64_t started_monotonic_us;
    size_t info_slot;
    size_t catalog_slot;
    size_t metrics_slot;
    size_t *bus_state_slots;
    char text[PAYLOAD_STATE_MAX_BYTES * 4];
};

static int add_slot(struct announcer *a, enum topic_kind kind, const char *bus, size_t payload_max,
                    size_t *ret_slot)
{
    char text[TOPIC_MAX_BYTES + 1];
    const struct topic topic = {.kind = kind, .site = a->env.site, .node = a->env.node, .bus = bus};
    int r = topic_format(a->env.prefix, &topic, text, sizeof(text));
    if (r < 0) {
        return r;
    }
    const struct lvq_slot_options options = {text, payload_max,
                                             topic_traits(kind)->retain == TOPIC_RETAIN_YES};
    return lvq_add(a->env.queue, &options, ret_slot);
}

static int add_slots(struct announcer *a)
{
    int r = add_slot(a, TOPIC_INFO, NULL, sizeof(a->text), &a->info_slot);
    if (r == 0) {
        r = add_slot(a, TOPIC_CATALOG, NULL, CATALOG_MAX_BYTES, &a->catalog_slot);
    }
    if (r == 0) {
        r = add_slot(a, TOPIC_METRICS, NULL, sizeof(a->text), &a->metrics_slot);
    }
    for (size_t i = 0; r == 0 && i < a->plan->config->bus_count; i++) {
        r = add_slot(a, TOPIC_BUS_STATE, a->plan->config->buses[i].name, PAYLOAD_STATE_MAX_BYTES,
                     &a->bus_state_slots[i]);
    }
    return r;
}

int announcer_new(const struct gateway_plan *plan, int64_t started_us,
                  const struct environment *environment, struct announcer **ret)
{
    struct announcer *a = calloc(1, sizeof(*a));
    if (a == NULL) {
        return -ENOMEM;
    }
    a->plan = plan;
    a->env = *environment;
    a->started_us = started_us;
    a->started_monotonic_us = loop_now_us(environment->loop);
    a->bus_state_slots = calloc(plan->config->bus_count + 1, sizeof(size_t));
    int r = a->bus_state_slots != NULL ? add_slots(a) : -ENOMEM;
    if (r < 0) {
        announcer_free(a);
        return r;
    }
    *ret = a;
    return 0;
}

void announcer_free(struct announcer *announcer)
{
    if (announcer != NULL) {
        free(announcer->bus_state_slots);
        free(announcer);
    }
}

void announcer_adopt(struct announcer *announcer, const struct announcer *from)
{
    announcer->started_monotonic_us = from->started_monotonic_us;
}

static void put(struct announcer *a, enum topic_kind kind, size_t slot, const char *text,
                size_t length)
{
    const struct lvq_item item = {
        .slot = slot, .payload = text, .length = length, .qos = topic_traits(kind)->qos};
    if (kind == TOPIC_INFO || kind == TOPIC_CATALOG) {
        (void)lvq_put_changed(a->env.queue, &item, loop_now_us(a->env.loop));
    } else {
        lvq_put(a->env.queue, &item, loop_now_us(a->env.loop));
    }
}

#define CAPABILITIES_MAX 3

static size_t list_capabilities(const struct gateway_config *config,
                                const char *ret[CAPABILITIES_MAX])
{
    size_t count = 0;
    ret[count++] = "set";
    if (config->store.enabled) {
        ret[count++] = "history";
    }
    if (config->dash_cam.enabled) {
        ret[count++] = "record";
    }
    return count;
}

void announce_info(struct announcer *announcer, uint64_t configuration)
{
    struct announcer *a = announcer;
    char hash[17];
    (void)snprintf(hash, sizeof(hash), "%016" PRIx64, configuration);
    const char **buses = calloc(a->plan->config->bus_count + 1, sizeof(char *));
    for (size_t i = 0; buses != NULL && i < a->plan->config->bus_count; i++) {
        buses[i] = a->plan->config->buses[i].name;
    }
    struct store_position log = {0};
    bool has_log = a->env.log != NULL && frame_log_position(a->env.log, &log);
    const char *capabilities[CAPABILITIES_MAX];
    size_t capability_count = list_capabilities(a->plan->config, capabilities);
    const struct payload_info info = {
        .program = "edge-gateway",
        .version = EDGE_VERSION,
        .started_us = a->started_us,
        .configuration = hash,
        .log = {has_log ? log.log_id : 0, log.acknowledged},
        .buses = {buses, buses != NULL ? a->plan->config->bus_count : 0},
        .capabilities = {capabilities, capability_count},
    };
    struct json_writer w;
    size_t length;
    json_writer_init(&w, a->text, sizeof(a->text));
    payload_info_write(&w, &info);
    if (json_writer_finish(&w, &length) == 0) {
        put(a, TOPIC_INFO, a->info_slot, a->text, length);
    }
    free(buses);
}

void announce_catalog(struct announcer *announcer, const char *text, size_t length)
{
    put(announcer, TOPIC_CATALOG, announcer->catalog_slot, text, length);
}

void announce_bus_state(struct announcer *announcer, size_t bus,
                        const struct payload_bus_state *state)
{
    struct json_writer w;
    size_t length;
    json_writer_init(&w, announcer->text, sizeof(announcer->text));
    payload_bus_state_write(&w, state);
    if (json_writer_finish(&w, &length) == 0) {
        put(announcer, TOPIC_BUS_STATE, announcer->bus_state_slots[bus], announcer->text, length);
    }
}

uint64_t announce_uptime_s(const struct announcer *announcer)
{
    const struct announcer *a = announcer;
    return (uint64_t)((loop_now_us(a->env.loop) - a->started_monotonic_us) / US_PER_S);
}

void announce_metrics(struct announcer *announcer,
                      void (*tell)(void *context, const struct counter_sink *sink), void *context)
{
    struct announcer *a = announcer;
    struct json_writer w;
    const struct counter_sink sink = {payload_metrics_group_begin, payload_metrics_counter,
                                      payload_metrics_counter,     payload_metrics_number,
                                      payload_metrics_group_end,   &w};
    size_t length;
    json_writer_init(&w, a->text, sizeof(a->text));
    payload_metrics_begin(&w, loop_realtime_us(a->env.loop), announce_uptime_s(a));
    tell(context, &sink);
    payload_metrics_end(&w);
    if (json_writer_finish(&w, &length) == 0) {
        put(a, TOPIC_METRICS, a->metrics_slot, a->text, length);
    }
}
