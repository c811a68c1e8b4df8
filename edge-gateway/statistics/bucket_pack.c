#include "edge-gateway/statistics/bucket_pack.h"

#include <errno.h>

static bool has_something(const struct bucket *bucket)
{
    return bucket->count > 0 || bucket->weighted_s > 0.0;
}

int bucket_pack_count(const struct bucket_pack *pack)
{
    int count = 0;
    for (size_t i = 0; i < BUCKET_PACK_MINUTES; i++) {
        count += has_something(&pack->minutes[i]);
    }
    return count;
}

void bucket_pack_merge(struct bucket_pack *into, const struct bucket_pack *from)
{
    for (size_t i = 0; i < BUCKET_PACK_MINUTES; i++) {
        bucket_merge(&into->minutes[i], &from->minutes[i]);
    }
}

size_t bucket_pack_encode(const struct bucket_pack *pack, int64_t hour_us, uint8_t *bytes)
{
    size_t length = 0;
    for (uint8_t i = 0; i < BUCKET_PACK_MINUTES; i++) {
        if (has_something(&pack->minutes[i])) {
            bytes[length++] = i;
            length +=
                bucket_encode(&pack->minutes[i], bucket_pack_start(hour_us, i), bytes + length);
        }
    }
    return length;
}

int bucket_pack_decode(const uint8_t *bytes, size_t length, int64_t hour_us,
                       struct bucket_pack *ret)
{
    struct bucket_pack pack = {.minutes = {{.count = 0}}};
    int before = -1;
    while (length > 0) {
        int minute = bytes[0];
        if (minute <= before || minute >= BUCKET_PACK_MINUTES) {
            return -EBADMSG;
        }
        struct bucket *bucket = &pack.minutes[minute];
        int used = bucket_decode(bytes + 1, length - 1, bucket_pack_start(hour_us, minute), bucket);
        if (used < 0 || !has_something(bucket)) {
            return -EBADMSG;
        }
        bytes += 1 + used;
        length -= 1 + (size_t)used;
        before = minute;
    }
    *ret = pack;
    return 0;
}
