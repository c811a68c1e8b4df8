/* Reads the roll-up rows of one signal, over all series that it was part of. */
#ifndef EDGE_GATEWAY_STORE_STORE_QUERY_ROWS_H
#define EDGE_GATEWAY_STORE_STORE_QUERY_ROWS_H

#include "common/attributes.h"
#include "edge-gateway/statistics/bucket.h"
#include "edge-gateway/store/store_query_database.h"

#include <stdbool.h>
#include <stdint.h>

typedef void (*store_bucket_fn)(void *context, int64_t start_us, const struct bucket *bucket);

struct store_rows {
    const struct store_signal *signal;
    int64_t from_us;
    int64_t to_us;
    bool wants_hours;     /* rows of hours, where there are any; else minutes */
    int64_t grid_step_us; /* 0 = none; else no hour lies in two steps, */
    int64_t grid_us;      /* of which the first begins here, at from_us or before it */
    store_bucket_fn fn;   /* NULL: they are only counted */
    void *context;
    bool has_hours; /* were read: told by store_query_rows() */
};

/* Every part of a span of whole minutes, in no order and a minute perhaps in two parts; by hours
 * also where the minutes have been deleted. 0 or -errno. */
EDGE_MUST_CHECK int store_query_rows(struct store_query *query, struct store_rows *rows);

/* Summaries that begin in the span and between the seqs. `ret_count`: how many had a value. 0 or
 * -errno. */
EDGE_MUST_CHECK int store_query_summaries(struct store_query *query, const struct store_rows *rows,
                                          uint64_t first_seq, uint64_t last_seq,
                                          uint64_t *ret_count);

/* Which value held when the minute at `at_us` began. `ret_newest`: in all rows there is none of
 * this signal from `at_us` on. 0 or -errno. */
EDGE_MUST_CHECK int store_query_hold(struct store_query *query, const struct store_signal *signal,
                                     int64_t at_us, struct bucket_hold *ret, bool *ret_newest);

#endif
