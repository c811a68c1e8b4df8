/*
 * The batches of a store: all the memory that frames have on their way to the disk, made at start.
 * One is in a single place: free, with whoever took it, or queued, oldest first; the head of the
 * queue stays there until it is committed, so that order survives a failure. Loop thread.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_POOL_H
#define EDGE_GATEWAY_STORE_STORE_POOL_H

#include "common/attributes.h"
#include "edge-gateway/store/store_batch.h"

#include <stddef.h>
#include <stdint.h>

struct store_pool {
    struct store_batch *batches;
    size_t count;
    struct store_batch *free;
    size_t free_count;
    struct store_batch *queue;
    struct store_batch **queue_end;
    struct store_memory *memory; /* NULL: the batches are on the heap */
    int memory_fault;            /* 0, or -errno: why; -ENOENT also if none was wanted */
};

/* As many as fit in `memory_bytes` of the options, a few at least; all but one in memory that
 * outlives the process, if the options name a place for it and it can be had. Those in which
 * something remains are kept back. `owner` and `job` go into each. 0 or -ENOMEM; deinit accepts a
 * half-made one. */
EDGE_MUST_CHECK int store_pool_init(struct store_pool *pool, const struct store_options *options,
                                    struct store *owner, const struct worker_job *job);
/* `is_all_written`: nothing of it is of use to the next run. */
void store_pool_deinit(struct store_pool *pool, bool is_all_written);

/* What remained is settled: those batches are free as well. */
void store_pool_release(struct store_pool *pool);

/* An empty one; NULL: none is free. */
struct store_batch *store_pool_take(struct store_pool *pool);
void store_pool_put_back(struct store_pool *pool, struct store_batch *batch);

void store_pool_queue(struct store_pool *pool, struct store_batch *batch);
/* Removes the head of the queue, which becomes free. */
void store_pool_pass(struct store_pool *pool);

/* What the queue holds. */
uint64_t store_pool_queued_bytes(const struct store_pool *pool);
/* Frames that the free ones have room for, without those kept for frames that cannot wait. */
size_t store_pool_room(const struct store_pool *pool);

#endif
