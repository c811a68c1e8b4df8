#include "edge-gateway/store/store_query.h"
#include "edge-gateway/store/store_query_frames.h"

/* Some 50 ms of looking. */
#define BUDGET 500000

struct search {
    struct store_query *query;
    store_reading_fn fn;
    void *context;
};

static enum store_taken on_frame(void *context, const struct segment_record *record, size_t bus,
                                 const struct dbc_message *message)
{
    const struct search *search = context;
    const struct frame *frame = &record->frame;
    const struct store_reading reading = {
        .seq = record->seq,
        .ts_us = record->ts_us,
        .bus = bus,
        .message = message,
        .values = search->query->values,
        .count = dbc_decode(message, frame->data, frame->len, search->query->values),
    };
    return reading.count > 0 ? search->fn(search->context, &reading) : STORE_TAKEN;
}

int store_query_messages(struct store_query *query, const struct store_messages *messages,
                         store_reading_fn fn, void *context, uint64_t *ret_after_seq)
{
    int r = store_query_begin(query);
    if (r < 0) {
        return r;
    }
    struct search search = {query, fn, context};
    const struct store_walk walk = {
        .from_us = messages->from_us,
        .to_us = messages->to_us,
        .first_seq = messages->after_seq + 1,
        .last_seq = query->newest_seq,
        .bus = messages->bus,
        .message_name = messages->message,
        .budget = BUDGET,
        .fn = on_frame,
        .context = &search,
    };
    uint64_t next_seq = 0;
    r = store_query_walk(query, &walk, &next_seq);
    if (r == 0) {
        *ret_after_seq = next_seq - 1;
    }
    return store_query_end(query, r);
}
