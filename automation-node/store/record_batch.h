/*
 * Records of the engine on their way to or from the table `engine_state`: one after the other in
 * one block. What a record says is the engine's business.
 */
#ifndef EDGE_AUTOMATION_STORE_RECORD_BATCH_H
#define EDGE_AUTOMATION_STORE_RECORD_BATCH_H

#include "common/attributes.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_BATCH_MAX_BYTES (16 * 1024 * 1024)

struct stored_record {
    const char *kind;
    const char *id;
    uint64_t definition;
    const char *data; /* "" = there is none any more */
};

/* Private. */
struct record_batch {
    struct buf bytes;
    size_t count;
};

void record_batch_init(struct record_batch *batch);
void record_batch_deinit(struct record_batch *batch);
void record_batch_reset(struct record_batch *batch);

/* Copied. False if there is no room; the batch is as it was then. */
EDGE_MUST_CHECK bool record_batch_add(struct record_batch *batch,
                                      const struct stored_record *record);

/* The record at `*at`, which is 0 at first and moves on; false at the end. Its texts are the
 * batch's. */
EDGE_MUST_CHECK bool record_batch_next(const struct record_batch *batch, size_t *at,
                                       struct stored_record *ret);

#endif
