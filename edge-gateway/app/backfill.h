/*
 * The backfill lane: what the live lane did not deliver is read from the frame log and sent in
 * order of seq, with its own time and seq, paced and never in the way of live values: it uses a
 * bounded part of the window, and nothing while live values wait.
 *
 * Every seq that is missing ends up in one of: a reading, an event, a gap (docs/requests.md).
 *
 * Summaries of a segment go before its gaps. A broker acknowledges in order (MQTT 5, 4.6), so
 * whoever was told that a reading was thinned has its summary; if one is lost with the connection,
 * all those of the segment are sent again.
 */
#ifndef EDGE_GATEWAY_APP_BACKFILL_H
#define EDGE_GATEWAY_APP_BACKFILL_H

#include "common/attributes.h"
#include "common/mqtt_link.h"
#include "edge-gateway/app/environment.h"
#include "edge-gateway/app/frame_log.h"
#include "edge-gateway/app/plan.h"

#include <stdint.h>

struct backfill_stats {
    uint64_t readings; /* sent, acknowledged or not */
    uint64_t events;
    uint64_t gaps; /* seqs */
    uint64_t summaries;
    uint64_t summaries_refused; /* by the broker, or too large for a message */
    uint64_t messages;          /* MQTT messages */
    uint64_t in_flight;         /* MQTT messages, now */
};

struct backfill;
struct backfill_batch;

/* 0, -EINVAL (a name that is no topic level) or -ENOMEM. */
EDGE_MUST_CHECK int backfill_new(const struct gateway_plan *plan,
                                 const struct environment *environment, struct mqtt_link *link,
                                 struct frame_log *log, struct backfill **ret);
/* Before the log. Accepts NULL. */
void backfill_free(struct backfill *backfill);

/* Messages of another plan from now on, made of `batch`, which is taken; what is on its way ends as
 * it would have. Before the log is changed. */
void backfill_change(struct backfill *backfill, const struct gateway_plan *plan,
                     struct backfill_batch *batch);

/* Something changed that may let it go on: missing seqs, room in the window, a connection. */
void backfill_go_on(struct backfill *backfill);

void backfill_on_fetched(struct backfill *backfill, const struct store_fetched *fetched);

/* The fate of a message of this lane; tokens are mqtt_node_token()s. */
void backfill_on_acknowledged(struct backfill *backfill, uint64_t token, enum mqtt_fate fate);

struct backfill_stats backfill_stats(const struct backfill *backfill);

#endif
