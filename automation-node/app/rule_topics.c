#include "automation-node/app/rule_topics.h"

#include "automation-node/app/payload_of_value.h"
#include "automation-node/app/state_payload.h"
#include "common/log.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rule_topics {
    struct rule_topics_options options;
    size_t *slots; /* by item: rules as the engine numbers them, then schedules */
    struct rule_topics_stats stats;
};

static const struct node_config *config_of(const struct rule_topics *t)
{
    return t->options.plan->config;
}

static size_t item_count(const struct rule_topics *t)
{
    return config_of(t)->rule_count + config_of(t)->schedule_count;
}

static bool is_schedule(const struct rule_topics *t, size_t item)
{
    return item >= config_of(t)->rule_count;
}

static const char *name_of(const struct rule_topics *t, size_t item)
{
    const struct node_config *config = config_of(t);
    return is_schedule(t, item) ? config->schedules[item - config->rule_count].name
                                : config->rules[t->options.plan->config_rules[item]].name;
}

static int format_topic(const struct rule_topics *t, enum topic_kind kind, size_t item, char *text,
                        size_t size)
{
    const struct node_config *config = config_of(t);
    const struct topic topic = {
        .kind = kind, .site = config->site, .node = config->node, .id = name_of(t, item)};
    return topic_format(config->broker.prefix, &topic, text, size);
}

static enum topic_kind state_kind(const struct rule_topics *t, size_t item)
{
    return is_schedule(t, item) ? TOPIC_SCHEDULE_STATE : TOPIC_RULE_STATE;
}

static int add_slots(struct rule_topics *t)
{
    for (size_t i = 0; i < item_count(t); i++) {
        char text[TOPIC_MAX_BYTES + 1];
        int r = format_topic(t, state_kind(t, i), i, text, sizeof(text));
        if (r == 0) {
            const struct lvq_slot_options options = {text, PAYLOAD_STATE_MAX_BYTES, true};
            r = lvq_add(t->options.queue, &options, &t->slots[i]);
        }
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int rule_topics_new(const struct rule_topics_options *options, struct rule_topics **ret)
{
    struct rule_topics *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return -ENOMEM;
    }
    t->options = *options;
    t->slots = calloc(item_count(t) + 1, sizeof(*t->slots));
    int r = t->slots != NULL ? add_slots(t) : -ENOMEM;
    if (r < 0) {
        rule_topics_free(t);
        return r;
    }
    *ret = t;
    return 0;
}

void rule_topics_free(struct rule_topics *topics)
{
    if (topics != NULL) {
        free(topics->slots);
        free(topics);
    }
}

int rule_topics_subscribe(const struct rule_topics *topics,
                          int (*subscribe)(void *context, const char *filter), void *context)
{
    static const enum topic_kind kinds[] = {TOPIC_RULE_SET, TOPIC_SCHEDULE_SET};
    const struct node_config *config = config_of(topics);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct topic topic = {.kind = kinds[i], .site = config->site, .node = config->node};
        char filter[TOPIC_MAX_BYTES + 1];
        int r = topic_filter_format(config->broker.prefix, &topic, filter, sizeof(filter));
        if (r == 0) {
            r = subscribe(context, filter);
        }
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

/* ---- what comes in ---- */

static int operate(const struct rule_topics *t, size_t item, enum payload_rule_action action)
{
    const struct rule_topics_options *o = &t->options;
    return is_schedule(t, item)
               ? o->operate_schedule(o->context, item - config_of(t)->rule_count, action)
               : o->operate_rule(o->context, item, action);
}

static void take(struct rule_topics *t, size_t item, const struct mqtt_received *message)
{
    enum payload_rule_action action;
    struct payload_error error;
    if (payload_rule_set_decode(message->payload, message->length, &action, &error) < 0) {
        t->stats.malformed++;
        log_warning("rule", "%s: refused: %s", name_of(t, item), error.text);
        return;
    }
    if (operate(t, item, action) < 0) {
        t->stats.impossible++;
        log_warning("rule", "%s: cannot be run: it is disabled, or has no actions",
                    name_of(t, item));
        return;
    }
    t->stats.accepted++;
}

bool rule_topics_on_message(struct rule_topics *topics, const struct mqtt_received *message)
{
    const struct node_config *config = config_of(topics);
    struct topic_parsed topic;
    if (topic_parse(config->broker.prefix, message->topic, &topic) < 0 ||
        (topic.kind != TOPIC_RULE_SET && topic.kind != TOPIC_SCHEDULE_SET) ||
        strcmp(topic.site, config->site) != 0 || strcmp(topic.node, config->node) != 0) {
        return false;
    }
    topics->stats.received++;
    if (message->retain) {
        topics->stats.retained++;
        log_warning("rule", "%s: refused: what is retained would act again at each connection",
                    topic.id);
        return true;
    }
    for (size_t i = 0; i < item_count(topics); i++) {
        bool same_kind = is_schedule(topics, i) == (topic.kind == TOPIC_SCHEDULE_SET);
        if (same_kind && strcmp(name_of(topics, i), topic.id) == 0) {
            take(topics, i, message);
            return true;
        }
    }
    topics->stats.unknown++;
    return true;
}

/* ---- what goes out ---- */

/* The last value of an item's state. */
static void put(struct rule_topics *t, size_t item, struct json_writer *w)
{
    size_t length;
    if (json_writer_finish(w, &length) < 0) {
        return; /* cannot happen: every part of a state is bounded below the buffer */
    }
    const struct lvq_item value = {.slot = t->slots[item],
                                   .payload = w->text,
                                   .length = length,
                                   .qos = topic_traits(state_kind(t, item))->qos};
    lvq_put(t->options.queue, &value, loop_now_us(t->options.loop));
}

void rule_topics_publish_state(struct rule_topics *topics, size_t rule,
                               const struct engine_rule_state *state)
{
    const struct payload_rule_state payload = state_payload_rule(topics->options.loop, state);
    char text[PAYLOAD_STATE_MAX_BYTES];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_rule_state_write(&w, &payload);
    put(topics, rule, &w);
}

void rule_topics_publish_schedule(struct rule_topics *topics, size_t schedule,
                                  const struct engine_schedule_state *state)
{
    bool known = state->next.at_s != CALENDAR_NEVER;
    const struct payload_schedule_state payload = {
        .enabled = state->enabled,
        .value = payload_of_value(&state->value),
        .reason = state->reason,
        .next_us = known ? state->next.at_s * US_PER_S : 0,
        .next_value = payload_of_value(&state->next.value),
    };
    char text[PAYLOAD_STATE_MAX_BYTES];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_schedule_state_write(&w, &payload);
    put(topics, config_of(topics)->rule_count + schedule, &w);
}

void rule_topics_publish_trace(struct rule_topics *topics, size_t rule,
                               const struct run_report *report)
{
    struct trace_payload payload;
    state_payload_trace(topics->options.loop, topics->options.plan, rule, report, &payload);
    char topic[TOPIC_MAX_BYTES + 1];
    char text[2 * PAYLOAD_STATE_MAX_BYTES];
    struct json_writer w;
    struct mqtt_publish publish = {
        .topic = topic, .payload = text, .qos = topic_traits(TOPIC_RULE_TRACE)->qos};
    json_writer_init(&w, text, sizeof(text));
    payload_rule_trace_write(&w, &payload.trace);
    if (json_writer_finish(&w, &publish.length) < 0 ||
        format_topic(topics, TOPIC_RULE_TRACE, rule, topic, sizeof(topic)) < 0 ||
        topics->options.publish(topics->options.context, &publish) < 0) {
        topics->stats.traces_lost++;
    }
}

struct rule_topics_stats rule_topics_stats(const struct rule_topics *topics)
{
    return topics->stats;
}
