/*
 * How often something may happen: a rate, and a burst that may come at once after a rest. Pure:
 * monotonic `now_us` is an argument.
 */
#ifndef EDGE_COMMON_TOKEN_BUCKET_H
#define EDGE_COMMON_TOKEN_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#define TOKEN_BUCKET_RATE_MAX 1000000 /* per second */

/* {0} = a full bucket. It needs one number: the time when it will be full again. */
struct token_bucket {
    int64_t full_us;
};

struct token_rate {
    int64_t per_s; /* 1 to TOKEN_BUCKET_RATE_MAX; 0 = as often as you like */
    int64_t burst; /* tokens of a full bucket, at least 1 */
};

/* Takes a token. False: there is none, and nothing was taken. A clock that steps back gives none
 * away for longer than a full bucket takes. */
bool token_bucket_take(struct token_bucket *bucket, struct token_rate rate, int64_t now_us);

#endif
