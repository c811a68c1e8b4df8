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
    const struct node_config *config = config_of(t);
    return config->thermostat_count + config->controller_count + config->climate_count;
}

static const char *name_of(const struct controller_topics *t, size_t controller)
{
    const struct node_config *config = config_of(t);
    if (controller < config->thermostat_count) {
        return config->thermostats[controller].name;
    }
    controller -= config->thermostat_count;
    return controller < config->controller_count
               ? config->controllers[controller].name
               : config->climates[controller - config->controller_count].name;
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
            const struct controller_preset *preset = &presets->presets[i];
            change->has_setpoint = !preset->is_band;
            change->setpoint = preset->setpoint;
            change->has_low = preset->is_band;
            change->low = preset->low;
            change->has_high = preset->is_band;
            change->high = preset->high;
            return true;
        }
    }
    return false;
}

static const enum controller_mode modes[PAYLOAD_CONTROLLER_MODE_COUNT] = {
    [PAYLOAD_CONTROLLER_OFF] = CONTROLLER_OFF,
    [PAYLOAD_CONTROLLER_AUTO] = CONTROLLER_AUTO,
    [PAYLOAD_CONTROLLER_MANUAL] = CONTROLLER_MANUAL,
    [PAYLOAD_CONTROLLER_HEAT] = CONTROLLER_HEAT,
    [PAYLOAD_CONTROLLER_COOL] = CONTROLLER_COOL,
    [PAYLOAD_CONTROLLER_HEAT_COOL] = CONTROLLER_HEAT_COOL,
};

static struct controller_change change_of(const struct payload_controller_set *set)
{
    static const enum controller_tuning tunings[] = {
        [PAYLOAD_AUTOTUNE_NONE] = CONTROLLER_TUNING_NONE,
        [PAYLOAD_AUTOTUNE_START] = CONTROLLER_TUNING_START,
        [PAYLOAD_AUTOTUNE_CANCEL] = CONTROLLER_TUNING_CANCEL,
        [PAYLOAD_AUTOTUNE_APPLY] = CONTROLLER_TUNING_ADOPT,
        [PAYLOAD_AUTOTUNE_REVERT] = CONTROLLER_TUNING_REVERT,
    };
    return (struct controller_change){.has_setpoint = set->has_setpoint,
                                      .setpoint = set->setpoint,
                                      .has_low = set->has_low,
                                      .low = set->low,
                                      .has_high = set->has_high,
                                      .high = set->high,
                                      .has_mode = set->has_mode,
                                      .mode = modes[set->mode],
                                      .has_output = set->has_output,
                                      .output = set->output,
                                      .tuning = tunings[set->autotune]};
}

/* Why the engine did not take it, and what would do. */
static const char *why(int r)
{
    switch (-r) {
    case ENOTSUP:
        return "it has no such mode, set point or output, or no 'autotune' in its configuration";
    case EPERM:
        return "another node of the group leads: ask that one";
    case EAGAIN:
        return "auto-tuning begins in mode auto, with a good reading within 'max_deviation' of the "
               "set point";
    case EALREADY:
        return "auto-tuning is under way - give it up first, with {\"autotune\":false}";
    case ENODATA:
        return "auto-tuning has found nothing yet";
    default:
        return "a number is beyond its limits, or setpoint_low above setpoint_high";
    }
}

static void take(struct controller_topics *t, size_t controller,
                 const struct mqtt_received *message)
{
    const char *name = name_of(t, controller);
    struct payload_controller_set set;
    struct payload_error error;
    if (payload_controller_set_decode(message->payload, message->length, &set, &error) < 0) {
        t->stats.malformed++;
        log_warning("controller", "%s: refused: %s", name, error.text);
        return;
    }
    struct controller_change change = change_of(&set);
    int r;
    if (set.preset[0] != '\0' && !find_preset(t, controller, set.preset, &change)) {
        t->stats.unknown++;
        log_warning("controller", "%s: refused: no preset '%s'", name, set.preset);
    } else if ((r = t->options.change(t->options.context, controller, &change)) < 0) {
        t->stats.impossible++;
        log_warning("controller", "%s: refused: %s", name, why(r));
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

static struct payload_controller_gains gains_of(const struct pid_gains *gains)
{
    return (struct payload_controller_gains){gains->kp, gains->ki, gains->kd};
}

static struct payload_controller_tuning tuning_of(const struct tuning_report *report)
{
    return (struct payload_controller_tuning){
        .state = tuning_state_name(report->state),
        .cycles = report->cycles,
        .has_result = report->found.ultimate_gain > 0,
        .ultimate_gain = report->found.ultimate_gain,
        .ultimate_period_s = report->found.ultimate_period_s,
        .rule = tuning_rule_name(report->rule),
        .gains = gains_of(&report->proposed),
        .applied = report->adopted,
    };
}

static enum payload_controller_mode mode_of(enum controller_mode mode)
{
    enum payload_controller_mode i = PAYLOAD_CONTROLLER_OFF;
    while (i + 1 < PAYLOAD_CONTROLLER_MODE_COUNT && modes[i] != mode) {
        i++;
    }
    return i;
}

/* But for the tuning, which is borrowed. */
static struct payload_controller_state payload_of(const struct engine_controller_state *state)
{
    static const enum payload_controller_action actions[] = {
        [CONTROLLER_RESTS] = PAYLOAD_ACTION_OFF,
        [CONTROLLER_IDLE] = PAYLOAD_ACTION_IDLE,
        [CONTROLLER_HEATS] = PAYLOAD_ACTION_HEATING,
        [CONTROLLER_COOLS] = PAYLOAD_ACTION_COOLING,
    };
    bool seen = state->value.kind == VALUE_NUMBER;
    return (struct payload_controller_state){
        .mode = mode_of(state->mode),
        .setpoint = state->setpoint,
        .value =
            seen ? payload_of_value(&state->value) : (struct payload_value){.type = PAYLOAD_NULL},
        .output = payload_of_value(&state->output),
        .has_terms = state->has_terms,
        .p = state->terms.p,
        .i = state->terms.i,
        .d = state->terms.d,
        .gains = gains_of(&state->gains),
        .has_pwm = state->has_pwm,
        .switched = payload_of_value(&state->switched),
        .owed_s = state->owed_s,
        .has_band = state->has_band,
        .low = state->band.low,
        .high = state->band.high,
        .has_action = !state->has_terms,
        .action = actions[state->activity],
        .quality = seen ? READING_GOOD : READING_STALE,
        .reason = state->reason,
    };
}

void controller_topics_publish(struct controller_topics *topics, size_t controller,
                               const struct engine_controller_state *state)
{
    const struct payload_controller_tuning tuning = tuning_of(&state->tuning);
    struct payload_controller_state payload = payload_of(state);
    payload.tuning = state->tuning.enabled ? &tuning : NULL;
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
