/*
 * The memory between the loop and the disk: a fixed number of batches, each either free, in the
 * hands of its taker, or in the queue of full ones, whose head stays there until it is committed,
 * so that order survives a failure.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_POOL_H
#define EDGE_GATEWAY_STORE_STORE_POOL_H

#include "common/attributes.h"
#include "edge-gateway/store/store_batch.h"

#include <stddef.h>

/* {0} is an empty one; its address must not change after the init. */
struct store_pool {
    struct store_batch *batches;
    size_t count;
    struct store_batch *free;
    size_t free_count;
    struct store_batch *queue; /* oldest first; NULL = none */
    struct store_batch **queue_end;
};

/* As many batches as `memory_bytes` hold, but at least 4. `job` and `store` become each one's.
 * 0 or -ENOMEM. */
EDGE_MUST_CHECK int store_pool_init(struct store_pool *pool, size_t memory_bytes,
                                    struct worker_job job, struct store *store);
void store_pool_deinit(struct store_pool *pool);

/* A free one, NULL if there is none. */
struct store_batch *store_pool_take(struct store_pool *pool);

void store_pool_enqueue(struct store_pool *pool, struct store_batch *batch);
/* The head of the queue was committed: it is free. */
void store_pool_release_head(struct store_pool *pool);

/* Frames of a typical size that fit into the free batches, some of them kept for those who cannot
 * wait. */
size_t store_pool_room(const struct store_pool *pool);

/* Of one batch's blobs, and of all that are queued. */
size_t store_pool_batch_bytes(const struct store_batch *batch);
size_t store_pool_queued_bytes(const struct store_pool *pool);

#endif
