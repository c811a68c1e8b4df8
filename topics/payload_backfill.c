#include "topics/payload_backfill.h"
#include "topics/limits.h"
#include "topics/payload_json.h"
#include "topics/payload_node.h"

#include <errno.h>
#include <string.h>

static const char *const gap_reasons[] = {
    [PAYLOAD_GAP_RESTART] = "restart",         [PAYLOAD_GAP_STALLED] = "stalled",
    [PAYLOAD_GAP_QUOTA_BYTES] = "quota_bytes", [PAYLOAD_GAP_QUOTA_AGE] = "quota_age",
    [PAYLOAD_GAP_THINNED] = "thinned",         [PAYLOAD_GAP_CORRUPT] = "corrupt",
    [PAYLOAD_GAP_REFUSED] = "refused",         [PAYLOAD_GAP_UNDECODABLE] = "undecodable",
};
_Static_assert(sizeof(gap_reasons) / sizeof(gap_reasons[0]) == PAYLOAD_GAP_UNDECODABLE + 1,
               "a word for every reason");

const char *payload_gap_reason_text(enum payload_gap_reason reason)
{
    return gap_reasons[reason];
}

void payload_gap_begin(struct json_writer *w)
{
    json_object_begin(w, NULL);
    json_array_begin(w, "ranges");
}

void payload_gap_range(struct json_writer *w, uint64_t first, uint64_t last)
{
    json_array_begin(w, NULL);
    json_u64(w, NULL, first);
    json_u64(w, NULL, last);
    json_array_end(w);
}

void payload_gap_end(struct json_writer *w, enum payload_gap_reason reason)
{
    json_array_end(w);
    json_string(w, "reason", payload_gap_reason_text(reason));
    json_object_end(w);
}

void payload_summary_begin(struct json_writer *w, const struct payload_summary *summary)
{
    json_object_begin(w, NULL);
    json_time_us(w, "from", summary->from_us);
    json_time_us(w, "to", summary->to_us);
    json_u64(w, "first", summary->first_seq);
    json_u64(w, "last", summary->last_seq);
    json_u64(w, "count", summary->count);
    json_object_begin(w, "signals");
}

void payload_summary_signal(struct json_writer *w, const struct payload_summary_signal *signal)
{
    json_object_begin(w, signal->name);
    json_double(w, "min", signal->min);
    json_double(w, "max", signal->max);
    json_double(w, "mean", signal->mean);
    json_double(w, "last", signal->last);
    json_object_end(w);
}

void payload_summary_end(struct json_writer *w)
{
    json_object_end(w);
    json_object_end(w);
}

/* Digits without a leading zero, as in JSON. */
static bool read_digits(const char *text, size_t length, uint64_t *ret)
{
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (!is_digit || value > PAYLOAD_INTEGER_MAX / 10) {
            return false;
        }
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *ret = value;
    return length == 1 || (length > 1 && text[0] != '0');
}

/* Sixteen digits and not 0, as in the gateway's info. */
static bool read_log_id(const char *text, size_t length, uint64_t *ret)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++) {
        const char *digit = text[i] != '\0' ? strchr(digits, text[i]) : NULL;
        if (digit == NULL) {
            return false;
        }
        value = value << 4 | (uint64_t)(digit - digits);
    }
    *ret = value;
    return length == PAYLOAD_LOG_ID_DIGITS && value != 0;
}

int payload_ack_decode(const char *text, size_t length, struct payload_ack *ret,
                       struct payload_error *reterr)
{
    struct payload_ack ack = {0};
    const char *space = memchr(text, ' ', length);
    size_t digits = space != NULL ? (size_t)(space - text) : length;
    if (!read_digits(text, digits, &ack.seq) || ack.seq > PAYLOAD_INTEGER_MAX) {
        payload_fail(reterr, "not a plain integer from 0 to %lld", (long long)PAYLOAD_INTEGER_MAX);
        return -EINVAL;
    }
    if (space != NULL && !read_log_id(space + 1, length - digits - 1, &ack.log_id)) {
        payload_fail(reterr, "what follows the number is not the id of a log");
        return -EINVAL;
    }
    *ret = ack;
    return 0;
}
