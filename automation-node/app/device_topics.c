#include "automation-node/app/device_topics.h"

#include "automation-node/app/state_payload.h"
#include "common/log.h"
#include "topics/json_writer.h"
#include "topics/payload_device.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct device_topics {
    struct device_topics_options options;
    size_t *slots; /* by device */
    struct device_topics_stats stats;
};

static int add_slots(struct device_topics *t)
{
    const struct node_config *config = t->options.plan->config;
    for (size_t i = 0; i < config->device_count; i++) {
        char text[TOPIC_MAX_BYTES + 1];
        const struct topic topic = {
            .kind = TOPIC_DEVICE_STATE, .site = config->site, .id = config->devices[i].name};
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

int device_topics_new(const struct device_topics_options *options, struct device_topics **ret)
{
    struct device_topics *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return -ENOMEM;
    }
    t->options = *options;
    t->slots = calloc(options->plan->config->device_count + 1, sizeof(size_t));
    int r = t->slots != NULL ? add_slots(t) : -ENOMEM;
    if (r < 0) {
        device_topics_free(t);
        return r;
    }
    *ret = t;
    return 0;
}

void device_topics_free(struct device_topics *topics)
{
    if (topics != NULL) {
        free(topics->slots);
        free(topics);
    }
}

int device_topics_filter(const struct device_topics *topics, char *filter, size_t size)
{
    const struct node_config *config = topics->options.plan->config;
    const struct topic topic = {.kind = TOPIC_DEVICE_SET, .site = config->site};
    return topic_filter_format(config->broker.prefix, &topic, filter, size);
}

/* JSON's true and false are the words that people and Home Assistant use for switches. */
static int value_of(const struct payload_wish *wish, struct value *ret)
{
    switch (wish->type) {
    case PAYLOAD_NULL:
        *ret = (struct value){0};
        return 0;
    case PAYLOAD_NUMBER:
        *ret = value_number(wish->number);
        return 0;
    case PAYLOAD_BOOL:
        return wish->truth ? value_text("ON", 2, ret) : value_text("OFF", 3, ret);
    case PAYLOAD_TEXT:
        break;
    }
    return value_text(wish->text, strlen(wish->text), ret);
}

static void offer(struct device_topics *t, size_t device, const struct mqtt_received *message)
{
    struct payload_wish payload;
    struct payload_error error;
    struct wish wish = {0};
    const char *name = t->options.plan->config->devices[device].name;
    if (payload_wish_decode(message->payload, message->length, &payload, &error) < 0) {
        t->stats.malformed++;
        log_warning("wish", "%s: refused: %s", name, error.text);
        return;
    }
    if (value_of(&payload, &wish.value) < 0) {
        t->stats.malformed++;
        log_warning("wish", "%s: refused: the value is longer than any that a device takes", name);
        return;
    }
    wish.for_us = (int64_t)payload.for_s * US_PER_S;
    wish.transaction = payload.transaction[0] != '\0' ? payload.transaction : NULL;
    enum refusal refusal = t->options.wish(t->options.context, device, &wish);
    if (refusal != REFUSAL_NONE) {
        log_warning("wish", "%s: refused: %s", name, refusal_name(refusal));
    }
}

bool device_topics_on_message(struct device_topics *topics, const struct mqtt_received *message)
{
    const struct node_config *config = topics->options.plan->config;
    struct topic_parsed topic;
    if (topic_parse(config->broker.prefix, message->topic, &topic) < 0 ||
        topic.kind != TOPIC_DEVICE_SET || strcmp(topic.site, config->site) != 0) {
        return false;
    }
    if (message->retain) {
        topics->stats.retained++;
        log_warning("wish", "%s: refused: retained wishes would act again at each connection",
                    topic.id);
        return true;
    }
    for (size_t i = 0; i < config->device_count; i++) {
        if (strcmp(config->devices[i].name, topic.id) == 0) {
            offer(topics, i, message);
            return true;
        }
    }
    topics->stats.unknown_device++; /* perhaps another node's */
    return true;
}

void device_topics_publish(struct device_topics *topics, size_t device,
                           const struct device_state *state)
{
    const struct payload_device_state payload = state_payload_device(topics->options.loop, state);
    char text[PAYLOAD_STATE_MAX_BYTES];
    struct json_writer w;
    size_t length;
    json_writer_init(&w, text, sizeof(text));
    payload_device_state_write(&w, &payload);
    if (json_writer_finish(&w, &length) < 0) {
        return; /* cannot happen: every part of a state is bounded below the buffer */
    }
    const struct lvq_item item = {.slot = topics->slots[device],
                                  .payload = text,
                                  .length = length,
                                  .qos = topic_traits(TOPIC_DEVICE_STATE)->qos};
    lvq_put(topics->options.queue, &item, loop_now_us(topics->options.loop));
}

struct device_topics_stats device_topics_stats(const struct device_topics *topics)
{
    return topics->stats;
}
