/*
 * One MQTT message of the backfill lane in the making: records of the frame log in, a topic and a
 * payload out, with the seqs that it carries. One reading, or a batch of them; one event; a gap
 * that says of many seqs that they will not come; or a summary, which carries none: a gap does.
 */
#ifndef EDGE_GATEWAY_APP_BACKFILL_BATCH_H
#define EDGE_GATEWAY_APP_BACKFILL_BATCH_H

#include "common/attributes.h"
#include "common/mqtt_message.h"
#include "edge-gateway/app/environment.h"
#include "edge-gateway/app/frame_log.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/framelog/ledger.h"
#include "edge-gateway/framelog/segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Runs of seqs in one message: missing ones need not follow each other. */
#define BACKFILL_RANGES_MAX 64

enum backfill_kind {
    BACKFILL_NOTHING,
    BACKFILL_READINGS,
    BACKFILL_EVENT,
    BACKFILL_SUMMARY,
    BACKFILL_GAP
};

struct backfill_batch;

EDGE_MUST_CHECK int backfill_batch_new(const struct gateway_plan *plan,
                                       const struct environment *environment, struct frame_log *log,
                                       struct backfill_batch **ret);
void backfill_batch_free(struct backfill_batch *batch);
void backfill_batch_reset(struct backfill_batch *batch);

/* Adds a frame or an event that is missing. False: it does not go with what is there, or that is
 * full: send first. An empty batch takes any. */
EDGE_MUST_CHECK bool backfill_batch_add(struct backfill_batch *batch,
                                        const struct segment_record *record);

/* Adds what is missing of these seqs, as far as there is room; the rest stays missing. Results as
 * above. */
EDGE_MUST_CHECK bool backfill_batch_add_gap(struct backfill_batch *batch, struct ledger_range gap,
                                            enum segment_void reason);

/* Makes a summary of an empty batch. False: it is too large for a message. */
EDGE_MUST_CHECK bool backfill_batch_add_summary(struct backfill_batch *batch,
                                                const struct store_summary *summary);

enum backfill_kind backfill_batch_kind(const struct backfill_batch *batch);
/* Of a gap. */
enum segment_void backfill_batch_reason(const struct backfill_batch *batch);
/* Seqs in it. */
uint64_t backfill_batch_count(const struct backfill_batch *batch);
/* Writes their runs, in order; returns how many. */
size_t backfill_batch_ranges(const struct backfill_batch *batch,
                             struct ledger_range ranges[BACKFILL_RANGES_MAX]);

/* Ends it: QoS 1, without a token; borrowed until the next reset. */
struct mqtt_publish backfill_batch_finish(struct backfill_batch *batch);

#endif
