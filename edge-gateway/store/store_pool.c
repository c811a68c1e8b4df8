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

static size_t count_of(size_t memory_bytes)
{
    size_t fitting = memory_bytes / BATCH_BYTES;
    return fitting > BATCHES_MIN ? fitting : BATCHES_MIN;
}

/* One batch is on the heap in any case: the log is opened by a commit, also if something remains in
 * all of the others. */
static void open_memory(struct store_pool *pool, const struct store_options *options)
{
    const char *directory = options->crash_directory;
    pool->memory_fault = directory == NULL
                             ? -ENOENT
                             : store_memory_open(directory, options->path, pool->count - 1,
                                                 RECORDS_BYTES, &pool->memory);
}

static void mark_remains(struct store_pool *pool)
{
    const struct store_memory *memory = pool->memory;
    for (size_t i = 0; memory != NULL && i < memory->remain_count; i++) {
        pool->batches[memory->remains[i].slot].remains = true;
    }
}

static int give_builder(struct store_batch *batch, struct store_memory *memory, size_t index)
{
    if (memory == NULL || index >= memory->slot_count) {
        return segment_builder_new(RECORDS_BYTES, &batch->builder);
    }
    batch->memory = memory;
    batch->slot = index;
    batch->builder = batch->remains ? NULL : store_memory_builder(memory, index);
    return 0;
}

int store_pool_init(struct store_pool *pool, const struct store_options *options,
                    struct store *owner, const struct worker_job *job)
{
    *pool = (struct store_pool){.count = count_of(options->memory_bytes)};
    pool->queue_end = &pool->queue;
    pool->batches = calloc(pool->count, sizeof(*pool->batches));
    if (pool->batches == NULL) {
        return -ENOMEM;
    }
    open_memory(pool, options);
    mark_remains(pool);
    for (size_t i = pool->count; i-- > 0;) { /* the one on the heap is taken last */
        struct store_batch *batch = &pool->batches[i];
        int r = give_builder(batch, pool->memory, i);
        if (r < 0) {
            return r;
        }
        batch->job = *job;
        batch->store = owner;
        if (!batch->remains) {
            store_pool_put_back(pool, batch);
        }
    }
    return 0;
}

void store_pool_release(struct store_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++) {
        struct store_batch *batch = &pool->batches[i];
        if (batch->remains) {
            batch->remains = false;
            batch->builder = store_memory_builder(batch->memory, batch->slot);
            store_pool_put_back(pool, batch);
        }
    }
}

void store_pool_deinit(struct store_pool *pool, bool is_all_written)
{
    for (size_t i = 0; pool->batches != NULL && i < pool->count; i++) {
        if (pool->batches[i].memory == NULL) {
            segment_builder_free(pool->batches[i].builder);
        }
    }
    free(pool->batches);
    store_memory_close(pool->memory, is_all_written);
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
