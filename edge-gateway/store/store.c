#include "edge-gateway/store/store.h"

#include "edge-gateway/store/store_impl.h"

#include <errno.h>

#define RETRY_MAX_US  (5 * US_PER_S)
#define STALL_US      (5 * US_PER_S)          /* a commit that takes longer is a fault */
#define CLOCK_SANE_US (1704067200 * US_PER_S) /* 2024-01-01: before it, no clock was set */

static void notify(struct store *s, const struct store_notice *notice)
{
    if (!s->closing && s->options.handler.notice != NULL) {
        s->options.handler.notice(s->options.handler.context, notice);
    }
}

static void tell(struct store *s, enum store_notice_kind kind, const char *text)
{
    notify(s, &(struct store_notice){.kind = kind, .text = text});
}

/* ---- batches ---------------------------------------------------------------------------- */

/* What a batch carries beside its records is the state at the time of writing. */
void store_complete(struct store *s, struct store_batch *batch)
{
    batch->acknowledged = s->acknowledged;
    batch->newest = s->newest;
    batch->now_us = loop_now_us(s->options.loop);
    batch->wall_us = loop_realtime_us(s->options.loop);
    batch->is_damage_met = s->damage_met;
    store_batch_keep_counters(batch, s->counters, s->counters_due ? s->counter_count : 0);
    s->counters_due = false;
    store_memos_take(&s->setup->memos);
    batch->memos = &s->setup->memos;
    batch->setup = s->setup;
    s->acknowledged_sent = s->acknowledged;
}

static void write_next(struct store *s)
{
    if (s->writing || s->closing || s->pool.queue == NULL || timer_is_armed(&s->retry_timer)) {
        return;
    }
    struct store_batch *batch = s->pool.queue;
    store_complete(s, batch);
    s->writing_since_us = batch->now_us;
    s->writing = worker_submit(s->write_thread, &batch->job); /* one at a time: never full */
}

/* Hands the batch that is being filled to the writer. */
void store_close_filling(struct store *s)
{
    struct store_batch *batch = s->filling;
    if (batch == NULL) {
        return;
    }
    s->filling = NULL;
    loop_timer_cancel(s->options.loop, &s->commit_timer);
    batch->clock_set = s->clock_set;
    batch->jump = s->jump;
    s->jump = (struct store_clock_jump){.jump_us = 0};
    store_pool_queue(&s->pool, batch);
    write_next(s);
}

/* What could not be logged before becomes a void at the start of the next batch. It is told later:
 * whoever hears of it may append. */
static void begin_with_void(struct store *s)
{
    s->stalled.first = s->stalled.count > 0 ? s->stalled.first : s->logged + 1;
    s->stalled.last = s->newest;
    while (s->logged < s->newest) {
        uint64_t count = s->newest - s->logged;
        uint32_t part = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
        if (!segment_append_void(s->filling->builder, part, SEGMENT_VOID_STALLED)) {
            return; /* never: the batch is empty */
        }
        s->logged += part;
        s->stalled.count += part;
    }
}

/* Makes a batch the one being filled. False: all are on their way to the disk. */
bool store_begin_filling(struct store *s)
{
    if (s->filling != NULL) {
        return true;
    }
    struct store_batch *batch = store_pool_take(&s->pool);
    if (batch == NULL) {
        return false;
    }
    s->filling = batch;
    store_batch_begin(batch, s->logged + 1, s->clock_set);
    if (s->logged < s->newest) {
        begin_with_void(s);
    }
    loop_timer_after(s->options.loop, &s->commit_timer, s->options.commit_interval_us);
    return true;
}

/* While others wait for the disk, the batch goes on being filled: memory is for frames. */
static void close_if_due(struct store *s)
{
    if (s->pool.queue == NULL && !timer_is_armed(&s->commit_timer)) {
        store_close_filling(s);
    }
}

void store_on_commit_timer(void *context)
{
    close_if_due(context);
}

void store_on_retry_timer(void *context)
{
    write_next(context);
}

/* A mean that forgets within minutes. */
static void take_rate(struct store *s)
{
    uint64_t per_hour = s->second_bytes * 3600;
    uint64_t mean = s->stats.bytes_per_hour;
    s->second_bytes = 0;
    s->stats.bytes_per_hour = mean == 0 ? per_hour : (mean * 59 + per_hour) / 60;
}

/* What else than frames waits for a commit: the cursor, the counters, a void, roll-ups that are
 * behind, a database that could not be opened or is damaged. When the bus is silent, a batch
 * without frames has to do. */
static bool is_commit_due(const struct store *s)
{
    return s->acknowledged > s->acknowledged_sent || s->logged < s->newest || s->reserved == 0 ||
           s->jump.jump_us != 0 || s->damage_met || s->stats.rollup.behind ||
           s->oldest != s->setup || s->setup->memos.dirty_count > 0;
}

static void announce_fault(struct store *s, const char *text)
{
    if (!s->faulted) {
        s->faulted = true;
        tell(s, STORE_NOTICE_FAULT, text);
    }
}

void store_on_housekeeping(void *context)
{
    struct store *s = context;
    loop_timer_after(s->options.loop, &s->housekeeping_timer, STORE_HOUSEKEEPING_US);
    s->counters_due = s->counters != NULL;
    if (s->pool.queue == NULL && s->filling == NULL && is_commit_due(s)) {
        (void)store_begin_filling(s); /* none free: then commits are under way */
    }
    take_rate(s);
    if (s->writing && loop_now_us(s->options.loop) - s->writing_since_us >= STALL_US) {
        announce_fault(s, "the disk does not answer");
    }
}

/* ---- what became of a commit ------------------------------------------------------------ */

static void report_loss(struct store *s, enum store_notice_kind kind, const struct store_loss *loss,
                        const char *text)
{
    const struct store_notice notice = {.kind = kind,
                                        .first = loss->first,
                                        .last = loss->last,
                                        .reason = loss->reason,
                                        .text = text};
    notify(s, &notice);
}

static void report_losses(struct store *s, const struct store_outcome *outcome)
{
    s->stats.expired += outcome->expired;
    for (size_t i = 0; i < outcome->loss_count; i++) {
        const struct store_loss *loss = &outcome->losses[i];
        s->stats.voids[loss->reason] += loss->count;
        report_loss(s, STORE_NOTICE_DROPPED, loss, segment_void_text(loss->reason));
    }
    if (s->stalled.count > 0) { /* counted when it happened */
        const struct store_loss stalled = s->stalled;
        s->stalled = (struct store_loss){.reason = SEGMENT_VOID_STALLED};
        report_loss(s, STORE_NOTICE_DROPPED, &stalled, "the disk did not keep up");
    }
}

static void report_thinned(struct store *s, const struct store_loss *thinned)
{
    s->stats.thinned += thinned->count;
    if (thinned->count > 0) {
        report_loss(s, STORE_NOTICE_THINNED, thinned, "old readings became summaries");
    }
}

static void report_opening(struct store *s, const struct store_outcome *outcome)
{
    if (outcome->opening != s->opening) {
        s->opening = outcome->opening;
        s->damage_met = false; /* it was another file's */
        store_memos_begin_anew(&s->setup->memos);
    }
    if (outcome->opened) {
        s->names = *store_writer_bus_names(s->writer);
        store_setup_name_buses(s->setup, &s->names);
        s->opened_at = store_writer_opened_at(s->writer);
        s->newest = s->opened_at.newest;
        s->logged = s->newest;
        s->acknowledged = s->opened_at.acknowledged;
        s->acknowledged_sent = s->acknowledged;
        s->stats.committed = s->newest;
        s->stats.recovered = outcome->recovered;
        store_pool_release(&s->pool);
    }
    s->reserved = outcome->reserved;
    s->stats.rollup = outcome->rollup;
    if (outcome->set_aside[0] != '\0') {
        tell(s, STORE_NOTICE_SET_ASIDE, outcome->set_aside);
    }
}

/* `setup`: of the batch; NULL: there was none. Of an earlier one, all memos are to be written
 * anyway. */
static void on_failed(struct store *s, const struct store_outcome *outcome,
                      const struct store_setup *setup)
{
    s->stats.failed_commits++;
    if (setup == s->setup) {
        store_memos_put_back(&s->setup->memos);
    }
    loop_timer_after(s->options.loop, &s->retry_timer, s->retry_us);
    s->retry_us = s->retry_us * 2 < RETRY_MAX_US ? s->retry_us * 2 : RETRY_MAX_US;
    announce_fault(s, outcome->error);
}

static void on_succeeded(struct store *s, struct store_batch *batch)
{
    const struct segment segment = segment_builder_view(batch->builder);
    s->stats.commits++;
    s->stats.used_bytes = batch->outcome.used_bytes;
    s->stats.wal_bytes = batch->outcome.wal_bytes;
    s->second_bytes += segment.keys_bytes + segment.records_bytes;
    s->retry_us = STORE_RETRY_FIRST_US;
    store_pool_pass(&s->pool);
    if (segment.count > 0) {
        s->stats.committed = segment.first_seq + segment.count - 1;
    }
    if (s->faulted) {
        s->faulted = false;
        tell(s, STORE_NOTICE_RECOVERED, "the frame log is written again");
    }
    if (segment.count > 0 && !s->closing) {
        s->options.handler.committed(s->options.handler.context, s->stats.committed);
    }
    if (s->stats.rollup.behind && s->pool.queue == NULL && !s->closing) {
        (void)store_begin_filling(s); /* the next commit reads on, should no frame come */
    }
}

/* The writer has these now, and looks at those before them no more. */
static void release_before(struct store *s, const struct store_options *options)
{
    while (&s->oldest->options != options) {
        struct store_setup *old = s->oldest;
        s->oldest = old->next;
        store_setup_free(old);
    }
}

/* Still `writing` while it is told: whoever hears of it may append, and the batch is at the head of
 * the queue yet. */
void store_on_written(struct worker_job *job)
{
    struct store_batch *batch = (struct store_batch *)job; /* its first member */
    struct store *s = batch->store;
    const struct store_outcome *outcome = &batch->outcome;
    s->stats.commit_us = outcome->took_us;
    s->stats.commit_max_us =
        outcome->took_us > s->stats.commit_max_us ? outcome->took_us : s->stats.commit_max_us;
    report_opening(s, outcome);
    report_losses(s, outcome);
    report_thinned(s, &outcome->thinned);
    release_before(s, outcome->options);
    if (outcome->result < 0) {
        on_failed(s, outcome, batch->setup);
    } else {
        on_succeeded(s, batch);
    }
    s->writing = false;
    write_next(s);
    close_if_due(s);
}

void store_on_opened(struct store *store, const struct store_outcome *outcome)
{
    report_opening(store, outcome);
    if (outcome->result < 0) {
        on_failed(store, outcome, NULL);
    }
}

void store_run_write(struct worker_job *job)
{
    struct store_batch *batch = (struct store_batch *)job; /* its first member */
    store_writer_commit(batch->store->writer, batch);
}

/* ---- appending -------------------------------------------------------------------------- */

static bool has_seq(struct store *s)
{
    if (s->newest < s->reserved) {
        return true;
    }
    s->stats.without_seq++;
    return false;
}

/* Of what was appended, or had no room: that becomes a void. */
static uint64_t next_seq(struct store *s, bool is_appended)
{
    s->newest++;
    s->logged = is_appended ? s->newest : s->logged;
    s->stats.voids[SEGMENT_VOID_STALLED] += is_appended ? 0 : 1;
    return s->newest;
}

uint64_t store_append_frame(struct store *store, const struct frame *frame)
{
    struct store *s = store;
    if (!has_seq(s)) {
        return 0;
    }
    struct frame logged = *frame;
    logged.bus = s->setup->bus_ids[frame->bus];
    s->stats.frames++;
    for (int attempt = 0; attempt < 2 && store_begin_filling(s); attempt++) {
        if (segment_append_frame(s->filling->builder, &logged)) {
            return next_seq(s, true);
        }
        store_close_filling(s);
    }
    return next_seq(s, false);
}

uint64_t store_append_event(struct store *store, int64_t ts_us, const char *text, size_t length)
{
    struct store *s = store;
    if (!has_seq(s)) {
        return 0;
    }
    s->stats.events++;
    for (int attempt = 0; attempt < 2 && store_begin_filling(s); attempt++) {
        if (segment_append_event(s->filling->builder, ts_us, text, length)) {
            return next_seq(s, true);
        }
        store_close_filling(s);
    }
    return next_seq(s, false);
}

void store_set_memo(struct store *store, size_t memo, const char *text)
{
    store_memos_set(&store->setup->memos, memo, text);
}

size_t store_room(const struct store *store)
{
    uint64_t seqs = store->reserved - store->newest;
    size_t frames = store_pool_room(&store->pool);
    return frames < seqs ? frames : (size_t)seqs;
}

struct store_position store_opened_at(const struct store *store)
{
    return store->opened_at;
}

void store_acknowledge(struct store *store, uint64_t seq)
{
    store->acknowledged = seq > store->acknowledged ? seq : store->acknowledged;
}

void store_note_acknowledged(struct store *store, uint64_t seq)
{
    if (store->pool.memory != NULL && store->reserved > 0) {
        store_memory_acknowledge(store->pool.memory, seq);
    }
}

void store_keep_counters(struct store *store, const struct store_counter *counters, size_t count)
{
    store->counters = counters;
    store->counter_count = count < STORE_COUNTERS_MAX ? count : STORE_COUNTERS_MAX;
}

int store_bus_index(const struct store *store, uint8_t log_bus)
{
    for (size_t i = 0; i < store->options.bus_count; i++) {
        if (store->setup->bus_ids[i] == log_bus) {
            return (int)i;
        }
    }
    return -1;
}

struct store_stats store_stats(const struct store *store)
{
    struct store_stats stats = store->stats;
    stats.open = !store->faulted && store->reserved > 0;
    stats.newest = store->newest;
    stats.quota_bytes = store->options.quota_bytes;
    stats.writing = store->writing;
    stats.waiting_bytes = store_pool_queued_bytes(&store->pool);
    if (store->filling != NULL) {
        stats.waiting_bytes += store_batch_bytes(store->filling);
    }
    return stats;
}

/* ---- the clock -------------------------------------------------------------------------- */

bool store_clock_is_sane(const struct store *s)
{
    return s->options.trust_clock || loop_realtime_us(s->options.loop) >= CLOCK_SANE_US;
}

bool store_clock_is_set(const struct store *store)
{
    return store->clock_set;
}

/* What was filled before the jump is closed with it: the writer corrects it together with all that
 * is on the disk already. If no batch is free, it goes with the next one that is. */
void store_clock_jumped(struct store *store, int64_t jump_us)
{
    struct store *s = store;
    bool was_set = s->clock_set;
    bool is_set = store_clock_is_sane(s);
    s->jump = (struct store_clock_jump){
        .at_seq = s->newest,
        .monotonic_us = loop_now_us(s->options.loop),
        .after_us = loop_realtime_us(s->options.loop),
        .jump_us = s->jump.jump_us + jump_us,
        .was_set = s->jump.jump_us != 0 ? s->jump.was_set : was_set,
        .is_set = is_set,
    };
    if (store_begin_filling(s)) {
        store_close_filling(s);
    }
    s->clock_set = is_set;
    if (!was_set && s->clock_set) {
        tell(s, STORE_NOTICE_CLOCK, "the clock was set: earlier stamps are corrected");
    }
}

/* ---- reading ---------------------------------------------------------------------------- */

void store_on_fetched(struct store_fetch *fetch)
{
    struct store *s = fetch->context;
    if (fetch->fetched.error == -EBADMSG && fetch->opening == s->opening) {
        s->damage_met = true;
        (void)store_begin_filling(s); /* none free: then the next one will tell */
    }
    if (!s->closing) {
        s->options.handler.fetched(s->options.handler.context, &fetch->fetched);
    }
}

bool store_fetch(struct store *store, uint64_t seq)
{
    return store->reserved > 0 && store_fetch_ask(&store->fetch, seq, store->opening);
}
