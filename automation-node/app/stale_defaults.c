#include "automation-node/app/stale_defaults.h"

#include "common/clock.h"
#include "common/log.h"
#include "topics/topic.h"

#include <string.h>

/* A gateway says of each message when its last reading is stale. DBC files only know the cycle;
 * then it is what a gateway does where nothing is configured: it repeats a value every 10 s, and a
 * few lost frames are no fault. */
#define REPEATED_US (10 * US_PER_S)
#define CYCLES      3

static bool is_open(const struct node_plan *plan, size_t input)
{
    return plan->stale_open[input] && plan->sources[input].gateway != NULL;
}

/* Whether an earlier input needs the same catalog. */
static bool is_repeated(const struct node_plan *plan, size_t input)
{
    for (size_t i = 0; i < input; i++) {
        if (is_open(plan, i) &&
            strcmp(plan->sources[i].gateway, plan->sources[input].gateway) == 0) {
            return true;
        }
    }
    return false;
}

int stale_defaults_subscribe(const struct node_plan *plan,
                             int (*subscribe)(void *context, const char *filter), void *context)
{
    for (size_t i = 0; i < plan->engine.input_count; i++) {
        const struct topic topic = {
            .kind = TOPIC_CATALOG, .site = plan->config->site, .node = plan->sources[i].gateway};
        char filter[TOPIC_MAX_BYTES + 1];
        if (!is_open(plan, i) || is_repeated(plan, i)) {
            continue;
        }
        int r = topic_filter_format(plan->config->broker.prefix, &topic, filter, sizeof(filter));
        r = r == 0 ? subscribe(context, filter) : r;
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int64_t stale_default_us(const struct node_plan *plan, const struct payload_catalog *catalog,
                         bool any_bus, size_t input)
{
    const struct signal_path *path = &plan->sources[input];
    struct payload_catalog_found found;
    if (!is_open(plan, input) ||
        payload_catalog_find(catalog, any_bus ? NULL : path->bus, path->message, path->signal,
                             &found) != PAYLOAD_CATALOG_FOUND) {
        return -1;
    }
    if (found.stale_ms >= 0) {
        return (int64_t)(found.stale_ms * US_PER_MS);
    }
    return found.cycle_ms > 0 ? REPEATED_US * 3 / 2 + (int64_t)(found.cycle_ms * CYCLES * US_PER_MS)
                              : -1;
}

static void learn(const struct stale_defaults_options *o, const struct payload_catalog *catalog,
                  const char *gateway)
{
    for (size_t i = 0; i < o->plan->engine.input_count; i++) {
        if (is_open(o->plan, i) && strcmp(o->plan->sources[i].gateway, gateway) == 0) {
            int64_t span_us = stale_default_us(o->plan, catalog, false, i);
            if (span_us >= 0) {
                o->learn(o->context, i, span_us);
            }
        }
    }
}

static bool is_needed(const struct node_plan *plan, const char *gateway)
{
    for (size_t i = 0; i < plan->engine.input_count; i++) {
        if (is_open(plan, i) && strcmp(plan->sources[i].gateway, gateway) == 0) {
            return true;
        }
    }
    return false;
}

bool stale_defaults_on_message(const struct stale_defaults_options *options,
                               const struct mqtt_received *message)
{
    const struct node_config *config = options->plan->config;
    struct topic_parsed topic;
    if (topic_parse(config->broker.prefix, message->topic, &topic) < 0 ||
        topic.kind != TOPIC_CATALOG || strcmp(topic.site, config->site) != 0 ||
        !is_needed(options->plan, topic.node)) {
        return false;
    }
    struct payload_catalog *catalog;
    struct payload_error error;
    if (message->length == 0) {
        return true; /* it was deleted: nobody knows better than before */
    }
    if (payload_catalog_decode(message->payload, message->length, &catalog, &error) < 0) {
        log_warning("inputs", "%s: not used: %s", message->topic, error.text);
        return true;
    }
    learn(options, catalog, topic.node);
    payload_catalog_free(catalog);
    return true;
}
