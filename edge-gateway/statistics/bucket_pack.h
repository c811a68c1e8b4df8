/*
 * The minutes of one hour of one signal in one piece of bytes: of each minute that has something,
 * in their order,
 *
 *   1 byte     which minute of the hour, 0 to 59
 *   bucket     as bucket_encode() writes it, after the start of the minute
 *
 * Pure.
 */
#ifndef EDGE_GATEWAY_STATISTICS_BUCKET_PACK_H
#define EDGE_GATEWAY_STATISTICS_BUCKET_PACK_H

#include "common/attributes.h"
#include "edge-gateway/statistics/bucket.h"

#include <stddef.h>
#include <stdint.h>

#define BUCKET_PACK_MINUTES   60
#define BUCKET_PACK_MAX_BYTES (BUCKET_PACK_MINUTES * (1 + BUCKET_MAX_BYTES))

/* A minute that has nothing is an empty bucket. */
struct bucket_pack {
    struct bucket minutes[BUCKET_PACK_MINUTES];
};

/* When a minute begins; wraps. */
static inline int64_t bucket_pack_start(int64_t hour_us, int minute)
{
    return (int64_t)((uint64_t)hour_us + (uint64_t)minute * 60000000u);
}

/* How many minutes have something: a value or a weight. */
int bucket_pack_count(const struct bucket_pack *pack);

/* As if all values of `from` had been added to `into`, of the same hour. */
void bucket_pack_merge(struct bucket_pack *into, const struct bucket_pack *from);

/* `bytes` has BUCKET_PACK_MAX_BYTES. Returns the length; 0 if no minute has anything. */
size_t bucket_pack_encode(const struct bucket_pack *pack, int64_t hour_us, uint8_t *bytes);

/* The reverse. 0, or -EBADMSG: they are nothing that was encoded like this. */
EDGE_MUST_CHECK int bucket_pack_decode(const uint8_t *bytes, size_t length, int64_t hour_us,
                                       struct bucket_pack *ret);

#endif
