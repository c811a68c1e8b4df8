#include "edge-gateway/store/store_query.h"
#include "edge-gateway/store/store_query_gather.h"

#include <errno.h>

struct history {
    struct decimate *decimate;
    uint64_t count;
};

static void on_value(void *context, int64_t ts_us, double value, bool counts)
{
    struct history *history = context;
    if (counts) {
        history->count++;
        decimate_add(history->decimate, (struct decimate_point){ts_us, value});
    }
}

static void on_row(void *context, int64_t start_us, const struct bucket *bucket)
{
    struct history *history = context;
    (void)start_us;
    if (bucket->count == 0) {
        return;
    }
    history->count += bucket->count;
    decimate_add(history->decimate, (struct decimate_point){bucket->min_us, bucket->min});
    if (bucket->max_us != bucket->min_us) {
        decimate_add(history->decimate, (struct decimate_point){bucket->max_us, bucket->max});
    }
}

int store_query_history(struct store_query *query, const struct store_signal *signal,
                        const struct store_span *span, size_t max_points,
                        struct decimate_point *points, struct store_history *ret)
{
    struct history history = {.count = 0};
    int r = decimate_new(span->from_us, span->to_us, max_points, &history.decimate);
    if (r < 0) {
        return r;
    }
    const struct store_sink sink = {.value = on_value, .row = on_row, .context = &history};
    const struct store_gather gather = {.signal = signal, .span = span, .sink = &sink};
    enum store_source source;
    r = store_query_gather(query, &gather, &source);
    if (r == 0) {
        *ret = (struct store_history){
            .source = source,
            .count = history.count,
            .point_count = decimate_finish(history.decimate, points),
        };
    }
    decimate_free(history.decimate);
    return r;
}
