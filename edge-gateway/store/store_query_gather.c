#include "edge-gateway/store/store_query_gather.h"

#include "edge-gateway/store/store_cells.h"
#include "edge-gateway/store/store_hold.h"
#include "edge-gateway/store/store_query_frames.h"
#include "edge-gateway/store/store_query_rows.h"

#include <errno.h>
#include <math.h>

/* Roll-ups are a million frames behind at most, unless they are catching up. */
#define TAIL_MAX 2000000

/* Longer than three weeks, a history is made of hours. */
#define MINUTES_SPAN_US (21 * 24 * STORE_HOUR_US)

/* One question on its way. Roll-ups are read from `first_us` to `last_us`; if these are equal, all
 * is taken from frames. */
struct gathering {
    struct store_query *query;
    const struct store_gather *gather;
    int64_t first_us;
    int64_t last_us;
    int64_t counts_from_us; /* values count from here on, up to counts_to_us */
    int64_t counts_to_us;
    uint64_t summaries; /* that were read */
};

static int64_t minute_down(int64_t us)
{
    return us - us % STORE_MINUTE_US;
}

/* The signal's value among those decoded. False: it has none in this frame. */
static bool find_number(const struct store_query *query, const struct dbc_signal *signal,
                        size_t count, double *ret)
{
    for (size_t i = 0; i < count; i++) {
        const struct dbc_value *value = &query->values[i];
        if (value->signal == signal) {
            *ret = dbc_value_number(value);
            return value->quality != DBC_QUALITY_NOT_AVAILABLE && isfinite(*ret);
        }
    }
    return false;
}

static enum store_taken on_frame(void *context, const struct segment_record *record, size_t bus,
                                 const struct dbc_message *message)
{
    struct gathering *g = context;
    const struct store_sink *sink = g->gather->sink;
    const struct frame *frame = &record->frame;
    (void)bus;
    size_t count = dbc_decode(message, frame->data, frame->len, g->query->values);
    double number;
    if (find_number(g->query, g->gather->signal->signal, count, &number)) {
        bool counts = record->ts_us >= g->counts_from_us && record->ts_us < g->counts_to_us;
        sink->value(sink->context, record->ts_us, number, counts);
    }
    return STORE_TAKEN;
}

/* Walks [from_us, to_us) and the seqs; what counts lies in `g`. What thinning made of frames that
 * would count is told as rows. */
static int walk(struct gathering *g, int64_t from_us, int64_t to_us, uint64_t first_seq,
                uint64_t last_seq)
{
    const struct store_gather *gather = g->gather;
    const struct store_walk frames = {
        .from_us = from_us,
        .to_us = to_us,
        .first_seq = first_seq,
        .last_seq = last_seq,
        .bus = (int)gather->signal->bus,
        .message = gather->signal->message,
        .fn = on_frame,
        .context = g,
    };
    const struct store_rows summaries = {
        .signal = gather->signal,
        .from_us = g->counts_from_us,
        .to_us = g->counts_to_us,
        .fn = gather->sink->row,
        .context = gather->sink->context,
    };
    uint64_t next_seq;
    uint64_t count = 0;
    int r = store_query_walk(g->query, &frames, &next_seq);
    if (r >= 0) {
        r = store_query_summaries(g->query, &summaries, first_seq, last_seq, &count);
    }
    g->summaries += count;
    return r;
}

/* Tells what held at the minute of `from_us`, and from when on weight counts. */
static int begin(struct gathering *g, int64_t from_us, bool *ret_newest)
{
    const struct store_sink *sink = g->gather->sink;
    struct bucket_hold hold;
    if (sink->begin == NULL) {
        *ret_newest = false;
        return 0;
    }
    int r = store_query_hold(g->query, g->gather->signal, minute_down(from_us), &hold, ret_newest);
    if (r == 0) {
        sink->begin(sink->context, &hold, from_us);
    }
    return r;
}

static void end(struct gathering *g, int64_t to_us)
{
    const struct store_sink *sink = g->gather->sink;
    if (sink->end != NULL) {
        sink->end(sink->context, to_us);
    }
}

/* Frames up to rollup_seq in the minute that the span begins in. */
static int gather_head(struct gathering *g)
{
    const struct store_span *span = g->gather->span;
    bool newest;
    if (span->from_us == g->first_us) {
        return 0;
    }
    int r = begin(g, span->from_us, &newest);
    if (r == 0) {
        g->counts_from_us = span->from_us;
        g->counts_to_us = g->first_us;
        r = walk(g, minute_down(span->from_us), g->first_us, 1, g->query->rollup_seq);
    }
    if (r == 0) {
        end(g, g->first_us);
    }
    return r;
}

/* Hours; where minutes show more, these, if there are not too many. */
static bool wants_hours(const struct store_gather *gather, int64_t span_us)
{
    return gather->is_sum || span_us > MINUTES_SPAN_US;
}

static int gather_rows(struct gathering *g, enum store_source *source)
{
    const struct store_gather *gather = g->gather;
    int64_t span_us = g->last_us - g->first_us;
    struct store_rows rows = {
        .signal = gather->signal,
        .from_us = g->first_us,
        .to_us = g->last_us,
        .wants_hours = wants_hours(gather, span_us),
        .grid_step_us = gather->grid_step_us,
        .grid_us = gather->grid_us,
        .fn = gather->sink->row,
        .context = gather->sink->context,
    };
    int r = span_us > 0 ? store_query_rows(g->query, &rows) : 0;
    if (r == 0 && span_us > 0) {
        *source = rows.has_hours ? STORE_SOURCE_HOURS : STORE_SOURCE_MINUTES;
    }
    return r;
}

/* From when on weight is in no row that was read, if the newest value in all rows is one of before
 * the last whole minute. */
static int64_t weighs_from(const struct gathering *g)
{
    int64_t weighed_us = g->query->weighed_us < g->last_us ? g->query->weighed_us : g->last_us;
    int64_t from_us = g->gather->span->from_us;
    return weighed_us > from_us ? weighed_us : from_us;
}

/* Frames up to rollup_seq after the last whole minute, then all frames after it. */
static int gather_tail(struct gathering *g)
{
    const struct store_span *span = g->gather->span;
    const struct store_sink *sink = g->gather->sink;
    const struct store_bus *bus = &g->query->options.buses[g->gather->signal->bus];
    int64_t held_us = span->from_us - store_hold_us(bus, g->gather->signal->message);
    bool newest;
    int r = begin(g, g->last_us, &newest);
    if (r == 0) {
        g->counts_from_us = g->last_us;
        g->counts_to_us = span->to_us;
        r = walk(g, minute_down(g->last_us), span->to_us, 1, g->query->rollup_seq);
    }
    if (r < 0) {
        return r;
    }
    if (sink->begin != NULL && newest) {
        sink->begin(sink->context, NULL, weighs_from(g));
    }
    g->counts_from_us = span->from_us;
    r = walk(g, held_us, span->to_us, g->query->rollup_seq + 1, g->query->newest_seq);
    if (r == 0) {
        end(g, span->to_us < span->now_us ? span->to_us : span->now_us);
    }
    return r;
}

/* Whether frames are the source: few enough of them, and all there. 1, 0 or -errno. */
static int can_walk(struct gathering *g)
{
    const struct store_gather *gather = g->gather;
    const struct store_rows summaries = {
        .signal = gather->signal, .from_us = gather->span->from_us, .to_us = gather->span->to_us};
    uint64_t count = 0;
    int r = store_query_can_walk(g->query, summaries.from_us, summaries.to_us);
    if (r == 1 && gather->prefers_rollups) {
        int found = store_query_summaries(g->query, &summaries, 1, g->query->newest_seq, &count);
        r = found < 0 ? found : count == 0;
    }
    return r;
}

/* Where to take it from. */
static int plan(struct gathering *g)
{
    const struct store_span *span = g->gather->span;
    g->first_us = minute_down(span->from_us + STORE_MINUTE_US - 1);
    g->last_us = minute_down(span->to_us);
    if (g->query->newest_seq > g->query->rollup_seq + TAIL_MAX) {
        return -EAGAIN;
    }
    int r = g->first_us < g->last_us ? can_walk(g) : 1;
    if (r == 1) {
        g->first_us = span->from_us;
        g->last_us = span->from_us;
    }
    return r < 0 ? r : 0;
}

int store_query_gather(struct store_query *query, const struct store_gather *gather,
                       enum store_source *ret_source)
{
    struct gathering g = {.query = query, .gather = gather};
    enum store_source source = STORE_SOURCE_FRAMES;
    int r = store_query_begin(query);
    if (r < 0) {
        return r;
    }
    r = plan(&g);
    if (r == 0) {
        r = gather_head(&g);
    }
    if (r == 0) {
        r = gather_rows(&g, &source);
    }
    if (r == 0) {
        r = gather_tail(&g);
    }
    if (r == 0) {
        *ret_source =
            source == STORE_SOURCE_FRAMES && g.summaries > 0 ? STORE_SOURCE_SUMMARIES : source;
    }
    return store_query_end(query, r);
}
