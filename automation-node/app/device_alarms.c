#include "automation-node/app/device_alarms.h"

#include "topics/json_writer.h"
#include "topics/limits.h"
#include "topics/payload_alarm.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define ALARM_PRIORITY 2 /* high: something is on that shall be off, or the other way round */

enum alarm_state {
    ALARM_UNKNOWN,
    ALARM_NORMAL,
    ALARM_ACTIVE
};

struct alarm {
    char id[TOPIC_ID_MAX_BYTES + 1];
    enum alarm_state state;
    size_t state_slot;
    size_t event_slot; /* of its own, so that two that fail at once are both told */
};

struct device_alarms {
    struct loop *loop;
    struct lvq *queue;
    const struct node_plan *plan;
    struct alarm *alarms; /* by device */
};

static int add_slot(const struct device_alarms *a, enum topic_kind kind, const char *id,
                    size_t *ret)
{
    const struct node_config *config = a->plan->config;
    const struct topic topic = {.kind = kind, .site = config->site, .node = config->node, .id = id};
    char text[TOPIC_MAX_BYTES + 1];
    int r = topic_format(config->broker.prefix, &topic, text, sizeof(text));
    if (r < 0) {
        return r;
    }
    const struct lvq_slot_options options = {text, PAYLOAD_STATE_MAX_BYTES,
                                             topic_traits(kind)->retain == TOPIC_RETAIN_YES};
    return lvq_add(a->queue, &options, ret);
}

static int add_slots(struct device_alarms *a)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < a->plan->config->device_count; i++) {
        struct alarm *alarm = &a->alarms[i];
        (void)snprintf(alarm->id, sizeof(alarm->id), "device-%s", a->plan->config->devices[i].name);
        r = add_slot(a, TOPIC_ALARM, alarm->id, &alarm->state_slot);
        r = r == 0 ? add_slot(a, TOPIC_ALARM_EVENT, NULL, &alarm->event_slot) : r;
    }
    return r;
}

int device_alarms_new(struct loop *loop, struct lvq *queue, const struct node_plan *plan,
                      struct device_alarms **ret)
{
    struct device_alarms *a = calloc(1, sizeof(*a));
    if (a == NULL) {
        return -ENOMEM;
    }
    *a = (struct device_alarms){.loop = loop, .queue = queue, .plan = plan};
    a->alarms = calloc(plan->config->device_count + 1, sizeof(*a->alarms));
    int r = a->alarms != NULL ? add_slots(a) : -ENOMEM;
    if (r < 0) {
        device_alarms_free(a);
        return r;
    }
    *ret = a;
    return 0;
}

void device_alarms_free(struct device_alarms *alarms)
{
    if (alarms != NULL) {
        free(alarms->alarms);
        free(alarms);
    }
}

static void put(struct device_alarms *a, enum topic_kind kind, size_t slot, const char *text,
                struct json_writer *w)
{
    size_t length;
    if (json_writer_finish(w, &length) < 0) {
        return; /* cannot be: all parts are bounded */
    }
    const struct lvq_item item = {
        .slot = slot, .payload = text, .length = length, .qos = topic_traits(kind)->qos};
    lvq_put(a->queue, &item, loop_now_us(a->loop));
}

static void publish(struct device_alarms *a, const struct alarm *alarm,
                    const struct payload_alarm *payload, bool is_transition)
{
    char text[PAYLOAD_STATE_MAX_BYTES];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_alarm_write(&w, payload);
    put(a, TOPIC_ALARM, alarm->state_slot, text, &w);
    if (is_transition) {
        json_writer_init(&w, text, sizeof(text));
        const struct payload_alarm_event event = {
            .ts_us = payload->since_us,
            .alarm = alarm->id,
            .event =
                payload->state == PAYLOAD_ALARM_NORMAL ? PAYLOAD_ALARM_CLEAR : PAYLOAD_ALARM_RAISE,
            .state = payload,
        };
        payload_alarm_event_write(&w, &event);
        put(a, TOPIC_ALARM_EVENT, alarm->event_slot, text, &w);
    }
}

static void explain(const struct device_state *state, char *text, size_t size)
{
    char target[VALUE_TEXT_SIZE];
    char shown[VALUE_TEXT_SIZE];
    (void)value_format(&state->target, target, sizeof(target));
    (void)value_format(&state->value, shown, sizeof(shown));
    (void)snprintf(text, size, "does not obey: shall be %s, shows %s", target,
                   shown[0] != '\0' ? shown : "nothing");
}

void device_alarms_note(struct device_alarms *alarms, size_t device,
                        const struct device_state *state)
{
    struct alarm *alarm = &alarms->alarms[device];
    enum alarm_state next = state->quality == DEVICE_QUALITY_FAILED ? ALARM_ACTIVE : ALARM_NORMAL;
    if (alarm->state == next) {
        return;
    }
    char text[128] = "obeys";
    if (next == ALARM_ACTIVE) {
        explain(state, text, sizeof(text));
    }
    const struct payload_alarm payload = {.state = next == ALARM_ACTIVE ? PAYLOAD_ALARM_ACTIVE_UNACK
                                                                        : PAYLOAD_ALARM_NORMAL,
                                          .since_us = loop_realtime_us(alarms->loop),
                                          .priority = ALARM_PRIORITY,
                                          .text = text};
    bool is_transition = next == ALARM_ACTIVE || alarm->state == ALARM_ACTIVE;
    alarm->state = next;
    publish(alarms, alarm, &payload, is_transition);
}
