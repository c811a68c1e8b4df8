/*
 * The one writer of the frame log: every function runs in the writer thread, or while that does
 * not run (start-up and the end). It blocks as long as the disk does.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_WRITER_H
#define EDGE_GATEWAY_STORE_STORE_WRITER_H

#include "common/attributes.h"
#include "edge-gateway/store/store_batch.h"
#include "edge-gateway/store/store_memory.h"
#include "edge-gateway/store/store_options.h"

#include <stdbool.h>
#include <stdint.h>

struct store_writer;

/* Opens the database, sets a damaged one aside, takes in what remained in memory, reserves the
 * first seqs. 0 also when it cannot be opened now (store_writer_is_open()); -ENOMEM. `options` and
 * `memory` (NULL: none) are borrowed. */
EDGE_MUST_CHECK int store_writer_new(const struct store_options *options,
                                     struct store_memory *memory, struct store_outcome *ret_outcome,
                                     struct store_writer **ret);
/* Closes; `newest` is the last seq that was given out. Accepts NULL. */
void store_writer_free(struct store_writer *writer, uint64_t newest);

bool store_writer_is_open(const struct store_writer *writer);

/* Where the log stood when this run opened it; seqs are given out from after its `newest` up to
 * the outcome's `reserved`. */
struct store_position store_writer_opened_at(const struct store_writer *writer);

/* All buses that the log knew when this run opened it. */
const struct store_bus_names *store_writer_bus_names(const struct store_writer *writer);

/* Carries the batch out, opening the database again if need be; the result is in its outcome. A
 * batch without records still moves the cursor, the reservation and the counters. */
void store_writer_commit(struct store_writer *writer, struct store_batch *batch);

#endif
