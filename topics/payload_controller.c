#include "topics/payload_controller.h"
#include "topics/json_number.h"
#include "topics/payload_json.h"

#include <errno.h>
#include <string.h>

#define KEY_SETPOINT    "setpoint"
#define KEY_MODE        "mode"
#define KEY_OUTPUT      "output"
#define KEY_PRESET      "preset"
#define KEY_TRANSACTION "transaction"

static const char *const set_keys[] = {KEY_SETPOINT, KEY_MODE,        KEY_OUTPUT,
                                       KEY_PRESET,   KEY_TRANSACTION, NULL};

static const char *const modes[] = {
    [PAYLOAD_CONTROLLER_OFF] = "off",
    [PAYLOAD_CONTROLLER_AUTO] = "auto",
    [PAYLOAD_CONTROLLER_MANUAL] = "manual",
};

static int read_number(const cJSON *document, const char *key, bool *ret_given, double *ret,
                       struct payload_error *reterr)
{
    struct payload_value value;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(document, key);
    *ret_given = item != NULL;
    if (item == NULL) {
        return 0;
    }
    int r = payload_json_value(item, &value, reterr);
    if (r == 0 && value.type != PAYLOAD_NUMBER) {
        payload_fail(reterr, "'%s' is no number", key);
        r = -EINVAL;
    }
    *ret = r == 0 ? value.number : 0;
    return r;
}

static int read_mode(const cJSON *document, struct payload_controller_set *set,
                     struct payload_error *reterr)
{
    const char *word;
    int r = payload_json_text(document, KEY_MODE, PAYLOAD_TEXT_MAX_BYTES, &word, reterr);
    if (r < 0 || word == NULL) {
        return r;
    }
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(modes[i], word) == 0) {
            set->has_mode = true;
            set->mode = (enum payload_controller_mode)i;
            return 0;
        }
    }
    payload_fail(reterr, "'" KEY_MODE "' is neither auto, manual nor off");
    return -EINVAL;
}

static int read_object(const cJSON *document, struct payload_controller_set *set,
                       struct payload_error *reterr)
{
    const char *preset = NULL;
    const char *transaction;
    int r = payload_json_only(document, set_keys, reterr);
    r = r < 0 ? r : read_number(document, KEY_SETPOINT, &set->has_setpoint, &set->setpoint, reterr);
    r = r < 0 ? r : read_number(document, KEY_OUTPUT, &set->has_output, &set->output, reterr);
    r = r < 0 ? r : read_mode(document, set, reterr);
    r = r < 0 ? r
              : payload_json_text(document, KEY_PRESET, PAYLOAD_TEXT_MAX_BYTES, &preset, reterr);
    r = r < 0 ? r
              : payload_json_text(document, KEY_TRANSACTION, PAYLOAD_TRANSACTION_MAX_BYTES,
                                  &transaction, reterr);
    if (r < 0) {
        return r;
    }
    if (preset != NULL) {
        memcpy(set->preset, preset, strlen(preset) + 1);
    }
    if (!set->has_setpoint && !set->has_output && !set->has_mode && preset == NULL) {
        payload_fail(reterr, "nothing is asked for");
        return -EINVAL;
    }
    return 0;
}

int payload_controller_set_decode(const char *text, size_t length,
                                  struct payload_controller_set *ret, struct payload_error *reterr)
{
    struct payload_controller_set set = {0};
    if (length > PAYLOAD_WISH_MAX_BYTES) {
        payload_fail(reterr, "longer than %d bytes", PAYLOAD_WISH_MAX_BYTES);
        return -EMSGSIZE;
    }
    payload_trim(&text, &length);
    int r;
    if (json_number_is_valid(text, length)) {
        set.has_setpoint = true;
        r = json_number_parse(text, length, &set.setpoint);
        if (r < 0) {
            payload_fail(reterr, "a number that cannot be held");
            r = -EINVAL;
        }
    } else {
        cJSON *document;
        r = payload_json_object(text, length, PAYLOAD_WISH_MAX_BYTES, &document, reterr);
        if (r == 0) {
            r = read_object(document, &set, reterr);
            cJSON_Delete(document);
        }
    }
    if (r == 0) {
        *ret = set;
    }
    return r;
}

void payload_controller_state_write(struct json_writer *w,
                                    const struct payload_controller_state *state)
{
    json_object_begin(w, NULL);
    json_string(w, KEY_MODE, modes[state->mode]);
    json_double(w, KEY_SETPOINT, state->setpoint);
    payload_value_write(w, "value", &state->value);
    payload_value_write(w, KEY_OUTPUT, &state->output);
    if (state->has_terms) {
        json_object_begin(w, "terms");
        json_double(w, "p", state->p);
        json_double(w, "i", state->i);
        json_double(w, "d", state->d);
        json_object_end(w);
    }
    json_string(w, "quality", reading_quality_text(state->quality));
    if (state->reason != NULL) {
        json_string(w, "reason", state->reason);
    }
    json_object_end(w);
}
