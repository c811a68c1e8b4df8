/*
 * Readings on their way into summaries: one bucket for each signal of each message, over one
 * interval. Memory is bounded by the DBC files: it is kept for each message that was ever added.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_TALLY_H
#define EDGE_GATEWAY_STORE_STORE_TALLY_H

#include "common/attributes.h"
#include "edge-gateway/can/frame.h"
#include "edge-gateway/statistics/bucket.h"
#include "edge-gateway/store/store_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dbc_message;
struct store_tally;

/* One message's readings; at least one. */
struct store_tally_entry {
    struct store_tally_entry *next; /* in order of first_seq; NULL at the end */
    const struct store_bus *bus;
    const struct dbc_message *message;
    uint64_t first_seq;
    uint64_t last_seq;
    uint64_t count;
    int64_t from_us;         /* earliest stamp */
    int64_t to_us;           /* latest stamp */
    struct bucket buckets[]; /* one per signal of the message; without weights */
};

/* `buses` are borrowed. 0 or -ENOMEM. */
EDGE_MUST_CHECK int store_tally_new(const struct store_bus *buses, size_t bus_count,
                                    struct store_tally **ret);
void store_tally_free(struct store_tally *tally);

/* Begins the next interval. */
void store_tally_reset(struct store_tally *tally);

/* Adds a reading of `message`, which is of the bus with this index, in order of seq. False: the
 * frame has none of its signals, or memory is short; nothing was added. */
EDGE_MUST_CHECK bool store_tally_add(struct store_tally *tally, size_t bus,
                                     const struct dbc_message *message, uint64_t seq,
                                     const struct frame *frame);

/* NULL: nothing was added since the reset. */
const struct store_tally_entry *store_tally_first(const struct store_tally *tally);

#endif
