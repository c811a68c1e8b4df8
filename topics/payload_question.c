#include "topics/payload_question.h"

#include "topics/payload_query_keys.h"

#include <errno.h>
#include <string.h>

#define KEY_DEVICE "device"
#define KEY_RULE   "rule"
#define KEY_NODE   "to"

typedef int (*read_fn)(const cJSON *document, int64_t now_us, struct payload_question *question,
                       struct payload_error *reterr);

static int need(const char *id, const char *key, const char *example, struct payload_error *reterr)
{
    if (id[0] != '\0') {
        return 0;
    }
    payload_fail(reterr, "'%s' must be there, as in {\"%s\":\"%s\"}", key, key, example);
    return -EINVAL;
}

static int read_device(const cJSON *document, int64_t now_us, struct payload_question *question,
                       struct payload_error *reterr)
{
    (void)now_us;
    int r = payload_read_id(document, KEY_DEVICE, question->device, reterr);
    return r < 0 ? r : need(question->device, KEY_DEVICE, "heater", reterr);
}

static int read_any_rule(const cJSON *document, int64_t now_us, struct payload_question *question,
                         struct payload_error *reterr)
{
    (void)now_us;
    return payload_read_id(document, KEY_RULE, question->rule, reterr);
}

static int read_rule(const cJSON *document, int64_t now_us, struct payload_question *question,
                     struct payload_error *reterr)
{
    int r = read_any_rule(document, now_us, question, reterr);
    return r < 0 ? r : need(question->rule, KEY_RULE, "air_when_hot", reterr);
}

static int read_history(const cJSON *document, int64_t now_us, struct payload_question *question,
                        struct payload_error *reterr)
{
    question->limit = PAYLOAD_DECISIONS_DEFAULT;
    int r = payload_read_id(document, KEY_DEVICE, question->device, reterr);
    r = r < 0 ? r
              : payload_read_span(document, now_us, &question->from_us, &question->to_us, reterr);
    return r < 0 ? r
                 : payload_json_u64(document, KEY_LIMIT, 1, PAYLOAD_DECISIONS_MAX, &question->limit,
                                    reterr);
}

static int read_successor(const cJSON *document, int64_t now_us, struct payload_question *question,
                          struct payload_error *reterr)
{
    (void)now_us;
    return payload_read_id(document, KEY_NODE, question->to, reterr);
}

static const char *const successor_keys[] = {KEY_NODE, KEY_TRANSACTION, NULL};
static const char *const device_keys[] = {KEY_DEVICE, KEY_TRANSACTION, NULL};
static const char *const rule_keys[] = {KEY_RULE, KEY_TRANSACTION, NULL};
static const char *const no_keys[] = {KEY_TRANSACTION, NULL};
static const char *const history_keys[] = {KEY_DEVICE, KEY_FROM,        KEY_TO, KEY_LAST,
                                           KEY_LIMIT,  KEY_TRANSACTION, NULL};

static const struct {
    const char *text;
    const char *const *keys;
    read_fn read; /* what goes beyond the transaction; NULL: nothing */
} verbs[] = {
    [PAYLOAD_QUESTION_EXPLAIN] = {"explain", device_keys, read_device},
    [PAYLOAD_QUESTION_DEVICES] = {"devices", no_keys, NULL},
    [PAYLOAD_QUESTION_RULES] = {"rules", rule_keys, read_any_rule},
    [PAYLOAD_QUESTION_HISTORY] = {"history", history_keys, read_history},
    [PAYLOAD_QUESTION_DRY_RUN] = {"dry_run", rule_keys, read_rule},
    [PAYLOAD_QUESTION_RELOAD] = {"reload", no_keys, NULL},
    [PAYLOAD_QUESTION_HANDOVER] = {"handover", successor_keys, read_successor},
    [PAYLOAD_QUESTION_SUPPORT] = {"support", no_keys, NULL},
};
_Static_assert(sizeof(verbs) / sizeof(verbs[0]) == PAYLOAD_QUESTION_COUNT, "a row for every verb");

const char *payload_question_text(enum payload_question_verb verb)
{
    return verbs[verb].text;
}

bool payload_question_from_text(const char *text, enum payload_question_verb *ret)
{
    for (size_t i = 0; i < PAYLOAD_QUESTION_COUNT; i++) {
        if (strcmp(text, verbs[i].text) == 0) {
            *ret = (enum payload_question_verb)i;
            return true;
        }
    }
    return false;
}

int payload_question_decode(enum payload_question_verb verb, const char *text, size_t length,
                            int64_t now_us, struct payload_question *ret,
                            struct payload_error *reterr)
{
    cJSON *document;
    int r = payload_json_object(text, length, PAYLOAD_REQUEST_MAX_BYTES, &document, reterr);
    if (r < 0) {
        return r;
    }
    struct payload_question question = {.verb = verb};
    r = payload_json_only(document, verbs[verb].keys, reterr);
    r = r < 0 ? r : payload_read_transaction(document, question.transaction, reterr);
    if (r == 0 && verbs[verb].read != NULL) {
        r = verbs[verb].read(document, now_us, &question, reterr);
    }
    cJSON_Delete(document);
    if (r == 0) {
        *ret = question;
    }
    return r;
}
