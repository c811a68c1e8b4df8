/*
 * The only place that decides what a device shall do. Everybody who may ask has a slot of his own,
 * with a priority class; the highest class that proposes something wins, in a class the first slot.
 * Nobody asks: the resting value, or, without one, what was decided last.
 *
 * A device is on while its decided value is not the off value. Minimum times count from decided
 * transitions (the first decision is one): while they run, the present value is held against the
 * winner. Only safety ends a minimum on time early; nothing ends a minimum off time, because it
 * protects the equipment. A device that was on for its maximum time is off for its pause, whoever
 * asks but safety. Between two values that are both on, or for a device of many values, a shortest
 * interval may be kept, which only safety does not wait for.
 */
#ifndef EDGE_AUTOMATION_ENGINE_ARBITER_H
#define EDGE_AUTOMATION_ENGINE_ARBITER_H

#include "automation-node/engine/domain.h"
#include "automation-node/engine/proposal.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From the highest to the lowest. */
enum priority {
    PRIORITY_SAFETY,     /* fail-safe values */
    PRIORITY_INTERLOCK,  /* what other devices forbid */
    PRIORITY_MANUAL,     /* people, for a time */
    PRIORITY_CONTROLLER, /* closed loops */
    PRIORITY_SCHEDULE,
    PRIORITY_RULE,
    PRIORITY_REST, /* nobody asks; no slot has it */
    PRIORITY_COUNT
};

enum hold {
    HOLD_NONE,
    HOLD_MIN_ON,
    HOLD_MIN_OFF,
    HOLD_MAX_ON, /* it was on for too long */
    HOLD_RATE,   /* it changed a moment ago */
    HOLD_COUNT
};

struct arbiter_options {
    struct domain domain;
    struct value off;             /* what counts as off; in the domain */
    struct value rest;            /* in the domain, or VALUE_NONE */
    int64_t min_on_us;            /* 0 = none */
    int64_t min_off_us;           /* 0 = none */
    int64_t max_on_us;            /* 0 = none; else not less than the minimum */
    int64_t pause_us;             /* after the maximum */
    int64_t min_change_us;        /* between two changes of the value; 0 = none */
    const enum priority *classes; /* the class of each slot; copied */
    size_t slot_count;
};

#define ARBITER_NO_SLOT SIZE_MAX

struct decision {
    bool changed;           /* anything below is not as in the decision before */
    struct value value;     /* to do now; VALUE_NONE until somebody asked for something */
    struct value wanted;    /* what the winner asks for; differs from `value` only while held */
    enum priority priority; /* the winner's */
    size_t slot;            /* the winner's, or ARBITER_NO_SLOT */
    enum hold hold;         /* why the winner does not have his way yet */
    struct cause cause;     /* the winner's; of a hold, its name and what it delays */
    int64_t until_us;       /* when the proposal or the hold expires; DEADLINE_NONE = open */
    size_t losers;          /* others who propose something now */
};

struct arbiter;

/* -EINVAL (domain, off or rest value, times, a slot of class rest) or -ENOMEM. */
EDGE_MUST_CHECK int arbiter_new(const struct arbiter_options *options, struct arbiter **ret);
void arbiter_free(struct arbiter *arbiter);

/* Fills a slot until `until_us` (DEADLINE_NONE = until withdrawn). A refusal changes nothing:
 * REFUSAL_UNKNOWN_VALUE, REFUSAL_OUT_OF_RANGE, or REFUSAL_BAD_EXPIRY if that is not in the future.
 */
EDGE_MUST_CHECK enum refusal arbiter_offer(struct arbiter *arbiter, size_t slot,
                                           const struct proposal *proposal, int64_t until_us,
                                           int64_t now_us);
void arbiter_withdraw(struct arbiter *arbiter, size_t slot);

/* Valid until the next call; `now_us` never goes back. */
const struct decision *arbiter_decide(struct arbiter *arbiter, int64_t now_us);

/* What would win if that slot were empty; VALUE_NONE if nobody asks. */
struct value arbiter_wanted(const struct arbiter *arbiter, size_t without_slot, int64_t now_us,
                            enum priority *ret_priority);

/* What the last arbiter_decide() said. */
const struct decision *arbiter_decision(const struct arbiter *arbiter);

/* When the decision may change without an offer; DEADLINE_NONE if never. As of the last
 * arbiter_decide(). */
int64_t arbiter_next_deadline(const struct arbiter *arbiter);

/* Who lost at the last decision and what he wants: "manual wants ON; rule:vent wants 40". Returns
 * the length, or what it would have been. `size` is at least 1. */
size_t arbiter_losers(const struct arbiter *arbiter, int64_t now_us, char *text, size_t size);

const char *priority_name(enum priority priority);
const char *hold_name(enum hold hold);

#endif
