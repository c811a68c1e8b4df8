/*
 * Every assured reading on its way: it gets its seq, is logged, and is followed until the broker,
 * or every sink behind it, has it. Joins the store, which keeps frames, with the ledger, which
 * knows what was delivered; what the live lane did not deliver is the backfill lane's business
 * (backfill.h).
 */
#ifndef EDGE_GATEWAY_APP_FRAME_LOG_H
#define EDGE_GATEWAY_APP_FRAME_LOG_H

#include "common/attributes.h"
#include "common/lvq.h"
#include "edge-gateway/app/environment.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/framelog/ledger.h"
#include "edge-gateway/store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct configuration;
struct mqtt_link;
struct mqtt_received;

struct frame_log_handler {
    /* The log was opened after frame_log_new(): the next seq is the first one from it. */
    void (*begun)(void *context);
    /* Seqs may be missing, or readable, that were not before. */
    void (*changed)(void *context);
    void (*fetched)(void *context, const struct store_fetched *fetched);
    void (*notice)(void *context, const struct store_notice *notice);
    void *context;
};

/* assured + repeated = acknowledged + pending + dropped, in seqs; those that summaries stand for
 * are among the dropped. */
struct frame_log_stats {
    struct store_stats store;
    struct ledger_stats ledger;
    uint64_t assured; /* logged in this run, or left over from the ones before */
    uint64_t repeated;
    uint64_t acknowledged;
    uint64_t pending;
    uint64_t dropped[SEGMENT_VOID_COUNT]; /* by reason */
    uint64_t sink_messages;
    uint64_t
        sink_refused; /* unknown sink, no number, another log, more than was ever sent, retained */
};

enum frame_log_fate {
    FRAME_LOG_DELIVERED, /* the broker has them */
    FRAME_LOG_MISSED,    /* it has not; the backfill lane finds them at the next commit */
    FRAME_LOG_DROPPED    /* it was told that they will not come, or does not take them */
};

struct frame_log;

/* Opens the store; blocks while it does. 0 also while the database cannot be opened. -EINVAL or
 * -ENOMEM. `live_max`: how many readings the live lane can hold at once. `configuration`, which the
 * plan is of, is held for as long as it is read; the texts of `environment` are borrowed. */
EDGE_MUST_CHECK int frame_log_new(const struct gateway_plan *plan,
                                  struct configuration *configuration,
                                  const struct environment *environment, size_t live_max,
                                  const struct frame_log_handler *handler, struct frame_log **ret);
/* Blocks until what is in memory is on the disk. Accepts NULL. */
void frame_log_free(struct frame_log *log);

/*
 * Other buses, limits, alarms and sinks from now on, between two frames; seqs go on. Prepared
 * first, so that the change itself cannot fail: 0; -ERANGE: the log would have to know more than
 * 256 buses; -ENOMEM. Then one of the other two, which take it.
 */
struct frame_log_change;
EDGE_MUST_CHECK int frame_log_prepare(struct frame_log *log, const struct gateway_plan *plan,
                                      struct configuration *configuration,
                                      struct frame_log_change **ret);
void frame_log_change(struct frame_log *log, struct frame_log_change *take);
/* Accepts NULL. */
void frame_log_drop_change(struct frame_log_change *take);

/* Logs a frame that now goes on the live lane. `shows_seq`: its payload there has the seq in it;
 * sinks count by it, so for them the others go on the backfill lane too. So does what comes while
 * the clock is not set: its stamp will be another one. Returns the seq whose fate on the live lane
 * counts; 0: none does, or it is not logged (which the store counts). */
uint64_t frame_log_append(struct frame_log *log, const struct frame *frame, bool shows_seq);
/* The same for an event (its JSON without ts and seq, see payload_event.h). */
uint64_t frame_log_append_event(struct frame_log *log, int64_t ts_us, const char *text,
                                size_t length);

/* What became of seqs on either lane; `reason` is that of FRAME_LOG_DROPPED. */
void frame_log_settle(struct frame_log *log, struct ledger_range range, enum frame_log_fate fate,
                      enum segment_void reason);

/* Whose seqs these are, and which are done with. False: there is no log yet. */
EDGE_MUST_CHECK bool frame_log_position(const struct frame_log *log, struct store_position *ret);

/* With sinks, their acknowledgements are subscribed to. 0 or -errno. */
EDGE_MUST_CHECK int frame_log_subscribe(struct frame_log *log, struct mqtt_link *link);

/* A connection to the broker is up: with sinks, what they did not acknowledge is sent again. */
void frame_log_on_up(struct frame_log *log);

/* A message on `ack/<sink>`. False: another topic. */
bool frame_log_on_message(struct frame_log *log, const struct mqtt_received *message);

struct ledger *frame_log_ledger(struct frame_log *log); /* NULL while nothing was ever opened */
struct store *frame_log_store(struct frame_log *log);
struct frame_log_stats frame_log_stats(const struct frame_log *log);

#endif
