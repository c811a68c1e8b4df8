#include "edge-gateway/store/store_pool.h"

#include <errno.h>
#include <stdlib.h>

/* A batch of 128 KiB holds 10,000 classic frames; with its keys and their index it takes about
 * half as much again. */
#define RECORDS_BYTES  ((size_t)128 << 10)
#define BATCH_BYTES    ((size_t)192 << 10)
#define BATCHES_MIN    4
#define RECORD_TYPICAL 16 /* bytes */
#define KEPT_SHARE     4  /* of the batches, for frames that cannot wait */

int store_pool_init(struct store_pool *pool, size_t memory_bytes, struct store *owner,
                    const struct worker_job *job)
{
    size_t fitting = memory_bytes / BATCH_BYTES;
    *pool = (struct store_pool){.count = fitting > BATCHES_MIN ? fitting : BATCHES_MIN};
    pool->queue_end = &pool->queue;
    pool->batches = calloc(pool->count, sizeof(*pool->batches));
    if (pool->batches == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < pool->count; i++) {
        struct store_batch *batch = &pool->batches[i];
        int r = segment_builder_new(RECORDS_BYTES, &batch->builder);
        if (r < 0) {
            return r;
        }
        batch->job = *job;
        batch->store = owner;
        store_pool_put_back(pool, batch);
    }
    return 0;
}

void store_pool_deinit(struct store_pool *pool)
{
    for (size_t i = 0; pool->batches != NULL && i < pool->count; i++) {
        segment_builder_free(pool->batches[i].builder);
    }
    free(pool->batches);
    *pool = (struct store_pool){0};
}

struct store_batch *store_pool_take(struct store_pool *pool)
{
    struct store_batch *batch = pool->free;
    if (batch != NULL) {
        pool->free = batch->next;
        pool->free_count--;
    }
    return batch;
}

void store_pool_put_back(struct store_pool *pool, struct store_batch *batch)
{
    batch->next = pool->free;
    pool->free = batch;
    pool->free_count++;
}

void store_pool_queue(struct store_pool *pool, struct store_batch *batch)
{
    batch->next = NULL;
    *pool->queue_end = batch;
    pool->queue_end = &batch->next;
}

void store_pool_pass(struct store_pool *pool)
{
    struct store_batch *batch = pool->queue;
    pool->queue = batch->next;
    if (pool->queue == NULL) {
        pool->queue_end = &pool->queue;
    }
    store_pool_put_back(pool, batch);
}

uint64_t store_pool_queued_bytes(const struct store_pool *pool)
{
    uint64_t bytes = 0;
    for (const struct store_batch *b = pool->queue; b != NULL; b = b->next) {
        bytes += store_batch_bytes(b);
    }
    return bytes;
}

size_t store_pool_room(const struct store_pool *pool)
{
    size_t kept = pool->count / KEPT_SHARE;
    size_t batches = pool->free_count > kept ? pool->free_count - kept : 0;
    return batches * (RECORDS_BYTES / RECORD_TYPICAL);
}
