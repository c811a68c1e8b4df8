#include "topics/payload_alarm_set.h"

#include "topics/payload_json.h"

#include <errno.h>
#include <string.h>

#define KEY_ACTION      "action"
#define KEY_SHELVE      "shelve_s"
#define KEY_BY          "by"
#define KEY_TRANSACTION "transaction"

#define ACTIONS "ack, reset, unshelve, suppress, out_of_service, restore or {\"shelve_s\": ...}"

static const char *const keys[] = {KEY_ACTION, KEY_SHELVE, KEY_BY, KEY_TRANSACTION, NULL};

static const enum payload_alarm_event_word actions[] = {
    PAYLOAD_ALARM_ACK,      PAYLOAD_ALARM_RESET,    PAYLOAD_ALARM_UNSHELVE,
    PAYLOAD_ALARM_SUPPRESS, PAYLOAD_ALARM_TAKE_OUT, PAYLOAD_ALARM_RESTORE,
};

static int read_action(const char *text, size_t length, enum payload_alarm_event_word *ret,
                       struct payload_error *reterr)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        const char *word = payload_alarm_event_text(actions[i]);
        if (strlen(word) == length && memcmp(word, text, length) == 0) {
            *ret = actions[i];
            return 0;
        }
    }
    payload_fail(reterr, "'%.*s' is none of " ACTIONS, (int)(length < 40 ? length : 40), text);
    return -EINVAL;
}

static int read_text(const cJSON *document, const char *key, size_t max_bytes, char *ret,
                     struct payload_error *reterr)
{
    const char *text;
    int r = payload_json_text(document, key, max_bytes, &text, reterr);
    if (r == 0 && text != NULL) {
        memcpy(ret, text, strlen(text) + 1);
    }
    return r;
}

static int read_document(const cJSON *document, struct payload_alarm_set *set,
                         struct payload_error *reterr)
{
    const char *action;
    int r = payload_json_only(document, keys, reterr);
    r = r < 0 ? r : read_text(document, KEY_BY, PAYLOAD_BY_MAX_BYTES, set->by, reterr);
    r = r < 0 ? r
              : read_text(document, KEY_TRANSACTION, PAYLOAD_TRANSACTION_MAX_BYTES,
                          set->transaction, reterr);
    r = r < 0 ? r
              : payload_json_text(document, KEY_ACTION, PAYLOAD_TEXT_MAX_BYTES, &action, reterr);
    r = r < 0
            ? r
            : payload_json_u64(document, KEY_SHELVE, 1, PAYLOAD_FOR_MAX_S, &set->shelve_s, reterr);
    if (r < 0) {
        return r;
    }
    if ((action != NULL) == (set->shelve_s > 0)) {
        payload_fail(reterr, "either '" KEY_ACTION "' or '" KEY_SHELVE "' says what to do");
        return -EINVAL;
    }
    set->action = PAYLOAD_ALARM_SHELVE;
    return action != NULL ? read_action(action, strlen(action), &set->action, reterr) : 0;
}

int payload_alarm_set_decode(const char *text, size_t length, struct payload_alarm_set *ret,
                             struct payload_error *reterr)
{
    struct payload_alarm_set set = {.shelve_s = 0};
    cJSON *document;
    if (length > PAYLOAD_WISH_MAX_BYTES) {
        payload_fail(reterr, "longer than %d bytes", PAYLOAD_WISH_MAX_BYTES);
        return -EMSGSIZE;
    }
    payload_trim(&text, &length);
    int r;
    if (length == 0 || text[0] != '{') {
        r = read_action(text, length, &set.action, reterr);
    } else {
        r = payload_json_object(text, length, PAYLOAD_WISH_MAX_BYTES, &document, reterr);
        if (r == 0) {
            r = read_document(document, &set, reterr);
            cJSON_Delete(document);
        }
    }
    if (r == 0) {
        *ret = set;
    }
    return r;
}
