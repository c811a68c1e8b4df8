#include "topics/payload_device.h"
#include "topics/json_number.h"
#include "topics/payload_json.h"
#include "topics/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEY_VALUE       "value"
#define KEY_FOR         "for_s"
#define KEY_TRANSACTION "transaction"
#define KEY_TARGET      "target"
#define KEY_SOURCE      "source"
#define KEY_REASON      "reason"
#define KEY_SINCE       "since"
#define KEY_UNTIL       "until"
#define KEY_QUALITY     "quality"

static const char *const wish_keys[] = {KEY_VALUE, KEY_FOR, KEY_TRANSACTION, NULL};

/* `text` has no blanks around and is not empty. */
static int read_plain(const char *text, size_t length, struct payload_wish *wish,
                      struct payload_error *reterr)
{
    if (json_number_is_valid(text, length)) {
        wish->type = PAYLOAD_NUMBER;
        int r = json_number_parse(text, length, &wish->number);
        if (r < 0) {
            payload_fail(reterr, "a number that cannot be held");
        }
        return r < 0 ? -EINVAL : 0;
    }
    bool is_true = length == 4 && memcmp(text, "true", 4) == 0;
    bool is_false = length == 5 && memcmp(text, "false", 5) == 0;
    if (is_true || is_false) {
        wish->type = PAYLOAD_BOOL;
        wish->truth = is_true;
        return 0;
    }
    if (length > PAYLOAD_TEXT_MAX_BYTES || !utf8_is_printable(text, length)) {
        payload_fail(reterr, "neither a number nor a text of up to %d printable bytes",
                     PAYLOAD_TEXT_MAX_BYTES);
        return -EINVAL;
    }
    wish->type = PAYLOAD_TEXT;
    memcpy(wish->text, text, length);
    wish->text[length] = '\0';
    return 0;
}

static int read_value(const cJSON *document, struct payload_wish *wish,
                      struct payload_error *reterr)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(document, KEY_VALUE);
    if (item == NULL) {
        payload_fail(reterr, "no '" KEY_VALUE "'");
        return -EINVAL;
    }
    struct payload_value value;
    int r = payload_json_value(item, &value, reterr);
    if (r < 0) {
        return r;
    }
    wish->type = value.type;
    wish->number = value.number;
    wish->truth = value.truth;
    if (value.type == PAYLOAD_TEXT) {
        memcpy(wish->text, value.text, strlen(value.text) + 1);
    }
    return 0;
}

static int read_object(const cJSON *document, struct payload_wish *wish,
                       struct payload_error *reterr)
{
    const char *transaction;
    int r = payload_json_only(document, wish_keys, reterr);
    r = r < 0 ? r : read_value(document, wish, reterr);
    r = r < 0 ? r : payload_json_u64(document, KEY_FOR, 1, PAYLOAD_FOR_MAX_S, &wish->for_s, reterr);
    r = r < 0 ? r
              : payload_json_text(document, KEY_TRANSACTION, PAYLOAD_TRANSACTION_MAX_BYTES,
                                  &transaction, reterr);
    if (r < 0) {
        return r;
    }
    if (transaction != NULL) {
        memcpy(wish->transaction, transaction, strlen(transaction) + 1);
    }
    return 0;
}

static int read_json(const char *text, size_t length, struct payload_wish *wish,
                     struct payload_error *reterr)
{
    cJSON *document;
    int r = payload_json_object(text, length, PAYLOAD_WISH_MAX_BYTES, &document, reterr);
    if (r < 0) {
        return r;
    }
    r = read_object(document, wish, reterr);
    cJSON_Delete(document);
    return r;
}

int payload_wish_decode(const char *text, size_t length, struct payload_wish *ret,
                        struct payload_error *reterr)
{
    if (length > PAYLOAD_WISH_MAX_BYTES) {
        payload_fail(reterr, "longer than %d bytes", PAYLOAD_WISH_MAX_BYTES);
        return -EMSGSIZE;
    }
    payload_trim(&text, &length);
    if (length == 0) {
        payload_fail(reterr, "empty");
        return -EINVAL;
    }
    struct payload_wish wish = {.type = PAYLOAD_NULL};
    bool json = memchr("{[\"", text[0], 3) != NULL;
    int r = json ? read_json(text, length, &wish, reterr) : read_plain(text, length, &wish, reterr);
    if (r < 0) {
        return r;
    }
    *ret = wish;
    return 0;
}

struct payload_value payload_wish_value(const struct payload_wish *wish)
{
    return (struct payload_value){.type = wish->type,
                                  .number = wish->number,
                                  .truth = wish->truth,
                                  .text = wish->type == PAYLOAD_TEXT ? wish->text : NULL};
}

void payload_device_state_member(struct json_writer *w, const char *key,
                                 const struct payload_device_state *state)
{
    json_object_begin(w, key);
    payload_value_write(w, KEY_VALUE, &state->value);
    payload_value_write(w, KEY_TARGET, &state->target);
    if (state->source != NULL) {
        json_string(w, KEY_SOURCE, state->source);
    }
    if (state->reason != NULL) {
        json_string(w, KEY_REASON, state->reason);
    }
    if (state->since_us > 0) {
        json_time_us(w, KEY_SINCE, state->since_us);
    }
    if (state->until_us > 0) {
        json_time_us(w, KEY_UNTIL, state->until_us);
    }
    json_string(w, KEY_QUALITY, reading_quality_text(state->quality));
    json_object_end(w);
}

void payload_device_state_write(struct json_writer *w, const struct payload_device_state *state)
{
    payload_device_state_member(w, NULL, state);
}

static int read_state_value(const cJSON *document, const char *key, struct payload_value *ret,
                            struct payload_error *reterr)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(document, key);
    if (item == NULL) {
        payload_fail(reterr, "no '%s'", key);
        return -EINVAL;
    }
    return payload_json_value(item, ret, reterr);
}

static int read_quality(const cJSON *document, enum reading_quality *ret,
                        struct payload_error *reterr)
{
    const char *word;
    int r = payload_json_text(document, KEY_QUALITY, PAYLOAD_TEXT_MAX_BYTES, &word, reterr);
    if (r < 0) {
        return r;
    }
    if (word == NULL || !reading_quality_from_text(word, ret)) {
        payload_fail(reterr, "'" KEY_QUALITY "' is no quality");
        return -EINVAL;
    }
    return 0;
}

static int read_state(struct payload_device_state *state, struct payload_error *reterr)
{
    const cJSON *document = state->document;
    int r = payload_json_distinct(document, reterr);
    r = r < 0 ? r : read_state_value(document, KEY_VALUE, &state->value, reterr);
    r = r < 0 ? r : read_state_value(document, KEY_TARGET, &state->target, reterr);
    r = r < 0 ? r
              : payload_json_text(document, KEY_SOURCE, PAYLOAD_TEXT_MAX_BYTES, &state->source,
                                  reterr);
    r = r < 0 ? r
              : payload_json_text(document, KEY_REASON, PAYLOAD_STATE_MAX_BYTES, &state->reason,
                                  reterr);
    r = r < 0 ? r : payload_json_time_us(document, KEY_SINCE, &state->since_us, reterr);
    r = r < 0 ? r : payload_json_time_us(document, KEY_UNTIL, &state->until_us, reterr);
    return r < 0 ? r : read_quality(document, &state->quality, reterr);
}

int payload_device_state_decode(const char *text, size_t length, struct payload_device_state **ret,
                                struct payload_error *reterr)
{
    cJSON *document;
    int r = payload_json_object(text, length, PAYLOAD_STATE_MAX_BYTES, &document, reterr);
    if (r < 0) {
        return r;
    }
    struct payload_device_state *state = calloc(1, sizeof(*state));
    if (state == NULL) {
        cJSON_Delete(document);
        payload_fail(reterr, "out of memory");
        return -ENOMEM;
    }
    state->document = document;
    r = read_state(state, reterr);
    if (r < 0) {
        payload_device_state_free(state);
        return r;
    }
    *ret = state;
    return 0;
}

void payload_device_state_free(struct payload_device_state *state)
{
    if (state != NULL) {
        cJSON_Delete(state->document);
        free(state);
    }
}
