#include "automation-node/app/controller_topics.h"

#include "automation-node/app/payload_of_value.h"
#include "common/log.h"
#include "topics/payload_controller.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct controller_topics {
    struct controller_topics_options options;
    size_t *slots; /* by controller as the engine counts them */
    struct controller_topics_stats stats;
};

static const struct node_config *config_of(const struct controller_topics *t)
{
    return t->options.plan->config;
}

static size_t count_of(const struct controller_topics *t)
{
    return config_of(t)->thermostat_count + config_of(t)->controller_count;
}

static const char *name_of(const struct controller_topics *t, size_t controller)
{
    const struct node_config *config = config_of(t);
    return controller < config->thermostat_count
               ? config->thermostats[controller].name
               : config->controllers[controller - config->thermostat_count].name;
}

static int add_slots(struct controller_topics *t)
{
    const struct node_config *config = config_of(t);
    for (size_t i = 0; i < count_of(t); i++) {
        char text[TOPIC_MAX_BYTES + 1];
        const struct topic topic = {.kind = TOPIC_CONTROLLER_STATE,
                                    .site = config->site,
                                    .node = config->node,
                                    .id = name_of(t, i)};
        int r = topic_format(config->broker.prefix, &topic, text, sizeof(text));
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

int controller_topics_new(const struct controller_topics_options *options,
                          struct controller_topics **ret)
{
    struct controller_topics *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return -ENOMEM;
    }
    t->options = *options;
    t->slots = calloc(count_of(t) + 1, sizeof(*t->slots));
    int r = t->slots != NULL ? add_slots(t) : -ENOMEM;
    if (r < 0) {
        controller_topics_free(t);
        return r;
    }
    *ret = t;
    return 0;
}

void controller_topics_free(struct controller_topics *topics)
{
    if (topics != NULL) {
        free(topics->slots);
        free(topics);
    }
}

int controller_topics_filter(const struct controller_topics *topics, char *filter, size_t size)
{
    const struct node_config *config = config_of(topics);
    const struct topic topic = {
        .kind = TOPIC_CONTROLLER_SET, .site = config->site, .node = config->node};
    return topic_filter_format(config->broker.prefix, &topic, filter, size);
}

static bool find_preset(const struct controller_topics *t, size_t controller, const char *name,
                        struct controller_change *change)
{
    const struct controller_presets *presets = &t->options.plan->presets[controller];
    for (size_t i = 0; i < presets->count; i++) {
        if (strcmp(presets->presets[i].name, name) == 0) {
            change->has_setpoint = true;
            change->setpoint = presets->presets[i].setpoint;
            return true;
        }
    }
    return false;
}

static void take(struct controller_topics *t, size_t controller,
                 const struct mqtt_received *message)
{
    static const enum controller_mode modes[] = {
        [PAYLOAD_CONTROLLER_OFF] = CONTROLLER_OFF,
        [PAYLOAD_CONTROLLER_AUTO] = CONTROLLER_AUTO,
        [PAYLOAD_CONTROLLER_MANUAL] = CONTROLLER_MANUAL,
    };
    const char *name = name_of(t, controller);
    struct payload_controller_set set;
    struct payload_error error;
    if (payload_controller_set_decode(message->payload, message->length, &set, &error) < 0) {
        t->stats.malformed++;
        log_warning("controller", "%s: refused: %s", name, error.text);
        return;
    }
    struct controller_change change = {.has_setpoint = set.has_setpoint,
                                       .setpoint = set.setpoint,
                                       .has_mode = set.has_mode,
                                       .mode = modes[set.mode],
                                       .has_output = set.has_output,
                                       .output = set.output};
    if (set.preset[0] != '\0' && !find_preset(t, controller, set.preset, &change)) {
        t->stats.unknown++;
        log_warning("controller", "%s: refused: no preset '%s'", name, set.preset);
    } else if (t->options.change(t->options.context, controller, &change) < 0) {
        t->stats.impossible++;
        log_warning("controller", "%s: refused: it has no such mode or output", name);
    } else {
        t->stats.accepted++;
    }
}

bool controller_topics_on_message(struct controller_topics *topics,
                                  const struct mqtt_received *message)
{
    const struct node_config *config = config_of(topics);
    struct topic_parsed topic;
    if (topic_parse(config->broker.prefix, message->topic, &topic) < 0 ||
        topic.kind != TOPIC_CONTROLLER_SET || strcmp(topic.site, config->site) != 0 ||
        strcmp(topic.node, config->node) != 0) {
        return false;
    }
    topics->stats.received++;
    if (message->retain) {
        topics->stats.retained++;
        log_warning("controller",
                    "%s: refused: what is retained would act again at each connection", topic.id);
        return true;
    }
    for (size_t i = 0; i < count_of(topics); i++) {
        if (strcmp(name_of(topics, i), topic.id) == 0) {
            take(topics, i, message);
            return true;
        }
    }
    topics->stats.unknown++;
    return true;
}

void controller_topics_publish(struct controller_topics *topics, size_t controller,
                               const struct engine_controller_state *state)
{
    static const enum payload_controller_mode modes[] = {
        [CONTROLLER_OFF] = PAYLOAD_CONTROLLER_OFF,
        [CONTROLLER_AUTO] = PAYLOAD_CONTROLLER_AUTO,
        [CONTROLLER_MANUAL] = PAYLOAD_CONTROLLER_MANUAL,
    };
    bool seen = state->value.kind == VALUE_NUMBER;
    const struct payload_controller_state payload = {
        .mode = modes[state->mode],
        .setpoint = state->setpoint,
        .value =
            seen ? payload_of_value(&state->value) : (struct payload_value){.type = PAYLOAD_NULL},
        .output = payload_of_value(&state->output),
        .has_terms = state->has_terms,
        .p = state->terms.p,
        .i = state->terms.i,
        .d = state->terms.d,
        .quality = seen ? READING_GOOD : READING_STALE,
        .reason = state->reason,
    };
    char text[PAYLOAD_STATE_MAX_BYTES];
    struct json_writer w;
    size_t length;
    json_writer_init(&w, text, sizeof(text));
    payload_controller_state_write(&w, &payload);
    if (json_writer_finish(&w, &length) < 0) {
        return; /* cannot happen: every part of a state is bounded below the buffer */
    }
    const struct lvq_item item = {.slot = topics->slots[controller],
                                  .payload = text,
                                  .length = length,
                                  .qos = topic_traits(TOPIC_CONTROLLER_STATE)->qos};
    lvq_put(topics->options.queue, &item, loop_now_us(topics->options.loop));
}

struct controller_topics_stats controller_topics_stats(const struct controller_topics *topics)
{
    return topics->stats;
}
