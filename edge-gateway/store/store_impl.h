/* What the files of the store share; private to store*.c. */
#ifndef EDGE_GATEWAY_STORE_STORE_IMPL_H
#define EDGE_GATEWAY_STORE_STORE_IMPL_H

#include "common/clock.h"
#include "edge-gateway/store/store.h"
#include "edge-gateway/store/store_fetch.h"
#include "edge-gateway/store/store_pool.h"
#include "edge-gateway/store/store_setup.h"
#include "edge-gateway/store/store_writer.h"

#define STORE_RETRY_FIRST_US  (500 * US_PER_MS)
#define STORE_HOUSEKEEPING_US US_PER_S

struct store {
    struct store_options options; /* as they are now */
    struct worker *write_thread;
    struct store_writer *writer; /* the write thread's while `writing` */
    struct store_fetch fetch;
    struct store_pool pool;
    struct store_setup *setup;  /* in force, whose options are copied above */
    struct store_setup *oldest; /* that the writer may still have; each leads to the one after it */
    struct store_bus_names names;
    struct store_batch *filling;  /* NULL: none */
    bool clock_set;               /* the wall clock can be believed */
    struct store_clock_jump jump; /* for the next batch that is closed */
    bool writing;                 /* until all is told of what became of it */
    int64_t writing_since_us;
    bool closing; /* in store_free(): nothing is submitted or told any more */
    bool faulted;
    uint64_t opening;          /* of the database; see struct store_outcome */
    bool damage_met;           /* by the reader: the next batch tells the writer */
    struct store_loss stalled; /* not told yet; count 0 = nothing */
    struct timer commit_timer;
    struct timer retry_timer;
    struct timer housekeeping_timer;
    int64_t retry_us;
    struct store_position opened_at;
    uint64_t newest;
    uint64_t reserved;
    uint64_t logged; /* seqs up to this one are in a batch or on the disk */
    uint64_t acknowledged;
    uint64_t acknowledged_sent; /* with a batch */
    const struct store_counter *counters;
    size_t counter_count;
    bool counters_due;
    uint64_t second_bytes; /* logged since the last housekeeping */
    struct store_stats stats;
};

/* Hands the batch that is being filled to the writer. */
void store_close_filling(struct store *store);
/* Makes a batch the one being filled. False: all are on their way to the disk. */
bool store_begin_filling(struct store *store);
/* What a batch carries beside its records: the state at the time of writing. */
void store_complete(struct store *store, struct store_batch *batch);

/* For the threads' jobs and timers. */
void store_run_write(struct worker_job *job);
void store_on_written(struct worker_job *job);
void store_on_fetched(struct store_fetch *fetch);
void store_on_commit_timer(void *context);
void store_on_retry_timer(void *context);
void store_on_housekeeping(void *context);

/* The database was opened, at the start: what came of it. */
void store_on_opened(struct store *store, const struct store_outcome *outcome);
bool store_clock_is_sane(const struct store *store);

#endif
