#include "topics/payload_query_keys.h"

#include "topics/topic_id.h"

#include <errno.h>
#include <string.h>

const cJSON *payload_find_member(const cJSON *document, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(document, key);
    return cJSON_IsNull(item) ? NULL : item;
}

int payload_read_transaction(const cJSON *document, char *transaction, struct payload_error *reterr)
{
    const char *text;
    int r =
        payload_json_text(document, KEY_TRANSACTION, PAYLOAD_TRANSACTION_MAX_BYTES, &text, reterr);
    if (r == 0 && text != NULL) {
        memcpy(transaction, text, strlen(text) + 1);
    }
    return r;
}

static int check_span(int64_t from_us, int64_t to_us, bool until_now, struct payload_error *reterr)
{
    if (from_us >= to_us) {
        payload_fail(reterr, until_now ? "'" KEY_FROM "' is not in the past"
                                       : "'" KEY_FROM "' is not before '" KEY_TO "'");
        return -EINVAL;
    }
    if (to_us - from_us > PAYLOAD_SPAN_MAX_S * PAYLOAD_US_PER_S) {
        payload_fail(reterr, "more than %d s from '" KEY_FROM "' to '" KEY_TO "'",
                     PAYLOAD_SPAN_MAX_S);
        return -EINVAL;
    }
    return 0;
}

int payload_read_span(const cJSON *document, int64_t now_us, int64_t *ret_from_us,
                      int64_t *ret_to_us, struct payload_error *reterr)
{
    int64_t from_us = -1;
    int64_t to_us = -1;
    uint64_t last_s = PAYLOAD_SPAN_DEFAULT_S;
    int r = payload_json_time_us(document, KEY_FROM, &from_us, reterr);
    r = r < 0 ? r : payload_json_time_us(document, KEY_TO, &to_us, reterr);
    r = r < 0 ? r : payload_json_u64(document, KEY_LAST, 1, PAYLOAD_SPAN_MAX_S, &last_s, reterr);
    if (r < 0) {
        return r;
    }
    bool has_from = from_us >= 0;
    bool has_to = to_us >= 0;
    if (payload_find_member(document, KEY_LAST) != NULL && (has_from || has_to)) {
        payload_fail(reterr, "'" KEY_LAST "' beside '" KEY_FROM "' or '" KEY_TO
                             "': only one of the two ways");
        return -EINVAL;
    }
    if (has_to && !has_from) {
        payload_fail(reterr, "'" KEY_TO "' without '" KEY_FROM "'");
        return -EINVAL;
    }
    int64_t last_us = (int64_t)last_s * PAYLOAD_US_PER_S;
    to_us = has_to ? to_us : now_us;
    from_us = has_from ? from_us : now_us > last_us ? now_us - last_us : 0;
    r = check_span(from_us, to_us, !has_to, reterr);
    if (r == 0) {
        *ret_from_us = from_us;
        *ret_to_us = to_us;
    }
    return r;
}

int payload_read_id(const cJSON *document, const char *key, char id[TOPIC_ID_MAX_BYTES + 1],
                    struct payload_error *reterr)
{
    const char *text;
    int r = payload_json_text(document, key, TOPIC_ID_MAX_BYTES, &text, reterr);
    if (r < 0 || text == NULL) {
        return r;
    }
    if (!topic_id_is_valid(text)) {
        payload_fail(reterr, "'%s' is not an id of letters, digits, '_' and '-'", key);
        return -EINVAL;
    }
    memcpy(id, text, strlen(text) + 1);
    return 0;
}
