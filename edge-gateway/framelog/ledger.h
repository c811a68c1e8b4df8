/*
 * The delivery ledger: which seqs of the frame log the broker (or a sink) has, and which one is to
 * be sent next on the backfill lane.
 *
 * Seqs up to acknowledged() are done with. Every later one is in one of these states:
 *
 *            ┌────────────── settled: missed ◀──────────────┐
 *            ▼                                              │
 *   new ─▶ LIVE ── settled: delivered ─▶ DELIVERED ◀── SENDING ◀── MISSING
 *                                            │ rewind           take ▲
 *                                            └───────────────────────┘
 *
 * In mode broker an unbroken row of DELIVERED seqs after acknowledged() moves it at once. In mode
 * sink only ledger_sink() moves it: what was delivered can be asked for again (ledger_rewind()).
 *
 * The states are kept as runs of seqs, `runs_max` at most, so memory is bounded whatever the broker
 * does. When the runs do not suffice, neighbouring MISSING runs become one; if that is not enough,
 * LIVE and SENDING ones become MISSING. What was delivered between them, or is about to be, is then
 * sent a second time (the former counted in `repeated`), which consumers tell by its seq. Nothing
 * is ever taken for delivered that was not. Pure; no allocation after ledger_new().
 */
#ifndef EDGE_GATEWAY_FRAMELOG_LEDGER_H
#define EDGE_GATEWAY_FRAMELOG_LEDGER_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ledger_mode {
    LEDGER_BROKER,
    LEDGER_SINK
};

struct ledger_options {
    enum ledger_mode mode;
    size_t runs_max;       /* at least 8 */
    uint64_t acknowledged; /* every seq up to this one is done with; 0 = none */
    uint64_t newest;       /* seqs after `acknowledged` up to this one begin as MISSING */
};

struct ledger_range {
    uint64_t first;
    uint64_t last; /* included */
};

struct ledger_stats {
    uint64_t acknowledged; /* the highest seq with nothing open up to it */
    uint64_t newest;
    uint64_t live; /* seqs in the state LIVE, and so on */
    uint64_t missing;
    uint64_t sending;
    uint64_t delivered; /* beyond `acknowledged` */
    uint64_t repeated;  /* sent twice for want of runs, ever */
    size_t runs;
};

struct ledger;

/* 0, -EINVAL or -ENOMEM. */
EDGE_MUST_CHECK int ledger_new(const struct ledger_options *options, struct ledger **ret);
void ledger_free(struct ledger *ledger);

/* A new seq goes on the live lane. Seqs between the newest and this one are MISSING. */
void ledger_live(struct ledger *ledger, uint64_t seq);
/* A new seq that is not on the live lane: MISSING, as all that were passed over. */
void ledger_missed(struct ledger *ledger, uint64_t seq);

/* The fate of seqs that are LIVE or SENDING. Delivered is delivered also when the seq had been
 * given up as MISSING; what is not delivered changes nothing about other states. Returns how many
 * seqs are DELIVERED now that were not. */
uint64_t ledger_settle(struct ledger *ledger, struct ledger_range range, bool delivered);

/* The lowest run of MISSING seqs from `from` on, cut to begin there. False: none. */
EDGE_MUST_CHECK bool ledger_next_missing(const struct ledger *ledger, uint64_t from,
                                         struct ledger_range *ret);
/* The lowest LIVE seq, UINT64_MAX if there is none. What is missing after it may not be the next
 * thing to send yet: this one may turn out to be missing, too. */
uint64_t ledger_oldest_live(const struct ledger *ledger);
/* MISSING seqs of the range become SENDING. */
void ledger_take(struct ledger *ledger, struct ledger_range range);
bool ledger_is_missing(const struct ledger *ledger, uint64_t seq);

/* Mode sink: it has stored everything up to `seq`. False: more than was ever sent; ignored. */
EDGE_MUST_CHECK bool ledger_sink(struct ledger *ledger, uint64_t seq);
/* What was delivered after acknowledged() is MISSING again (the broker or sink may have lost it).
 */
void ledger_rewind(struct ledger *ledger);

struct ledger_stats ledger_stats(const struct ledger *ledger);

#endif
