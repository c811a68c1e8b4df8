#include "automation-node/app/readings.h"

#include "common/log.h"
#include "common/transit.h"
#include "topics/payload_node.h"
#include "topics/payload_reading.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How far the sender's clock may be ahead of ours before an age by the two means nothing. */
#define CLOCKS_APART_US (10 * US_PER_S)

/* The last reading of an input: which one it was. */
struct last_reading {
    int64_t ts_us;
    uint64_t seq; /* 0 = it had none */
    struct transit transit;
};

struct readings {
    struct readings_options options;
    struct readings_stats stats;
    struct last_reading *last; /* by engine input; all 0 = none, or its gateway has gone since */
};

int readings_new(const struct readings_options *options, struct readings **ret)
{
    struct readings *r = calloc(1, sizeof(*r));
    if (r == NULL) {
        return -ENOMEM;
    }
    r->options = *options;
    r->last = calloc(options->plan->engine.input_count + 1, sizeof(*r->last));
    if (r->last == NULL) {
        free(r);
        return -ENOMEM;
    }
    *ret = r;
    return 0;
}

void readings_free(struct readings *readings)
{
    if (readings != NULL) {
        free(readings->last);
        free(readings);
    }
}

static const struct signal_path *path_of(const struct readings *r, size_t input)
{
    return &r->options.plan->sources[input];
}

static bool is_of(const struct signal_path *path, const char *gateway)
{
    return path->gateway != NULL && strcmp(path->gateway, gateway) == 0;
}

/* Whether an earlier input has the same topic of that kind. */
static bool is_repeated(const struct readings *r, size_t input, enum topic_kind kind)
{
    const struct signal_path *path = path_of(r, input);
    for (size_t i = 0; i < input; i++) {
        const struct signal_path *other = path_of(r, i);
        if (!is_of(other, path->gateway)) {
            continue;
        }
        if (kind == TOPIC_STATUS ||
            (strcmp(other->bus, path->bus) == 0 && strcmp(other->message, path->message) == 0)) {
            return true;
        }
    }
    return false;
}

static int subscribe_one(const struct readings *r, size_t input, enum topic_kind kind,
                         int (*subscribe)(void *context, const char *filter), void *context)
{
    const struct node_config *config = r->options.plan->config;
    const struct signal_path *path = path_of(r, input);
    const struct topic topic = {.kind = kind,
                                .site = config->site,
                                .node = path->gateway,
                                .bus = path->bus,
                                .message = path->message,
                                .signal = path->signal};
    char filter[TOPIC_MAX_BYTES + 1];
    if (kind != TOPIC_SIGNAL && is_repeated(r, input, kind)) {
        return 0;
    }
    int result = topic_filter_format(config->broker.prefix, &topic, filter, sizeof(filter));
    return result < 0 ? result : subscribe(context, filter);
}

int readings_subscribe(const struct readings *readings,
                       int (*subscribe)(void *context, const char *filter), void *context)
{
    static const enum topic_kind kinds[] = {TOPIC_READING, TOPIC_SIGNAL, TOPIC_STATUS};
    for (size_t i = 0; i < readings->options.plan->engine.input_count; i++) {
        bool is_signal = path_of(readings, i)->gateway != NULL;
        for (size_t k = 0; is_signal && k < sizeof(kinds) / sizeof(kinds[0]); k++) {
            int result = subscribe_one(readings, i, kinds[k], subscribe, context);
            if (result < 0) {
                return result;
            }
        }
    }
    return 0;
}

static enum quality quality_of(enum reading_quality quality)
{
    switch (quality) {
    case READING_GOOD:
        return QUALITY_GOOD;
    case READING_STALE:
        return QUALITY_STALE;
    case READING_OUT_OF_RANGE:
        return QUALITY_OUT_OF_RANGE;
    case READING_NOT_AVAILABLE:
        break;
    }
    return QUALITY_NOT_AVAILABLE;
}

/* A value the engine cannot hold (null, a label beyond its bound) is one that is not available. */
static struct reading reading_of(const struct payload_reading_signal *signal)
{
    struct reading reading = {.quality = quality_of(signal->quality)};
    const struct payload_value *value = &signal->value;
    if (value->type == PAYLOAD_NUMBER) {
        reading.value = value_number(value->number);
    } else if (value->type != PAYLOAD_TEXT ||
               value_text(value->text, strlen(value->text), &reading.value) < 0) {
        reading.value = (struct value){0};
    }
    if (reading.value.kind == VALUE_NONE && reading.quality == QUALITY_GOOD) {
        reading.quality = QUALITY_NOT_AVAILABLE;
    }
    return reading;
}

static bool same_message(const struct signal_path *path, const struct topic_parsed *topic)
{
    return is_of(path, topic->node) && strcmp(path->bus, topic->bus) == 0 &&
           strcmp(path->message, topic->message) == 0;
}

/* Of what the broker had kept, by the two clocks: not every broker knows that a message expires,
 * and none tells when it came. A live reading is new, whatever the sender's clock says, unless it
 * comes later than those before it. */
static void set_age(const struct readings *r, const struct mqtt_received *message,
                    struct transit *transit, struct reading *reading)
{
    int64_t age_us = loop_realtime_us(r->options.loop) - reading->ts_us;
    if (!message->retain) {
        reading->age_us = transit_late_us(transit, reading->ts_us, loop_now_us(r->options.loop),
                                          loop_realtime_us(r->options.loop));
    } else if (age_us > 0) {
        reading->age_us = age_us;
    }
    reading->age_is_unknown = message->retain && !message->expires && age_us < -CLOCKS_APART_US;
}

/*
 * A reading that was seen already is not a new one, however it comes: a bridge sends what its
 * broker retains when it is back, and a session that moves to another broker may send what it had
 * sent, old after new. A sender that has lost its log counts from 1 again, and one whose clock was
 * set back goes on counting; what is before the last one in both is old.
 */
static bool is_repeated_reading(struct readings *r, size_t input, const struct reading *reading)
{
    struct last_reading *last = &r->last[input];
    if (reading->quality != QUALITY_GOOD) {
        return false; /* the same reading may have become bad */
    }
    bool same = reading->ts_us == last->ts_us && reading->seq == last->seq;
    bool older = reading->seq > 0 && reading->seq < last->seq && reading->ts_us < last->ts_us;
    if (!same && !older) {
        last->ts_us = reading->ts_us;
        last->seq = reading->seq;
    }
    return same || older;
}

/* To the engine, unless it says nothing new. */
static void deliver(struct readings *r, size_t input, const struct reading *reading)
{
    r->stats.of_unknown_age += reading->age_is_unknown ? 1 : 0;
    r->options.input(r->options.context, input, reading);
}

static void on_reading(struct readings *r, const struct topic_parsed *topic,
                       const struct mqtt_received *message)
{
    struct payload_reading *payload = NULL;
    struct payload_error error;
    if (payload_reading_decode(message->payload, message->length, &payload, &error) < 0) {
        r->stats.malformed++;
        log_debug("readings", "%s: %s", message->topic, error.text);
        return;
    }
    for (size_t i = 0; i < r->options.plan->engine.input_count; i++) {
        const struct signal_path *path = path_of(r, i);
        if (!same_message(path, topic)) {
            continue;
        }
        const struct payload_reading_signal *signal = payload_reading_find(payload, path->signal);
        if (signal == NULL) {
            r->stats.without_signal++;
            continue;
        }
        struct reading reading = reading_of(signal);
        reading.ts_us = payload->ts_us;
        reading.seq = payload->seq;
        set_age(r, message, &r->last[i].transit, &reading);
        if (is_repeated_reading(r, i, &reading)) {
            r->stats.repeated++;
        } else {
            deliver(r, i, &reading);
        }
    }
    payload_reading_free(payload);
}

/* A plain value: layout signal. It has no time of its own: where the broker keeps it for ever,
 * nobody knows how old it is. */
static void on_signal(struct readings *r, const struct topic_parsed *topic,
                      const struct mqtt_received *message)
{
    struct reading reading = {.quality = QUALITY_GOOD,
                              .age_is_unknown = message->retain && !message->expires};
    if (value_parse(message->payload, message->length, &reading.value) < 0) {
        reading.quality = QUALITY_NOT_AVAILABLE;
    }
    for (size_t i = 0; i < r->options.plan->engine.input_count; i++) {
        const struct signal_path *path = path_of(r, i);
        if (same_message(path, topic) && strcmp(path->signal, topic->signal) == 0) {
            deliver(r, i, &reading);
        }
    }
}

/* A gateway that is gone has no fresh values, whatever their age. */
static void on_status(struct readings *r, const struct topic_parsed *topic,
                      const struct mqtt_received *message)
{
    bool online;
    if (!payload_status_from_text(message->payload, message->length, &online)) {
        r->stats.malformed++;
        return;
    }
    const struct reading stale = {.quality = QUALITY_STALE};
    for (size_t i = 0; !online && i < r->options.plan->engine.input_count; i++) {
        if (is_of(path_of(r, i), topic->node)) {
            r->last[i] = (struct last_reading){0};
            r->options.input(r->options.context, i, &stale);
        }
    }
}

bool readings_on_message(struct readings *readings, const struct mqtt_received *message)
{
    const struct node_config *config = readings->options.plan->config;
    struct topic_parsed topic;
    if (topic_parse(config->broker.prefix, message->topic, &topic) < 0 ||
        strcmp(topic.site, config->site) != 0) {
        return false;
    }
    if (topic.kind != TOPIC_READING && topic.kind != TOPIC_SIGNAL && topic.kind != TOPIC_STATUS) {
        return false;
    }
    readings->stats.received++;
    if (message->length == 0) {
        return true; /* a retained value was deleted: nothing new is known */
    }
    if (topic.kind == TOPIC_READING) {
        on_reading(readings, &topic, message);
    } else if (topic.kind == TOPIC_SIGNAL) {
        on_signal(readings, &topic, message);
    } else {
        on_status(readings, &topic, message);
    }
    return true;
}

struct readings_stats readings_stats(const struct readings *readings)
{
    return readings->stats;
}
