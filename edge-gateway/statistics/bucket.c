#include "edge-gateway/statistics/bucket.h"

#include "common/be.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define US_PER_S 1e6

/* The first byte of what bucket_encode() writes. */
#define FORMAT     0x10u
#define HAS_VALUES 0x01u
#define HAS_WEIGHT 0x02u

#define VARINT_MAX_BYTES 10
#define DOUBLE_BYTES     8

_Static_assert(1 + 5 * VARINT_MAX_BYTES + 6 * DOUBLE_BYTES <= BUCKET_MAX_BYTES, "all of it fits");

/* Adds the weight of the held value up to `end_us`, or up to where it ceases to hold. */
static void weigh(struct bucket *bucket, struct bucket_hold *hold, int64_t end_us)
{
    int64_t until_us = end_us < hold->until_us ? end_us : hold->until_us;
    if (!hold->valid || until_us <= hold->since_us) {
        return;
    }
    double seconds = (double)((uint64_t)until_us - (uint64_t)hold->since_us) / US_PER_S;
    bucket->weighted_sum += hold->value * seconds;
    bucket->weighted_s += seconds;
    hold->since_us = until_us;
}

static int64_t later_by(int64_t ts_us, int64_t by_us)
{
    int64_t sum_us;
    if (__builtin_add_overflow(ts_us, by_us, &sum_us)) {
        return by_us > 0 ? INT64_MAX : INT64_MIN;
    }
    return sum_us;
}

static void hold_value(struct bucket *bucket, struct bucket_hold *hold, double value, int64_t ts_us,
                       int64_t hold_us)
{
    int64_t until_us = later_by(ts_us, hold_us);
    bool is_older = hold->valid && until_us < hold->until_us;
    if (is_older && later_by(until_us, hold_us) >= hold->until_us) {
        return;
    }
    weigh(bucket, hold, ts_us);
    bool is_counted = hold->valid && !is_older && hold->since_us > ts_us;
    *hold = (struct bucket_hold){
        .valid = true,
        .value = value,
        .since_us = is_counted ? hold->since_us : ts_us,
        .until_us = until_us,
    };
}

void bucket_merge(struct bucket *into, const struct bucket *from)
{
    into->weighted_sum += from->weighted_sum;
    into->weighted_s += from->weighted_s;
    if (from->count == 0) {
        return;
    }
    bool first = into->count == 0;
    if (first || from->min < into->min || (from->min == into->min && from->min_us < into->min_us)) {
        into->min = from->min;
        into->min_us = from->min_us;
    }
    if (first || from->max > into->max || (from->max == into->max && from->max_us < into->max_us)) {
        into->max = from->max;
        into->max_us = from->max_us;
    }
    if (first || from->first_us < into->first_us) {
        into->first_us = from->first_us;
    }
    if (first || from->last_us >= into->last_us) {
        into->last = from->last;
        into->last_us = from->last_us;
    }
    into->sum = first ? from->sum : into->sum + from->sum;
    into->count += from->count;
}

void bucket_add(struct bucket *bucket, struct bucket_hold *hold, double value, int64_t ts_us,
                int64_t hold_us)
{
    if (!isfinite(value)) {
        return;
    }
    hold_value(bucket, hold, value, ts_us, hold_us);
    const struct bucket one = {
        .count = 1,
        .min = value,
        .max = value,
        .sum = value,
        .last = value,
        .min_us = ts_us,
        .max_us = ts_us,
        .first_us = ts_us,
        .last_us = ts_us,
    };
    bucket_merge(bucket, &one);
}

void bucket_close(struct bucket *bucket, struct bucket_hold *hold, int64_t end_us)
{
    weigh(bucket, hold, end_us);
}

double bucket_mean(const struct bucket *bucket)
{
    return bucket->count > 0 ? bucket->sum / (double)bucket->count : NAN;
}

double bucket_weighted_mean(const struct bucket *bucket)
{
    return bucket->weighted_s > 0.0 ? bucket->weighted_sum / bucket->weighted_s : NAN;
}

static uint8_t *put_varint(uint8_t *at, uint64_t value)
{
    for (; value > 0x7F; value >>= 7) {
        *at++ = (uint8_t)(value | 0x80);
    }
    *at++ = (uint8_t)value;
    return at;
}

/* The difference wraps, and so does the sum in get_time(): every pair of times comes back. */
static uint8_t *put_time(uint8_t *at, int64_t ts_us, int64_t start_us)
{
    uint64_t after = (uint64_t)ts_us - (uint64_t)start_us;
    return put_varint(at, after << 1 ^ (0 - (after >> 63)));
}

static uint8_t *put_double(uint8_t *at, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    be_put64(at, bits);
    return at + DOUBLE_BYTES;
}

size_t bucket_encode(const struct bucket *bucket, int64_t start_us, uint8_t *bytes)
{
    bool has_values = bucket->count > 0;
    bool has_weight = bucket->weighted_s > 0.0;
    if (!has_values && !has_weight) {
        bytes[0] = 0;
        return 1;
    }
    uint8_t *at = bytes;
    *at++ = (uint8_t)(FORMAT | (has_values ? HAS_VALUES : 0) | (has_weight ? HAS_WEIGHT : 0));
    if (has_values) {
        at = put_varint(at, bucket->count);
        at = put_double(at, bucket->min);
        at = put_double(at, bucket->max);
        at = put_double(at, bucket->sum);
        at = put_double(at, bucket->last);
        at = put_time(at, bucket->min_us, start_us);
        at = put_time(at, bucket->max_us, start_us);
        at = put_time(at, bucket->first_us, start_us);
        at = put_time(at, bucket->last_us, start_us);
    }
    if (has_weight) {
        at = put_double(at, bucket->weighted_sum);
        at = put_double(at, bucket->weighted_s);
    }
    return (size_t)(at - bytes);
}

/* Reads within its bytes; `failed` is sticky. */
struct cursor {
    const uint8_t *bytes;
    size_t length;
    size_t at;
    bool failed;
};

static uint8_t get_byte(struct cursor *cursor)
{
    if (cursor->failed || cursor->at == cursor->length) {
        cursor->failed = true;
        return 0;
    }
    return cursor->bytes[cursor->at++];
}

static uint64_t get_varint(struct cursor *cursor)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint64_t byte = get_byte(cursor);
        uint64_t bits = byte & 0x7F;
        if (bits << shift >> shift != bits) {
            break;
        }
        value |= bits << shift;
        if (byte == bits) {
            return value;
        }
    }
    cursor->failed = true;
    return 0;
}

static int64_t get_time(struct cursor *cursor, int64_t start_us)
{
    uint64_t zigzag = get_varint(cursor);
    uint64_t after = zigzag >> 1 ^ (0 - (zigzag & 1));
    return (int64_t)((uint64_t)start_us + after);
}

static double get_double(struct cursor *cursor)
{
    if (cursor->failed || cursor->length - cursor->at < DOUBLE_BYTES) {
        cursor->failed = true;
        return 0.0;
    }
    uint64_t bits = be_get64(cursor->bytes + cursor->at);
    cursor->at += DOUBLE_BYTES;
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* False: no bucket that was filled by bucket_add() is like this. */
static bool get_values(struct cursor *cursor, int64_t start_us, struct bucket *bucket)
{
    bucket->count = get_varint(cursor);
    bucket->min = get_double(cursor);
    bucket->max = get_double(cursor);
    bucket->sum = get_double(cursor);
    bucket->last = get_double(cursor);
    bucket->min_us = get_time(cursor, start_us);
    bucket->max_us = get_time(cursor, start_us);
    bucket->first_us = get_time(cursor, start_us);
    bucket->last_us = get_time(cursor, start_us);
    return bucket->count > 0 && isfinite(bucket->min) && isfinite(bucket->max) &&
           bucket->min <= bucket->last && bucket->last <= bucket->max;
}

int bucket_decode(const uint8_t *bytes, size_t length, int64_t start_us, struct bucket *ret)
{
    struct cursor cursor = {.bytes = bytes, .length = length};
    struct bucket bucket = {.count = 0};
    uint8_t format = get_byte(&cursor);
    unsigned parts = format & (HAS_VALUES | HAS_WEIGHT);
    if (cursor.failed || (format != 0 && (parts == 0 || (format ^ parts) != FORMAT))) {
        return -EBADMSG;
    }
    if ((parts & HAS_VALUES) != 0 && !get_values(&cursor, start_us, &bucket)) {
        return -EBADMSG;
    }
    if ((parts & HAS_WEIGHT) != 0) {
        bucket.weighted_sum = get_double(&cursor);
        bucket.weighted_s = get_double(&cursor);
        cursor.failed = cursor.failed || !(bucket.weighted_s > 0.0);
    }
    if (cursor.failed) {
        return -EBADMSG;
    }
    *ret = bucket;
    return (int)cursor.at;
}
