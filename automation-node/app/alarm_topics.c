#include "automation-node/app/alarm_topics.h"

#include "automation-node/app/wall_time.h"
#include "automation-node/input/deadline.h"
#include "common/log.h"
#include "topics/payload_alarm.h"
#include "topics/payload_alarm_set.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The words of the payload come in the order of the states and events that they stand for. */
_Static_assert((int)PAYLOAD_ALARM_WORD_COUNT == (int)ALARM_STATUS_COUNT &&
                   (int)PAYLOAD_ALARM_LATCHED_ACK == (int)ALARM_LATCHED_ACK &&
                   (int)PAYLOAD_ALARM_OUT_OF_SERVICE == (int)ALARM_OUT_OF_SERVICE,
               "a word for each state");
_Static_assert((int)PAYLOAD_ALARM_EVENT_COUNT == (int)ALARM_EVENT_COUNT &&
                   (int)PAYLOAD_ALARM_SHELVE == (int)ALARM_EVENT_SHELVE &&
                   (int)PAYLOAD_ALARM_TAKE_OUT == (int)ALARM_EVENT_TAKE_OUT &&
                   (int)PAYLOAD_ALARM_RESTORE == (int)ALARM_EVENT_RESTORE,
               "a word for each event");

struct alarm_topics {
    struct alarm_topics_options options;
    size_t *slots; /* by alarm: of its state */
    size_t event_slots[ALARM_EVENTS_KEPT];
    size_t next_event;
    struct alarm_topics_stats stats;
};

static const struct node_config *config_of(const struct alarm_topics *t)
{
    return t->options.plan->config;
}

static size_t alarm_count(const struct alarm_topics *t)
{
    return t->options.plan->engine.alarm_count;
}

static const char *id_of(const struct alarm_topics *t, size_t alarm)
{
    return t->options.plan->engine.alarms[alarm].id;
}

static int add_slot(const struct alarm_topics *t, enum topic_kind kind, const char *id, size_t *ret)
{
    const struct node_config *config = config_of(t);
    const struct topic topic = {.kind = kind, .site = config->site, .node = config->node, .id = id};
    char text[TOPIC_MAX_BYTES + 1];
    int r = topic_format(config->broker.prefix, &topic, text, sizeof(text));
    if (r < 0) {
        return r;
    }
    const struct lvq_slot_options options = {text, PAYLOAD_STATE_MAX_BYTES,
                                             topic_traits(kind)->retain == TOPIC_RETAIN_YES};
    return lvq_add(t->options.queue, &options, ret);
}

static int add_slots(struct alarm_topics *t)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < alarm_count(t); i++) {
        r = add_slot(t, TOPIC_ALARM, id_of(t, i), &t->slots[i]);
    }
    for (size_t i = 0; r == 0 && i < ALARM_EVENTS_KEPT; i++) {
        r = add_slot(t, TOPIC_ALARM_EVENT, NULL, &t->event_slots[i]);
    }
    return r;
}

int alarm_topics_new(const struct alarm_topics_options *options, struct alarm_topics **ret)
{
    struct alarm_topics *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return -ENOMEM;
    }
    t->options = *options;
    t->slots = calloc(alarm_count(t) + 1, sizeof(*t->slots));
    int r = t->slots != NULL ? add_slots(t) : -ENOMEM;
    if (r < 0) {
        alarm_topics_free(t);
        return r;
    }
    *ret = t;
    return 0;
}

void alarm_topics_free(struct alarm_topics *topics)
{
    if (topics != NULL) {
        free(topics->slots);
        free(topics);
    }
}

int alarm_topics_filter(const struct alarm_topics *topics, char *filter, size_t size)
{
    const struct node_config *config = config_of(topics);
    const struct topic topic = {
        .kind = TOPIC_ALARM_SET, .site = config->site, .node = config->node};
    return topic_filter_format(config->broker.prefix, &topic, filter, size);
}

/* ---- what comes in ---- */

static void take(struct alarm_topics *t, size_t alarm, const struct mqtt_received *message)
{
    struct payload_alarm_set set;
    struct payload_error error;
    if (payload_alarm_set_decode(message->payload, message->length, &set, &error) < 0) {
        t->stats.malformed++;
        log_warning("alarm", "%s: refused: %s", id_of(t, alarm), error.text);
        return;
    }
    const struct alarm_action action = {.event = (enum alarm_event)set.action,
                                        .shelve_us = (int64_t)set.shelve_s * US_PER_S,
                                        .by = set.by[0] != '\0' ? set.by : NULL};
    enum alarm_verdict verdict = t->options.operate(t->options.context, alarm, &action);
    if (verdict != ALARM_CHANGED && verdict != ALARM_UNCHANGED) {
        t->stats.impossible++;
        log_warning("alarm", "%s: refused: it %s", id_of(t, alarm), alarm_verdict_text(verdict));
        return;
    }
    t->stats.accepted++;
}

bool alarm_topics_on_message(struct alarm_topics *topics, const struct mqtt_received *message)
{
    const struct node_config *config = config_of(topics);
    struct topic_parsed topic;
    if (topic_parse(config->broker.prefix, message->topic, &topic) < 0 ||
        topic.kind != TOPIC_ALARM_SET || strcmp(topic.site, config->site) != 0 ||
        strcmp(topic.node, config->node) != 0) {
        return false;
    }
    topics->stats.received++;
    if (message->retain) {
        topics->stats.retained++;
        log_warning("alarm", "%s: refused: what is retained would act again at each connection",
                    topic.id);
        return true;
    }
    for (size_t i = 0; i < alarm_count(topics); i++) {
        if (strcmp(id_of(topics, i), topic.id) == 0) {
            take(topics, i, message);
            return true;
        }
    }
    topics->stats.unknown++;
    log_warning("alarm", "there is no alarm '%s'", topic.id);
    return true;
}

/* ---- what goes out ---- */

static struct payload_alarm payload_of(const struct alarm_topics *t,
                                       const struct engine_alarm_state *state)
{
    const struct loop *loop = t->options.loop;
    bool shelved = state->until_us != DEADLINE_NONE;
    return (struct payload_alarm){
        .state = (enum payload_alarm_word)state->status,
        .since_us = wall_time_us(loop, state->since_us),
        .until_us = shelved ? wall_time_us(loop, state->until_us) : 0,
        .priority = state->priority,
        .text = state->text[0] != '\0' ? state->text : NULL,
        .by = state->by[0] != '\0' ? state->by : NULL,
    };
}

static void put(struct alarm_topics *t, enum topic_kind kind, size_t slot, struct json_writer *w)
{
    size_t length;
    if (json_writer_finish(w, &length) < 0) {
        return; /* cannot be: all parts are bounded */
    }
    const struct lvq_item item = {
        .slot = slot, .payload = w->text, .length = length, .qos = topic_traits(kind)->qos};
    lvq_put(t->options.queue, &item, loop_now_us(t->options.loop));
}

void alarm_topics_publish_state(struct alarm_topics *topics, size_t alarm,
                                const struct engine_alarm_state *state)
{
    const struct payload_alarm payload = payload_of(topics, state);
    char text[PAYLOAD_STATE_MAX_BYTES];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_alarm_write(&w, &payload);
    put(topics, TOPIC_ALARM, topics->slots[alarm], &w);
}

void alarm_topics_publish_event(struct alarm_topics *topics, size_t alarm,
                                const struct engine_alarm_event *event)
{
    const struct payload_alarm state = payload_of(topics, &event->state);
    const struct payload_alarm_event payload = {
        .ts_us = wall_time_us(topics->options.loop, event->at_us),
        .alarm = id_of(topics, alarm),
        .event = (enum payload_alarm_event_word)event->event,
        .state = &state};
    char text[PAYLOAD_STATE_MAX_BYTES];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_alarm_event_write(&w, &payload);
    put(topics, TOPIC_ALARM_EVENT, topics->event_slots[topics->next_event], &w);
    topics->next_event = (topics->next_event + 1) % ALARM_EVENTS_KEPT;
    log_info("alarm", "%s: %s%s%s: %s", id_of(topics, alarm),
             payload_alarm_event_text(payload.event), state.by != NULL ? " by " : "",
             state.by != NULL ? state.by : "", event->state.text);
}

struct alarm_topics_stats alarm_topics_stats(const struct alarm_topics *topics)
{
    return topics->stats;
}
