#include "edge-gateway/store/store_cells.h"
#include "edge-gateway/store/store_hold.h"
#include "edge-gateway/store/store_query.h"
#include "edge-gateway/store/store_query_gather.h"

#include <errno.h>
#include <stdlib.h>

#define QUARTER_US (15 * STORE_MINUTE_US)

struct statistics {
    const struct store_span *span;
    int64_t hold_us;
    int64_t start_us;
    int64_t bucket_us;
    size_t count;
    struct bucket *buckets;
    struct bucket_hold hold;
    int64_t weighs_from_us;
    struct bucket elsewhere; /* what falls outside of the span */
};

static struct bucket *bucket_of(const struct statistics *statistics, int64_t ts_us)
{
    return &statistics->buckets[(ts_us - statistics->start_us) / statistics->bucket_us];
}

/* For store_hold_spread(). */
static struct bucket *window(void *context, int64_t ts_us, int64_t *ret_end_us)
{
    struct statistics *statistics = context;
    if (ts_us < statistics->weighs_from_us) {
        *ret_end_us = statistics->weighs_from_us;
        return &statistics->elsewhere;
    }
    if (ts_us >= statistics->span->to_us) {
        *ret_end_us = INT64_MAX;
        return &statistics->elsewhere;
    }
    struct bucket *bucket = bucket_of(statistics, ts_us);
    int64_t end_us =
        statistics->start_us + (bucket - statistics->buckets + 1) * statistics->bucket_us;
    *ret_end_us = end_us < statistics->span->to_us ? end_us : statistics->span->to_us;
    return bucket;
}

static void on_begin(void *context, const struct bucket_hold *hold, int64_t from_us)
{
    struct statistics *statistics = context;
    statistics->weighs_from_us = from_us;
    if (hold != NULL) {
        statistics->hold = *hold;
    }
}

static void on_value(void *context, int64_t ts_us, double value, bool counts)
{
    struct statistics *statistics = context;
    store_hold_spread(&statistics->hold, ts_us, window, statistics);
    bucket_add(counts ? bucket_of(statistics, ts_us) : &statistics->elsewhere, &statistics->hold,
               value, ts_us, statistics->hold_us);
}

static void on_end(void *context, int64_t to_us)
{
    struct statistics *statistics = context;
    store_hold_spread(&statistics->hold, to_us, window, statistics);
}

static void on_row(void *context, int64_t start_us, const struct bucket *bucket)
{
    bucket_merge(bucket_of(context, start_us), bucket);
}

/* What buckets begin with. */
static int64_t unit_us(int64_t bucket_us)
{
    return bucket_us % QUARTER_US == 0 ? QUARTER_US : STORE_MINUTE_US;
}

/* Where buckets begin, and how many there are. */
static int lay_out(struct statistics *statistics, const struct store_span *span, int64_t bucket_us)
{
    int64_t span_us = span->to_us - span->from_us;
    bool one = bucket_us >= span_us;
    statistics->bucket_us = one ? span_us : bucket_us;
    statistics->start_us = one ? span->from_us : span->from_us - span->from_us % unit_us(bucket_us);
    statistics->count =
        (size_t)((span->to_us - statistics->start_us - 1) / statistics->bucket_us + 1);
    statistics->buckets = calloc(statistics->count, sizeof(*statistics->buckets));
    return statistics->buckets != NULL ? 0 : -ENOMEM;
}

int store_query_statistics(struct store_query *query, const struct store_signal *signal,
                           const struct store_span *span, int64_t bucket_us,
                           struct store_statistics *ret)
{
    const struct store_bus *bus = &query->options.buses[signal->bus];
    struct statistics statistics = {.span = span, .hold_us = store_hold_us(bus, signal->message)};
    int r = lay_out(&statistics, span, bucket_us);
    if (r < 0) {
        return r;
    }
    const struct store_sink sink = {on_begin, on_value, on_end, on_row, &statistics};
    const struct store_gather gather = {
        .signal = signal,
        .span = span,
        .is_sum = true,
        .grid_step_us = statistics.count > 1 ? bucket_us : 0,
        .grid_us = statistics.start_us,
        .prefers_rollups = true,
        .sink = &sink,
    };
    enum store_source source;
    r = store_query_gather(query, &gather, &source);
    if (r < 0) {
        free(statistics.buckets);
        return r;
    }
    *ret = (struct store_statistics){
        .source = source,
        .start_us = statistics.start_us,
        .bucket_us = statistics.bucket_us,
        .count = statistics.count,
        .buckets = statistics.buckets,
    };
    return 0;
}
