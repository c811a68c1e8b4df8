#include "topics/payload_reading.h"
#include "topics/limits.h"
#include "topics/payload_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEY_TIME    "ts"
#define KEY_SEQ     "seq"
#define KEY_SIGNALS "signals"
#define KEY_QUALITY "q"

static const char *const keys[] = {KEY_TIME, KEY_SEQ, KEY_SIGNALS, KEY_QUALITY, NULL};

static const char *const qualities[] = {
    [READING_GOOD] = "good",
    [READING_STALE] = "stale",
    [READING_OUT_OF_RANGE] = "out_of_range",
    [READING_NOT_AVAILABLE] = "not_available",
};
#define QUALITY_COUNT (sizeof(qualities) / sizeof(qualities[0]))
_Static_assert(QUALITY_COUNT == READING_NOT_AVAILABLE + 1, "a word for every quality");

const char *reading_quality_text(enum reading_quality quality)
{
    return qualities[quality];
}

bool reading_quality_from_text(const char *text, enum reading_quality *ret)
{
    for (size_t i = 0; i < QUALITY_COUNT; i++) {
        if (strcmp(text, qualities[i]) == 0) {
            *ret = (enum reading_quality)i;
            return true;
        }
    }
    return false;
}

void payload_reading_begin(struct json_writer *w, const struct payload_origin *origin,
                           int64_t ts_us, uint64_t seq)
{
    json_object_begin(w, NULL);
    if (origin != NULL) {
        json_string(w, "bus", origin->bus);
        json_string(w, "message", origin->message);
    }
    json_time_us(w, KEY_TIME, ts_us);
    if (seq > 0) {
        json_u64(w, KEY_SEQ, seq);
    }
    json_object_begin(w, KEY_SIGNALS);
}

void payload_reading_number(struct json_writer *w, const char *name, const char *decimal,
                            size_t length)
{
    json_number_text(w, name, decimal, length);
}

void payload_reading_label(struct json_writer *w, const char *name, const char *label)
{
    json_string(w, name, label);
}

void payload_reading_null(struct json_writer *w, const char *name)
{
    json_null(w, name);
}

void payload_reading_quality_begin(struct json_writer *w)
{
    json_object_end(w);
    json_object_begin(w, KEY_QUALITY);
}

void payload_reading_quality(struct json_writer *w, const char *name, enum reading_quality quality)
{
    if (quality != READING_GOOD) {
        json_string(w, name, reading_quality_text(quality));
    }
}

void payload_reading_end(struct json_writer *w)
{
    json_object_end(w); /* the signals, or the qualities that took their place */
    json_object_end(w);
}

static int read_head(struct payload_reading *reading, struct payload_error *reterr)
{
    const cJSON *document = reading->document;
    int r = payload_json_only(document, keys, reterr);
    if (r < 0) {
        return r;
    }
    reading->ts_us = -1;
    r = payload_json_time_us(document, KEY_TIME, &reading->ts_us, reterr);
    if (r < 0) {
        return r;
    }
    if (reading->ts_us < 0) {
        payload_fail(reterr, "no '" KEY_TIME "'");
        return -EINVAL;
    }
    return payload_json_u64(document, KEY_SEQ, 1, PAYLOAD_INTEGER_MAX, &reading->seq, reterr);
}

static int read_signals(struct payload_reading *reading, struct payload_error *reterr)
{
    const cJSON *signals = cJSON_GetObjectItemCaseSensitive(reading->document, KEY_SIGNALS);
    if (!cJSON_IsObject(signals)) {
        payload_fail(reterr, "'" KEY_SIGNALS "' is not an object");
        return -EINVAL;
    }
    int r = payload_json_distinct(signals, reterr);
    if (r < 0) {
        return r;
    }
    reading->signals = calloc((size_t)cJSON_GetArraySize(signals) + 1, sizeof(*reading->signals));
    if (reading->signals == NULL) {
        payload_fail(reterr, "out of memory");
        return -ENOMEM;
    }
    for (const cJSON *item = signals->child; item != NULL; item = item->next) {
        struct payload_reading_signal *signal = &reading->signals[reading->count++];
        signal->name = item->string;
        r = payload_json_value(item, &signal->value, reterr);
        if (r < 0) {
            return r;
        }
        if (signal->value.type == PAYLOAD_BOOL) {
            payload_fail(reterr, "'%s' is a bool", item->string);
            return -EINVAL;
        }
    }
    return 0;
}

static int read_qualities(struct payload_reading *reading, struct payload_error *reterr)
{
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(reading->document, KEY_QUALITY);
    if (object == NULL) {
        return 0;
    }
    if (!cJSON_IsObject(object)) {
        payload_fail(reterr, "'" KEY_QUALITY "' is not an object");
        return -EINVAL;
    }
    int r = payload_json_distinct(object, reterr);
    if (r < 0) {
        return r;
    }
    for (const cJSON *item = object->child; item != NULL; item = item->next) {
        struct payload_reading_signal *signal =
            (struct payload_reading_signal *)payload_reading_find(reading, item->string);
        if (signal == NULL || !cJSON_IsString(item) ||
            !reading_quality_from_text(item->valuestring, &signal->quality)) {
            payload_fail(reterr, "'" KEY_QUALITY "' of '%s' is no quality, or of no signal here",
                         item->string);
            return -EINVAL;
        }
    }
    return 0;
}

int payload_reading_decode(const char *text, size_t length, struct payload_reading **ret,
                           struct payload_error *reterr)
{
    cJSON *document;
    int r = payload_json_object(text, length, PAYLOAD_READING_MAX_BYTES, &document, reterr);
    if (r < 0) {
        return r;
    }
    struct payload_reading *reading = calloc(1, sizeof(*reading));
    if (reading == NULL) {
        cJSON_Delete(document);
        payload_fail(reterr, "out of memory");
        return -ENOMEM;
    }
    reading->document = document;
    r = read_head(reading, reterr);
    r = r < 0 ? r : read_signals(reading, reterr);
    r = r < 0 ? r : read_qualities(reading, reterr);
    if (r < 0) {
        payload_reading_free(reading);
        return r;
    }
    *ret = reading;
    return 0;
}

void payload_reading_free(struct payload_reading *reading)
{
    if (reading != NULL) {
        cJSON_Delete(reading->document);
        free(reading->signals);
        free(reading);
    }
}

const struct payload_reading_signal *payload_reading_find(const struct payload_reading *reading,
                                                          const char *name)
{
    for (size_t i = 0; i < reading->count; i++) {
        if (strcmp(reading->signals[i].name, name) == 0) {
            return &reading->signals[i];
        }
    }
    return NULL;
}
