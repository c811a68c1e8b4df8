#include "edge-gateway/store/store_query.h"
#include "edge-gateway/store/store_query_frames.h"

/* Some 50 ms of looking. */
#define BUDGET 500000

struct search {
    store_event_fn fn;
    void *context;
};

static enum store_taken on_event(void *context, const struct segment_record *record)
{
    const struct search *search = context;
    return search->fn(search->context, record->seq, record->ts_us, record->text, record->length);
}

int store_query_events(struct store_query *query, const struct store_events *events,
                       store_event_fn fn, void *context, uint64_t *ret_after_seq)
{
    int r = store_query_begin(query);
    if (r < 0) {
        return r;
    }
    struct search search = {fn, context};
    const struct store_walk walk = {
        .from_us = events->from_us,
        .to_us = events->to_us,
        .first_seq = events->after_seq + 1,
        .last_seq = query->newest_seq,
        .bus = -1,
        .budget = BUDGET,
        .event = on_event,
        .context = &search,
    };
    uint64_t next_seq = 0;
    r = store_query_walk(query, &walk, &next_seq);
    if (r == 0) {
        *ret_after_seq = next_seq - 1;
    }
    return store_query_end(query, r);
}
