#include "topics/payload_query.h"
#include "topics/payload_json.h"
#include "topics/payload_query_keys.h"
#include "topics/topic_id.h"

#include <errno.h>
#include <string.h>

#define KEY_SIGNAL     "signal"
#define KEY_SIGNALS    "signals"
#define KEY_MAX_POINTS "max_points"
#define KEY_BUCKET     "bucket_s"
#define KEY_BUS        "bus"
#define KEY_MESSAGE    "message"
#define KEY_AFTER      "after_seq"
#define KEY_ALARM      "alarm"

/* The id up to `end`, and past it. */
static bool take_id(const char **text, char end, char id[TOPIC_ID_MAX_BYTES + 1])
{
    size_t length = strcspn(*text, "/");
    if (!topic_id_n_is_valid(*text, length) || (*text)[length] != end) {
        return false;
    }
    memcpy(id, *text, length);
    id[length] = '\0';
    *text += length + 1;
    return true;
}

static bool read_path(const char *text, struct payload_path *path)
{
    return take_id(&text, '/', path->bus) && take_id(&text, '/', path->message) &&
           take_id(&text, '\0', path->signal);
}

static bool is_asked_for(const struct payload_query *query, const struct payload_path *path)
{
    for (size_t i = 0; i < query->signal_count; i++) {
        const struct payload_path *other = &query->signals[i];
        if (strcmp(other->signal, path->signal) == 0 &&
            strcmp(other->message, path->message) == 0 && strcmp(other->bus, path->bus) == 0) {
            return true;
        }
    }
    return false;
}

static int add_signal(struct payload_query *query, const cJSON *item, struct payload_error *reterr)
{
    const char *text = cJSON_IsString(item) ? item->valuestring : "";
    struct payload_path path;
    if (!read_path(text, &path)) {
        payload_fail(reterr, "'%s' is not the path of a signal like 'can0/Climate/Temperature'",
                     text);
        return -EINVAL;
    }
    if (is_asked_for(query, &path)) {
        payload_fail(reterr, "signal '%s' is there twice", text);
        return -EINVAL;
    }
    query->signals[query->signal_count++] = path;
    return 0;
}

static int read_signals(const cJSON *document, struct payload_query *query,
                        struct payload_error *reterr)
{
    const cJSON *one = payload_find_member(document, KEY_SIGNAL);
    const cJSON *many = payload_find_member(document, KEY_SIGNALS);
    if ((one != NULL) == (many != NULL)) {
        payload_fail(reterr, "either '" KEY_SIGNAL "' or '" KEY_SIGNALS "' must be there");
        return -EINVAL;
    }
    if (one != NULL) {
        return add_signal(query, one, reterr);
    }
    int count = cJSON_GetArraySize(many);
    if (!cJSON_IsArray(many) || count < 1 || count > PAYLOAD_QUERY_SIGNALS_MAX) {
        payload_fail(reterr, "'" KEY_SIGNALS "' is not an array of 1 to %d signals",
                     PAYLOAD_QUERY_SIGNALS_MAX);
        return -EINVAL;
    }
    int r = 0;
    for (const cJSON *item = many->child; item != NULL && r == 0; item = item->next) {
        r = add_signal(query, item, reterr);
    }
    return r;
}

static int read_history(const cJSON *document, int64_t now_us, struct payload_query *query,
                        struct payload_error *reterr)
{
    query->max_points = PAYLOAD_POINTS_DEFAULT;
    int r = read_signals(document, query, reterr);
    r = r < 0 ? r : payload_read_span(document, now_us, &query->from_us, &query->to_us, reterr);
    return r < 0 ? r
                 : payload_json_u64(document, KEY_MAX_POINTS, PAYLOAD_POINTS_MIN,
                                    PAYLOAD_POINTS_MAX, &query->max_points, reterr);
}

static int read_bucket(const cJSON *document, struct payload_query *query,
                       struct payload_error *reterr)
{
    uint64_t bucket_s = 0;
    int r = payload_json_u64(document, KEY_BUCKET, PAYLOAD_BUCKET_MIN_S, PAYLOAD_BUCKET_MAX_S,
                             &bucket_s, reterr);
    if (r < 0) {
        return r;
    }
    int64_t span_us = query->to_us - query->from_us;
    query->bucket_us = bucket_s > 0 ? (int64_t)bucket_s * PAYLOAD_US_PER_S : span_us;
    if (span_us > query->bucket_us * PAYLOAD_BUCKETS_MAX) {
        payload_fail(reterr, "more than %d buckets: '" KEY_BUCKET "' must be at least %lld",
                     PAYLOAD_BUCKETS_MAX,
                     (long long)(span_us / PAYLOAD_BUCKETS_MAX / PAYLOAD_US_PER_S + 1));
        return -EINVAL;
    }
    return 0;
}

static int read_statistics(const cJSON *document, int64_t now_us, struct payload_query *query,
                           struct payload_error *reterr)
{
    int r = read_signals(document, query, reterr);
    r = r < 0 ? r : payload_read_span(document, now_us, &query->from_us, &query->to_us, reterr);
    return r < 0 ? r : read_bucket(document, query, reterr);
}

/* What is asked for in pages. */
static int read_page(const cJSON *document, int64_t now_us, struct payload_query *query,
                     struct payload_error *reterr)
{
    query->limit = PAYLOAD_MESSAGES_DEFAULT;
    int r = payload_read_span(document, now_us, &query->from_us, &query->to_us, reterr);
    r = r < 0
            ? r
            : payload_json_u64(document, KEY_LIMIT, 1, PAYLOAD_MESSAGES_MAX, &query->limit, reterr);
    return r < 0 ? r
                 : payload_json_u64(document, KEY_AFTER, 0, PAYLOAD_INTEGER_MAX, &query->after_seq,
                                    reterr);
}

static int read_messages(const cJSON *document, int64_t now_us, struct payload_query *query,
                         struct payload_error *reterr)
{
    int r = payload_read_id(document, KEY_BUS, query->bus, reterr);
    r = r < 0 ? r : payload_read_id(document, KEY_MESSAGE, query->message, reterr);
    return r < 0 ? r : read_page(document, now_us, query, reterr);
}

static int read_alarm_history(const cJSON *document, int64_t now_us, struct payload_query *query,
                              struct payload_error *reterr)
{
    int r = payload_read_id(document, KEY_ALARM, query->alarm, reterr);
    return r < 0 ? r : read_page(document, now_us, query, reterr);
}

static const char *const history_keys[] = {KEY_SIGNAL, KEY_SIGNALS,    KEY_FROM,        KEY_TO,
                                           KEY_LAST,   KEY_MAX_POINTS, KEY_TRANSACTION, NULL};
static const char *const statistics_keys[] = {KEY_SIGNAL, KEY_SIGNALS, KEY_FROM,        KEY_TO,
                                              KEY_LAST,   KEY_BUCKET,  KEY_TRANSACTION, NULL};
static const char *const messages_keys[] = {
    KEY_BUS, KEY_MESSAGE, KEY_FROM, KEY_TO, KEY_LAST, KEY_LIMIT, KEY_AFTER, KEY_TRANSACTION, NULL};
static const char *const no_keys[] = {KEY_TRANSACTION, NULL};
static const char *const alarm_history_keys[] = {KEY_ALARM, KEY_FROM,  KEY_TO,          KEY_LAST,
                                                 KEY_LIMIT, KEY_AFTER, KEY_TRANSACTION, NULL};

static const struct {
    const char *text;
    const char *const *keys;
    /* What goes beyond the transaction; NULL: nothing. */
    int (*read)(const cJSON *document, int64_t now_us, struct payload_query *query,
                struct payload_error *reterr);
} verbs[] = {
    [PAYLOAD_VERB_HISTORY] = {"history", history_keys, read_history},
    [PAYLOAD_VERB_STATISTICS] = {"statistics", statistics_keys, read_statistics},
    [PAYLOAD_VERB_MESSAGES] = {"messages", messages_keys, read_messages},
    [PAYLOAD_VERB_CATALOG] = {"catalog", no_keys, NULL},
    [PAYLOAD_VERB_RECORD] = {"record", no_keys, NULL},
    [PAYLOAD_VERB_ALARMS] = {"alarms", no_keys, NULL},
    [PAYLOAD_VERB_ALARM_HISTORY] = {"alarm_history", alarm_history_keys, read_alarm_history},
    [PAYLOAD_VERB_RELOAD] = {"reload", no_keys, NULL},
    [PAYLOAD_VERB_SUPPORT] = {"support", no_keys, NULL},
};
_Static_assert(sizeof(verbs) / sizeof(verbs[0]) == PAYLOAD_VERB_COUNT, "a row for every verb");

const char *payload_verb_text(enum payload_verb verb)
{
    return verbs[verb].text;
}

bool payload_verb_from_text(const char *text, enum payload_verb *ret)
{
    for (size_t i = 0; i < PAYLOAD_VERB_COUNT; i++) {
        if (strcmp(text, verbs[i].text) == 0) {
            *ret = (enum payload_verb)i;
            return true;
        }
    }
    return false;
}

int payload_query_decode(enum payload_verb verb, const char *text, size_t length, int64_t now_us,
                         struct payload_query *ret, struct payload_error *reterr)
{
    cJSON *document;
    int r = payload_json_object(text, length, PAYLOAD_REQUEST_MAX_BYTES, &document, reterr);
    if (r < 0) {
        return r;
    }
    struct payload_query query = {.verb = verb};
    r = payload_json_only(document, verbs[verb].keys, reterr);
    r = r < 0 ? r : payload_read_transaction(document, query.transaction, reterr);
    if (r == 0 && verbs[verb].read != NULL) {
        r = verbs[verb].read(document, now_us, &query, reterr);
    }
    cJSON_Delete(document);
    if (r == 0) {
        *ret = query;
    }
    return r;
}

void payload_request_transaction(const char *text, size_t length,
                                 char ret_transaction[PAYLOAD_TRANSACTION_MAX_BYTES + 1])
{
    struct payload_error ignored;
    cJSON *document;
    ret_transaction[0] = '\0';
    if (payload_json_object(text, length, PAYLOAD_REQUEST_MAX_BYTES, &document, &ignored) == 0) {
        (void)payload_read_transaction(document, ret_transaction,
                                       &ignored); /* stays "" if it is none */
        cJSON_Delete(document);
    }
}
