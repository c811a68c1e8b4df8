/*
 * How long a value holds, and where its weight goes: a value counts until the next one comes, and
 * the time between the two may lie in several buckets.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_HOLD_H
#define EDGE_GATEWAY_STORE_STORE_HOLD_H

#include "edge-gateway/statistics/bucket.h"
#include "edge-gateway/store/store_options.h"

#include <stdbool.h>
#include <stdint.h>

struct dbc_message;

/* However rarely a message comes: after this time its values say nothing any more. It bounds how
 * many buckets one value can reach into. */
#define STORE_HOLD_MAX_US (INT64_C(600) * 1000000)

/* How long a value of this message holds, 1 to STORE_HOLD_MAX_US. */
int64_t store_hold_us(const struct store_bus *bus, const struct dbc_message *message);

/* Whether a value of `ts_us` is among those whose weight was added up to `weighed_us`, when a
 * minute ended there: those of the day before it. */
bool store_hold_is_weighed(int64_t ts_us, int64_t weighed_us);

/* The bucket that `ts_us` belongs to, and where it ends (later than `ts_us`). */
typedef struct bucket *(*store_window_fn)(void *context, int64_t ts_us, int64_t *ret_end_us);

/* Gives the held value's weight up to `to_us` to the buckets that the time belongs to; the hold
 * then goes on from there. */
void store_hold_spread(struct bucket_hold *hold, int64_t to_us, store_window_fn window,
                       void *context);

#endif
