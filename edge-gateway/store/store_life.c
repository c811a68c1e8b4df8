#include "edge-gateway/store/store_impl.h"

#include <errno.h>
#include <stdlib.h>

/* Where a crash costs what came since the last commit, they come more often. */
static int64_t commit_interval_us(const struct store *s, const struct store_options *options)
{
    bool is_unsafe = s->pool.memory == NULL && options->unsafe_interval_us > 0;
    return is_unsafe ? options->unsafe_interval_us : options->commit_interval_us;
}

/* ---- beginning and end ------------------------------------------------------------------ */

static int new_parts(struct store *s)
{
    struct store_outcome outcome;
    const struct worker_job write_job = {.run = store_run_write, .done = store_on_written};
    int r = store_pool_init(&s->pool, &s->options, s, &write_job);
    s->stats.memory_fault = s->pool.memory_fault;
    s->options.commit_interval_us = commit_interval_us(s, &s->options);
    if (r == 0) {
        r = store_setup_new(&s->options, &s->setup);
        s->oldest = s->setup;
    }
    if (r == 0) {
        r = store_fetch_init(&s->fetch, s->options.loop, s->options.path, store_on_fetched, s);
    }
    if (r == 0) {
        r = store_writer_new(&s->setup->options, s->pool.memory, &outcome, &s->writer);
    }
    if (r == 0) {
        r = worker_new(s->options.loop, "log-writer", 1, &s->write_thread);
    }
    if (r < 0) {
        return r;
    }
    store_on_opened(s, &outcome);
    return 0;
}

int store_new(const struct store_options *options, struct store **ret)
{
    struct store *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return -ENOMEM;
    }
    s->options = *options;
    s->retry_us = STORE_RETRY_FIRST_US;
    s->stalled.reason = SEGMENT_VOID_STALLED;
    s->clock_set = store_clock_is_sane(s);
    s->commit_timer = (struct timer){.fn = store_on_commit_timer, .context = s};
    s->retry_timer = (struct timer){.fn = store_on_retry_timer, .context = s};
    s->housekeeping_timer = (struct timer){.fn = store_on_housekeeping, .context = s};
    int r = new_parts(s);
    if (r < 0) {
        store_free(s);
        return r;
    }
    loop_timer_after(s->options.loop, &s->housekeeping_timer, STORE_HOUSEKEEPING_US);
    *ret = s;
    return 0;
}

/* The cursor and the counters, with a batch that has no frames. */
static void write_state(struct store *s, struct store_batch *batch)
{
    store_batch_begin(batch, s->newest + 1, s->clock_set);
    batch->clock_set = s->clock_set;
    batch->jump = s->jump;
    s->counters_due = s->counters != NULL;
    store_complete(s, batch);
    store_writer_commit(s->writer, batch);
}

/* No thread runs any more: what is in memory goes to the disk from here. True: all of it. */
static bool write_rest(struct store *s)
{
    int r = 0;
    while (r == 0 && s->pool.queue != NULL) {
        store_complete(s, s->pool.queue);
        store_writer_commit(s->writer, s->pool.queue);
        r = s->pool.queue->outcome.result;
        if (r == 0) {
            store_pool_pass(&s->pool);
        }
    }
    struct store_batch *last = store_pool_take(&s->pool);
    if (r == 0 && last != NULL && s->reserved > 0) {
        write_state(s, last);
    }
    return r == 0;
}

void store_free(struct store *store)
{
    struct store *s = store;
    if (s == NULL) {
        return;
    }
    s->closing = true;
    if (s->logged < s->newest) {
        (void)store_begin_filling(s); /* for its void; none free: it is found at the next start */
    }
    store_close_filling(s);
    store_fetch_deinit(&s->fetch); /* before the writer: who closes last empties the WAL */
    worker_free(s->write_thread);
    loop_timer_cancel(s->options.loop, &s->retry_timer);
    loop_timer_cancel(s->options.loop, &s->housekeeping_timer);
    bool is_all_written = false;
    if (s->writer != NULL) {
        is_all_written = write_rest(s) && s->reserved > 0;
        store_writer_free(s->writer, s->newest);
    }
    store_pool_deinit(&s->pool, is_all_written);
    while (s->oldest != NULL) {
        struct store_setup *old = s->oldest;
        s->oldest = old->next;
        store_setup_free(old);
    }
    free(s);
}

/* ---- another configuration -------------------------------------------------------------- */

int store_prepare_change(struct store *store, const struct store_options *options,
                         struct store_setup **ret)
{
    const struct store *s = store;
    struct store_options changed = *options;
    struct store_setup *setup;
    changed.loop = s->options.loop;
    changed.path = s->options.path;
    changed.memory_bytes = s->options.memory_bytes;
    changed.crash_directory = s->options.crash_directory;
    changed.handler = s->options.handler;
    changed.commit_interval_us = commit_interval_us(s, options);
    int r = store_setup_new(&changed, &setup);
    if (r < 0) {
        return r;
    }
    size_t known = 0;
    for (size_t i = 0; i < STORE_BUSES_MAX; i++) {
        known += s->names.is_taken[i];
    }
    if (known + store_setup_count_new(setup, &s->names) > STORE_BUSES_MAX) {
        store_setup_free(setup);
        return -ERANGE;
    }
    *ret = setup;
    return 0;
}

void store_change(struct store *store, struct store_setup *take, void (*released)(void *context),
                  void *context)
{
    struct store *s = store;
    store_memos_carry(&take->memos, &s->setup->memos);
    store_setup_name_buses(take, &s->names); /* again, once the database is there */
    s->setup->next = take;
    s->setup->released = released;
    s->setup->context = context;
    s->setup = take;
    s->options = take->options;
}

void store_drop_change(struct store_setup *setup)
{
    store_setup_free(setup);
}
