#include "topics/payload_rule.h"
#include "topics/payload_json.h"

#include <errno.h>
#include <string.h>

#define KEY_ACTION      "action"
#define KEY_TRANSACTION "transaction"

static const char *const set_keys[] = {KEY_ACTION, KEY_TRANSACTION, NULL};

static bool action_from_word(const char *word, size_t length, enum payload_rule_action *ret)
{
    static const char *const words[] = {
        [PAYLOAD_RULE_ENABLE] = "enable",
        [PAYLOAD_RULE_DISABLE] = "disable",
        [PAYLOAD_RULE_RUN] = "run",
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i]) == length && memcmp(words[i], word, length) == 0) {
            *ret = (enum payload_rule_action)i;
            return true;
        }
    }
    return false;
}

static int take_word(const char *word, size_t length, enum payload_rule_action *ret,
                     struct payload_error *reterr)
{
    if (!action_from_word(word, length, ret)) {
        payload_fail(reterr, "neither enable, disable nor run");
        return -EINVAL;
    }
    return 0;
}

static int read_object(const cJSON *document, enum payload_rule_action *ret,
                       struct payload_error *reterr)
{
    const char *word = NULL;
    const char *transaction;
    int r = payload_json_only(document, set_keys, reterr);
    r = r < 0 ? r : payload_json_text(document, KEY_ACTION, PAYLOAD_TEXT_MAX_BYTES, &word, reterr);
    r = r < 0 ? r
              : payload_json_text(document, KEY_TRANSACTION, PAYLOAD_TRANSACTION_MAX_BYTES,
                                  &transaction, reterr);
    return r < 0
               ? r
               : take_word(word != NULL ? word : "", word != NULL ? strlen(word) : 0, ret, reterr);
}

int payload_rule_set_decode(const char *text, size_t length, enum payload_rule_action *ret,
                            struct payload_error *reterr)
{
    if (length > PAYLOAD_WISH_MAX_BYTES) {
        payload_fail(reterr, "longer than %d bytes", PAYLOAD_WISH_MAX_BYTES);
        return -EMSGSIZE;
    }
    payload_trim(&text, &length);
    if (length == 0 || text[0] != '{') {
        return take_word(text, length, ret, reterr);
    }
    cJSON *document;
    int r = payload_json_object(text, length, PAYLOAD_WISH_MAX_BYTES, &document, reterr);
    if (r < 0) {
        return r;
    }
    r = read_object(document, ret, reterr);
    cJSON_Delete(document);
    return r;
}

void payload_rule_state_member(struct json_writer *w, const char *key,
                               const struct payload_rule_state *state)
{
    json_object_begin(w, key);
    json_bool(w, "enabled", state->enabled);
    json_u64(w, "active", state->active);
    json_u64(w, "waiting", state->waiting);
    json_u64(w, "runs", state->runs);
    json_u64(w, "dropped", state->dropped);
    json_u64(w, "prevented", state->prevented);
    if (state->last_run_us > 0) {
        json_time_us(w, "last_run", state->last_run_us);
    }
    if (state->reason != NULL) {
        json_string(w, "reason", state->reason);
    }
    json_object_end(w);
}

void payload_rule_state_write(struct json_writer *w, const struct payload_rule_state *state)
{
    payload_rule_state_member(w, NULL, state);
}

void payload_rule_trace_member(struct json_writer *w, const char *key,
                               const struct payload_rule_trace *trace)
{
    json_object_begin(w, key);
    json_time_us(w, "ts", trace->ts_us);
    json_string(w, "reason", trace->reason);
    json_string(w, "result", trace->result);
    json_array_begin(w, "steps");
    for (size_t i = 0; i < trace->step_count; i++) {
        json_object_begin(w, NULL);
        json_string(w, "step", trace->steps[i].step);
        json_string(w, "outcome", trace->steps[i].outcome);
        json_time_us(w, "ts", trace->steps[i].ts_us);
        if (trace->steps[i].branch > 0) {
            json_u64(w, "branch", trace->steps[i].branch);
        }
        json_object_end(w);
    }
    json_array_end(w);
    if (trace->more > 0) {
        json_u64(w, "more", trace->more);
    }
    json_object_end(w);
}

void payload_rule_trace_write(struct json_writer *w, const struct payload_rule_trace *trace)
{
    payload_rule_trace_member(w, NULL, trace);
}

void payload_schedule_state_write(struct json_writer *w, const struct payload_schedule_state *state)
{
    json_object_begin(w, NULL);
    json_bool(w, "enabled", state->enabled);
    payload_value_write(w, "value", &state->value);
    if (state->reason != NULL) {
        json_string(w, "reason", state->reason);
    }
    if (state->next_us > 0) {
        json_object_begin(w, "next");
        json_time_us(w, "ts", state->next_us);
        payload_value_write(w, "value", &state->next_value);
        json_object_end(w);
    }
    json_object_end(w);
}
