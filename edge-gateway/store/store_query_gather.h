/*
 * All there is of one signal in a span, from wherever it is cheapest, each value once:
 *
 *      from      first                       last      to
 *       │ frames  │  roll-ups of whole minutes  │ frames │
 *       └─────────┴─────────────────────────────┴────────┘
 *         + frames after rollup_seq, wherever in the span their stamps are
 *
 * Of roll-ups, as few rows are read as will do: each has disk pages of its own, which take 60 us
 * and more when they are not in memory.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_QUERY_GATHER_H
#define EDGE_GATEWAY_STORE_STORE_QUERY_GATHER_H

#include "common/attributes.h"
#include "edge-gateway/store/store_query_database.h"

#include <stdbool.h>
#include <stdint.h>

/* Who takes it. `begin` and `end` may be NULL: then no weights are wanted. */
struct store_sink {
    /* Values follow; `hold` held before them (NULL: the one before them). Weight counts from
     * `from_us` on. */
    void (*begin)(void *context, const struct bucket_hold *hold, int64_t from_us);
    /* `counts`: it lies in the span, and in no row; else it only says what held. */
    void (*value)(void *context, int64_t ts_us, double value, bool counts);
    /* No more values; the last one holds up to `to_us`. */
    void (*end)(void *context, int64_t to_us);
    void (*row)(void *context, int64_t start_us, const struct bucket *bucket);
    void *context;
};

struct store_gather {
    const struct store_signal *signal;
    const struct store_span *span;
    bool is_sum;          /* long rows do as well as short ones, as far as they fit the grid; */
    int64_t grid_step_us; /* see store_query_rows.h; 0 = none */
    int64_t grid_us;
    bool prefers_rollups; /* to summaries: these have no weights */
    const struct store_sink *sink;
};

/* 0 or -errno. */
EDGE_MUST_CHECK int store_query_gather(struct store_query *query, const struct store_gather *gather,
                                       enum store_source *ret_source);

#endif
