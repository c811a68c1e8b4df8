#include "edge-gateway/app/backfill.h"

#include "common/lvq.h"
#include "common/mqtt_node.h"
#include "edge-gateway/app/backfill_batch.h"
#include "edge-gateway/framelog/segment.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is sent before the loop gets its turn: some 200 µs. */
#define MESSAGES_PER_TURN 16
#define REFETCH_US        (20 * US_PER_MS)
#define CLOCK_WAIT_US     (2 * US_PER_S) /* until the clock is set, and the stamps are true */

/* A message on the way, and the seqs that it carries. */
struct flight {
    bool used;
    enum frame_log_fate fate; /* once the broker has it */
    enum segment_void reason; /* of a gap */
    bool is_summary;
    size_t range_count;
    struct ledger_range ranges[BACKFILL_RANGES_MAX];
};

struct backfill {
    const struct backfill_config *config;
    struct environment env;
    struct mqtt_link *link;
    struct frame_log *log;
    struct backfill_batch *batch;
    struct flight *flights;
    size_t flight_count;
    size_t in_flight;
    struct segment segment;              /* borrowed from the store until the next fetch */
    const struct store_summary *summary; /* of the segment, to be sent next; borrowed like it */
    struct segment_reader reader;
    struct segment_record record; /* read, and not yet in a message */
    struct ledger_range hole;     /* between segments */
    enum segment_void hole_reason;
    bool clock_waits;
    uint64_t limit; /* seqs after it have to wait for the live lane */
    bool has_segment;
    bool has_record;
    bool has_hole;
    bool fetching;
    double tokens; /* readings that the rate allows now */
    int64_t tokens_us;
    struct timer timer;
    struct backfill_stats stats;
};

/* ---- pacing ----------------------------------------------------------------------------- */

static bool is_paced(const struct backfill *b)
{
    return b->config->rate > 0;
}

static void refill(struct backfill *b)
{
    int64_t now_us = loop_now_us(b->env.loop);
    double most = b->config->rate > (double)b->config->batch ? b->config->rate / 10 + 1 : 1;
    most = most > (double)b->config->batch ? most : (double)b->config->batch;
    b->tokens += b->config->rate * (double)(now_us - b->tokens_us) / (double)US_PER_S;
    b->tokens = b->tokens < most ? b->tokens : most;
    b->tokens_us = now_us;
}

/* Whether one more message may go now; arms the timer if only the rate forbids it. */
static bool may_send(struct backfill *b)
{
    if (b->in_flight >= b->flight_count || lvq_is_waiting(b->env.queue) ||
        mqtt_link_room(b->link) == 0) {
        return false;
    }
    if (!is_paced(b)) {
        return true;
    }
    refill(b);
    if (b->tokens >= 1) {
        return true;
    }
    double wait_s = (1 - b->tokens) / b->config->rate;
    loop_timer_after(b->env.loop, &b->timer, (int64_t)(wait_s * (double)US_PER_S) + 1);
    return false;
}

/* ---- one message ------------------------------------------------------------------------ */

/* What was in hand is still missing, and is read again. */
static void drop_segment(struct backfill *b)
{
    b->has_segment = false;
    b->has_record = false;
    b->has_hole = false;
    b->summary = NULL;
}

/* What was refused is not tried again: it would be refused for ever, and hold up all the rest. */
static void settle(struct backfill *b, size_t index, enum mqtt_fate fate)
{
    struct flight *flight = &b->flights[index];
    flight->used = false;
    b->in_flight--;
    enum frame_log_fate ended = fate == MQTT_LOST ? FRAME_LOG_MISSED : flight->fate;
    enum segment_void reason = fate == MQTT_REFUSED ? SEGMENT_VOID_REFUSED : flight->reason;
    ended = fate == MQTT_REFUSED ? FRAME_LOG_DROPPED : ended;
    for (size_t i = 0; i < flight->range_count; i++) {
        frame_log_settle(b->log, flight->ranges[i], ended, reason);
    }
    if (fate == MQTT_LOST) {
        drop_segment(b); /* what comes first now lies before it */
    } else if (flight->is_summary && fate == MQTT_REFUSED) {
        b->stats.summaries_refused++;
    }
}

static size_t free_flight(const struct backfill *b)
{
    size_t i = 0;
    while (b->flights[i].used) {
        i++; /* ends: in_flight is below their number */
    }
    return i;
}

static void count(struct backfill *b)
{
    uint64_t seqs = backfill_batch_count(b->batch);
    b->stats.messages++;
    switch (backfill_batch_kind(b->batch)) {
    case BACKFILL_READINGS:
        b->stats.readings += seqs;
        break;
    case BACKFILL_EVENT:
        b->stats.events += seqs;
        break;
    case BACKFILL_GAP:
        b->stats.gaps += seqs;
        break;
    case BACKFILL_SUMMARY:
        b->stats.summaries++;
        break;
    case BACKFILL_NOTHING:
        break;
    }
}

/* In readings, which is what the rate counts; all else is one message, whatever it stands for. */
static double cost_of(const struct backfill_batch *batch)
{
    return backfill_batch_kind(batch) == BACKFILL_READINGS ? (double)backfill_batch_count(batch)
                                                           : 1;
}

/* False: not taken; everything in it stays missing. */
static bool send(struct backfill *b)
{
    size_t index = free_flight(b);
    struct flight *flight = &b->flights[index];
    struct mqtt_publish publish = backfill_batch_finish(b->batch);
    publish.token = MQTT_NODE_TOKEN | index;
    enum mqtt_publish_result result = mqtt_link_publish(b->link, &publish);
    if (result == MQTT_OFFLINE || result == MQTT_WINDOW_FULL) {
        return false;
    }
    flight->used = true;
    flight->fate =
        backfill_batch_kind(b->batch) == BACKFILL_GAP ? FRAME_LOG_DROPPED : FRAME_LOG_DELIVERED;
    flight->reason = backfill_batch_reason(b->batch);
    flight->is_summary = backfill_batch_kind(b->batch) == BACKFILL_SUMMARY;
    flight->range_count = backfill_batch_ranges(b->batch, flight->ranges);
    for (size_t i = 0; i < flight->range_count; i++) {
        ledger_take(frame_log_ledger(b->log), flight->ranges[i]);
    }
    b->in_flight++;
    b->tokens -= cost_of(b->batch);
    count(b);
    if (result != MQTT_PUBLISHED) { /* too large for this broker: it will never take it */
        settle(b, index, MQTT_REFUSED);
    }
    return true;
}

/* ---- from segments to messages ---------------------------------------------------------- */

/* The next record that is missing. False: the segment has no more. */
static bool next_record(struct backfill *b)
{
    struct ledger *ledger = frame_log_ledger(b->log);
    while (!b->has_record && b->has_segment) {
        switch (segment_next(&b->reader, &b->record)) {
        case SEGMENT_FRAME:
        case SEGMENT_EVENT:
            b->has_record = ledger_is_missing(ledger, b->record.seq);
            break;
        case SEGMENT_VOID:
            b->has_record = true; /* which of its seqs are missing is seen when the gap is made */
            break;
        case SEGMENT_CORRUPT: /* although its checksum is right: it was written so */
            b->has_segment = false;
            b->has_hole = true;
            b->hole =
                (struct ledger_range){b->reader.seq, b->segment.first_seq + b->segment.count - 1};
            b->hole_reason = SEGMENT_VOID_CORRUPT;
            break;
        case SEGMENT_END:
            b->has_segment = false;
            break;
        }
    }
    return b->has_record;
}

static bool add_record(struct backfill *b)
{
    if (b->record.kind != SEGMENT_VOID) {
        return backfill_batch_add(b->batch, &b->record);
    }
    const struct ledger_range gap = {b->record.seq, b->record.seq + b->record.count - 1};
    return backfill_batch_add_gap(b->batch, gap, b->record.reason);
}

static bool is_wanted(const struct backfill *b, const struct store_summary *summary)
{
    struct ledger_range missing;
    return ledger_next_missing(frame_log_ledger(b->log), summary->first_seq, &missing) &&
           missing.first <= summary->last_seq;
}

/* Makes a message of the segment's next summary. False: it has no more. */
static bool add_summary(struct backfill *b)
{
    while (b->summary != NULL) {
        const struct store_summary *summary = b->summary;
        b->summary = summary->next;
        if (!is_wanted(b, summary)) {
            continue;
        }
        if (backfill_batch_add_summary(b->batch, summary)) {
            return true;
        }
        b->stats.summaries_refused++;
    }
    return false;
}

/* Fills the batch. True: there is something to send. */
static bool fill(struct backfill *b)
{
    backfill_batch_reset(b->batch);
    if (add_summary(b)) {
        return true;
    }
    while (next_record(b) && b->record.seq < b->limit && add_record(b)) {
        b->has_record = false;
    }
    if (!b->has_record && b->has_hole) {
        b->has_hole = !backfill_batch_add_gap(b->batch, b->hole, b->hole_reason);
    }
    return backfill_batch_count(b->batch) > 0;
}

static void fetch(struct backfill *b)
{
    struct ledger_range missing;
    if (b->fetching || !ledger_next_missing(frame_log_ledger(b->log), 0, &missing) ||
        missing.first > store_stats(frame_log_store(b->log)).committed ||
        missing.first > b->limit) {
        return;
    }
    b->fetching = store_fetch(frame_log_store(b->log), missing.first);
}

void backfill_go_on(struct backfill *backfill)
{
    struct backfill *b = backfill;
    if (frame_log_ledger(b->log) == NULL || b->fetching || b->clock_waits) {
        return;
    }
    b->limit = ledger_oldest_live(frame_log_ledger(b->log));
    for (int i = 0; i < MESSAGES_PER_TURN && may_send(b); i++) {
        if (!fill(b)) {
            fetch(b);
            return;
        }
        if (!send(b)) {
            drop_segment(b);
            return;
        }
    }
    if (may_send(b)) { /* only the turn is over */
        loop_timer_after(b->env.loop, &b->timer, 0);
    }
}

static void on_timer(void *context)
{
    struct backfill *b = context;
    b->clock_waits = false;
    backfill_go_on(b);
}

void backfill_on_fetched(struct backfill *backfill, const struct store_fetched *fetched)
{
    struct backfill *b = backfill;
    b->fetching = false;
    drop_segment(b);
    switch (fetched->found) {
    case STORE_FOUND_SEGMENT:
        if (!fetched->clock_set) {
            b->clock_waits = true;
            loop_timer_after(b->env.loop, &b->timer, CLOCK_WAIT_US);
            return;
        }
        b->segment = fetched->segment;
        b->summary = fetched->summaries;
        b->has_segment = true;
        segment_reader_init(&b->reader, &b->segment);
        break;
    case STORE_FOUND_VOID:
        b->hole = (struct ledger_range){fetched->first, fetched->last};
        b->hole_reason = fetched->reason;
        b->has_hole = true;
        break;
    case STORE_FOUND_NOTHING:
    case STORE_FOUND_FAULT:
        loop_timer_after(b->env.loop, &b->timer, REFETCH_US);
        return;
    }
    backfill_go_on(b);
}

void backfill_on_acknowledged(struct backfill *backfill, uint64_t token, enum mqtt_fate fate)
{
    settle(backfill, (size_t)(token & ~MQTT_NODE_TOKEN), fate);
    backfill_go_on(backfill);
}

/* ---- beginning and end ------------------------------------------------------------------ */

int backfill_new(const struct gateway_plan *plan, const struct environment *environment,
                 struct mqtt_link *link, struct frame_log *log, struct backfill **ret)
{
    struct backfill *b = calloc(1, sizeof(*b));
    if (b == NULL) {
        return -ENOMEM;
    }
    b->config = &plan->config->backfill;
    b->env = *environment;
    b->link = link;
    b->log = log;
    b->timer = (struct timer){.fn = on_timer, .context = b};
    int64_t half = plan->config->broker.max_outstanding / 2;
    b->flight_count = (size_t)(b->config->in_flight < half ? b->config->in_flight : half);
    b->flights = calloc(b->flight_count, sizeof(*b->flights));
    int r = b->flights != NULL ? backfill_batch_new(plan, environment, log, &b->batch) : -ENOMEM;
    if (r < 0) {
        backfill_free(b);
        return r;
    }
    *ret = b;
    return 0;
}

void backfill_change(struct backfill *backfill, const struct gateway_plan *plan,
                     struct backfill_batch *batch)
{
    struct backfill *b = backfill;
    backfill_batch_free(b->batch);
    b->batch = batch;
    b->config = &plan->config->backfill;
    drop_segment(b); /* its summaries are named by the plan of before */
    loop_timer_after(b->env.loop, &b->timer, 0);
}

void backfill_free(struct backfill *backfill)
{
    if (backfill == NULL) {
        return;
    }
    loop_timer_cancel(backfill->env.loop, &backfill->timer);
    backfill_batch_free(backfill->batch);
    free(backfill->flights);
    free(backfill);
}

struct backfill_stats backfill_stats(const struct backfill *backfill)
{
    struct backfill_stats stats = backfill->stats;
    stats.in_flight = backfill->in_flight;
    return stats;
}
