#include "topics/payload_controller.h"
#include "topics/json_number.h"
#include "topics/payload_json.h"

#include <errno.h>
#include <string.h>

#define KEY_SETPOINT    "setpoint"
#define KEY_MODE        "mode"
#define KEY_OUTPUT      "output"
#define KEY_PRESET      "preset"
#define KEY_LOW         "setpoint_low"
#define KEY_HIGH        "setpoint_high"
#define KEY_AUTOTUNE    "autotune"
#define KEY_TRANSACTION "transaction"

static const char *const set_keys[] = {KEY_SETPOINT, KEY_LOW,         KEY_HIGH,
                                       KEY_MODE,     KEY_OUTPUT,      KEY_PRESET,
                                       KEY_AUTOTUNE, KEY_TRANSACTION, NULL};

static const char *const modes[] = {
    [PAYLOAD_CONTROLLER_OFF] = "off",       [PAYLOAD_CONTROLLER_AUTO] = "auto",
    [PAYLOAD_CONTROLLER_MANUAL] = "manual", [PAYLOAD_CONTROLLER_HEAT] = "heat",
    [PAYLOAD_CONTROLLER_COOL] = "cool",     [PAYLOAD_CONTROLLER_HEAT_COOL] = "heat_cool",
};
_Static_assert(sizeof(modes) / sizeof(modes[0]) == PAYLOAD_CONTROLLER_MODE_COUNT,
               "a word for each mode");

static const char *const actions[] = {
    [PAYLOAD_ACTION_OFF] = "off",
    [PAYLOAD_ACTION_IDLE] = "idle",
    [PAYLOAD_ACTION_HEATING] = "heating",
    [PAYLOAD_ACTION_COOLING] = "cooling",
};
_Static_assert(sizeof(actions) / sizeof(actions[0]) == PAYLOAD_ACTION_COUNT,
               "a word for each action");

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
    payload_fail(reterr, "'" KEY_MODE "' is none of auto, manual, heat, cool, heat_cool and off");
    return -EINVAL;
}

static int read_autotune(const cJSON *document, struct payload_controller_set *set,
                         struct payload_error *reterr)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(document, KEY_AUTOTUNE);
    const char *word = cJSON_GetStringValue(item);
    if (item == NULL) {
        return 0;
    }
    if (cJSON_IsBool(item)) {
        set->autotune = cJSON_IsTrue(item) ? PAYLOAD_AUTOTUNE_START : PAYLOAD_AUTOTUNE_CANCEL;
    } else if (word != NULL && strcmp(word, "apply") == 0) {
        set->autotune = PAYLOAD_AUTOTUNE_APPLY;
    } else if (word != NULL && strcmp(word, "revert") == 0) {
        set->autotune = PAYLOAD_AUTOTUNE_REVERT;
    } else {
        payload_fail(reterr, "'" KEY_AUTOTUNE "' is none of true, false, apply and revert");
        return -EINVAL;
    }
    return 0;
}

static int check_combination(const struct payload_controller_set *set, struct payload_error *reterr)
{
    bool others = set->has_setpoint || set->has_low || set->has_high || set->has_output ||
                  set->has_mode || set->preset[0] != '\0';
    bool tunes = set->autotune != PAYLOAD_AUTOTUNE_NONE;
    if (others && tunes) {
        payload_fail(reterr, "'" KEY_AUTOTUNE "' has to come alone");
    } else if (!others && !tunes) {
        payload_fail(reterr, "nothing is asked for");
    }
    return others == tunes ? -EINVAL : 0;
}

static int read_object(const cJSON *document, struct payload_controller_set *set,
                       struct payload_error *reterr)
{
    const char *preset = NULL;
    const char *transaction;
    int r = payload_json_only(document, set_keys, reterr);
    r = r < 0 ? r : read_number(document, KEY_SETPOINT, &set->has_setpoint, &set->setpoint, reterr);
    r = r < 0 ? r : read_number(document, KEY_LOW, &set->has_low, &set->low, reterr);
    r = r < 0 ? r : read_number(document, KEY_HIGH, &set->has_high, &set->high, reterr);
    r = r < 0 ? r : read_autotune(document, set, reterr);
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
    return check_combination(set, reterr);
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

static void write_gains(struct json_writer *w, const struct payload_controller_gains *gains)
{
    json_double(w, "kp", gains->kp);
    json_double(w, "ki", gains->ki);
    json_double(w, "kd", gains->kd);
}

static void write_tuning(struct json_writer *w, const struct payload_controller_tuning *tuning)
{
    json_object_begin(w, KEY_AUTOTUNE);
    json_string(w, "state", tuning->state);
    json_u64(w, "cycles", tuning->cycles);
    json_string(w, "rule", tuning->rule);
    if (tuning->has_result) {
        json_double(w, "ultimate_gain", tuning->ultimate_gain);
        json_double(w, "ultimate_period_s", tuning->ultimate_period_s);
        write_gains(w, &tuning->gains);
        json_bool(w, "applied", tuning->applied);
    }
    json_object_end(w);
}

/* What a PID controller has beside the rest. */
static void write_terms(struct json_writer *w, const struct payload_controller_state *state)
{
    json_object_begin(w, "terms");
    json_double(w, "p", state->p);
    json_double(w, "i", state->i);
    json_double(w, "d", state->d);
    json_object_end(w);
    json_object_begin(w, "gains");
    write_gains(w, &state->gains);
    json_object_end(w);
    if (state->tuning != NULL) {
        write_tuning(w, state->tuning);
    }
    if (state->has_pwm) {
        json_object_begin(w, "pwm");
        payload_value_write(w, "value", &state->switched);
        json_double(w, "owed_s", state->owed_s);
        json_object_end(w);
    }
}

void payload_controller_state_write(struct json_writer *w,
                                    const struct payload_controller_state *state)
{
    json_object_begin(w, NULL);
    json_string(w, KEY_MODE, modes[state->mode]);
    json_double(w, KEY_SETPOINT, state->setpoint);
    if (state->has_band) {
        json_double(w, KEY_LOW, state->low);
        json_double(w, KEY_HIGH, state->high);
    }
    payload_value_write(w, "value", &state->value);
    payload_value_write(w, KEY_OUTPUT, &state->output);
    if (state->has_terms) {
        write_terms(w, state);
    }
    if (state->has_action) {
        json_string(w, "action", actions[state->action]);
    }
    json_string(w, "quality", reading_quality_text(state->quality));
    if (state->reason != NULL) {
        json_string(w, "reason", state->reason);
    }
    json_object_end(w);
}
