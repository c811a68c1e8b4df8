#include "topics/payload_set.h"
#include "topics/limits.h"
#include "topics/payload_json.h"
#include "topics/payload_master.h"

#include <errno.h>
#include <stdlib.h>

#define KEY_SIGNALS     "signals"
#define KEY_TTL         "ttl_ms"
#define KEY_TRANSACTION "transaction"
#define KEY_MASTER      "master"
#define KEY_SENT        "sent"
#define KEY_CLOCK       "clock"
#define KEY_MS          "ms"

static const char *const keys[] = {KEY_SIGNALS, KEY_TTL,  KEY_TRANSACTION,
                                   KEY_MASTER,  KEY_SENT, NULL};
static const char *const sent_keys[] = {KEY_CLOCK, KEY_MS, NULL};

/* Optional. */
static int read_master(struct payload_set *set, struct payload_error *reterr)
{
    const cJSON *master = cJSON_GetObjectItemCaseSensitive(set->document, KEY_MASTER);
    set->has_master = master != NULL;
    return master != NULL ? payload_master_read(master, &set->master, reterr) : 0;
}

/* Optional. */
static int read_sent(struct payload_set *set, struct payload_error *reterr)
{
    const cJSON *sent = cJSON_GetObjectItemCaseSensitive(set->document, KEY_SENT);
    set->has_sent = sent != NULL;
    if (sent == NULL) {
        return 0;
    }
    set->sent.ms = UINT64_MAX;
    int r = cJSON_IsObject(sent) ? payload_json_only(sent, sent_keys, reterr) : -EINVAL;
    r = r < 0 ? r
              : payload_json_u64(sent, KEY_CLOCK, 1, PAYLOAD_INTEGER_MAX, &set->sent.clock, reterr);
    r = r < 0 ? r : payload_json_u64(sent, KEY_MS, 0, PAYLOAD_INTEGER_MAX, &set->sent.ms, reterr);
    if (r == 0 && set->sent.clock != 0 && set->sent.ms != UINT64_MAX) {
        return 0;
    }
    payload_fail(reterr, "'" KEY_SENT "' is an object with '" KEY_CLOCK "' and '" KEY_MS "'");
    return r < 0 ? r : -EINVAL;
}

static int read_head(struct payload_set *set, struct payload_error *reterr)
{
    const cJSON *document = set->document;
    int r = payload_json_only(document, keys, reterr);
    if (r < 0) {
        return r;
    }
    r = payload_json_u64(document, KEY_TTL, 1, PAYLOAD_TTL_MAX_MS, &set->ttl_ms, reterr);
    if (r < 0) {
        return r;
    }
    r = payload_json_text(document, KEY_TRANSACTION, PAYLOAD_TRANSACTION_MAX_BYTES,
                          &set->transaction, reterr);
    r = r < 0 ? r : read_master(set, reterr);
    return r < 0 ? r : read_sent(set, reterr);
}

static int read_signals(struct payload_set *set, struct payload_error *reterr)
{
    const cJSON *signals = cJSON_GetObjectItemCaseSensitive(set->document, KEY_SIGNALS);
    if (!cJSON_IsObject(signals) || signals->child == NULL) {
        payload_fail(reterr, "'" KEY_SIGNALS "' is not an object with at least one signal");
        return -EINVAL;
    }
    int r = payload_json_distinct(signals, reterr);
    if (r < 0) {
        return r;
    }
    set->signals = calloc((size_t)cJSON_GetArraySize(signals), sizeof(*set->signals));
    if (set->signals == NULL) {
        payload_fail(reterr, "out of memory");
        return -ENOMEM;
    }
    for (const cJSON *item = signals->child; item != NULL; item = item->next) {
        struct payload_signal *signal = &set->signals[set->count++];
        signal->name = item->string;
        r = payload_json_value(item, &signal->value, reterr);
        if (r < 0) {
            return r;
        }
        if (signal->value.type == PAYLOAD_NULL) {
            payload_fail(reterr, "'%s' is null", item->string);
            return -EINVAL;
        }
    }
    return 0;
}

int payload_set_decode(const char *text, size_t length, struct payload_set **ret,
                       struct payload_error *reterr)
{
    cJSON *document;
    int r = payload_json_object(text, length, PAYLOAD_SET_MAX_BYTES, &document, reterr);
    if (r < 0) {
        return r;
    }
    struct payload_set *set = calloc(1, sizeof(*set));
    if (set == NULL) {
        cJSON_Delete(document);
        payload_fail(reterr, "out of memory");
        return -ENOMEM;
    }
    set->document = document;
    r = read_head(set, reterr);
    r = r < 0 ? r : read_signals(set, reterr);
    if (r < 0) {
        payload_set_free(set);
        return r;
    }
    *ret = set;
    return 0;
}

void payload_set_free(struct payload_set *set)
{
    if (set != NULL) {
        cJSON_Delete(set->document);
        free(set->signals);
        free(set);
    }
}

void payload_set_begin(struct json_writer *w)
{
    json_object_begin(w, NULL);
    json_object_begin(w, KEY_SIGNALS);
}

void payload_set_signal(struct json_writer *w, const char *name, const struct payload_value *value)
{
    payload_value_write(w, name, value);
}

void payload_set_end(struct json_writer *w, uint64_t ttl_ms, const char *transaction,
                     const struct payload_master *master, const struct payload_stamp *sent)
{
    json_object_end(w);
    if (ttl_ms > 0) {
        json_u64(w, KEY_TTL, ttl_ms);
    }
    if (transaction != NULL) {
        json_string(w, KEY_TRANSACTION, transaction);
    }
    if (master != NULL) {
        payload_master_write(w, KEY_MASTER, master);
    }
    if (sent != NULL) {
        json_object_begin(w, KEY_SENT);
        json_u64(w, KEY_CLOCK, sent->clock);
        json_u64(w, KEY_MS, sent->ms);
        json_object_end(w);
    }
    json_object_end(w);
}
