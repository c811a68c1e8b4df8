#include "common/token_bucket.h"

#include "common/clock.h"

bool token_bucket_take(struct token_bucket *bucket, struct token_rate rate, int64_t now_us)
{
    if (rate.per_s == 0) {
        return true;
    }
    int64_t token_us = US_PER_S / rate.per_s;
    int64_t whole_us = token_us * rate.burst;
    int64_t full_us = bucket->full_us > now_us ? bucket->full_us : now_us;
    if (full_us - now_us > whole_us) {
        full_us = now_us + whole_us; /* a clock that was ahead */
    }
    if (full_us - now_us > whole_us - token_us) {
        bucket->full_us = full_us;
        return false;
    }
    bucket->full_us = full_us + token_us;
    return true;
}
