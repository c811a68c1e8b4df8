/*
 * When a reading of one message is worth publishing.
 *
 * Three rules that always combine:
 *   - change:        publish when a signal moved by more than its deadband since what was last
 * published, appeared for the first time, or changed its quality;
 *   - min_interval:  never more often than this; a change held back goes out when the interval
 * ends, with the newest values, so that it is never lost;
 *   - max_interval:  while frames arrive, at least this often, changed or not; the newest frame
 * goes out then. No frame is published twice, and nothing is published that was not received:
 * silence on the bus stays silence.
 *
 * A multiplexed message is several readings that take turns: the state is kept per multiplexor
 * value ("branch"), so that one branch never hides another's changes. Branches beyond the limit
 * share one state and are published on any frame.
 *
 * Pure: monotonic `now_us` is an argument. Nothing is allocated after policy_new().
 */
#ifndef EDGE_GATEWAY_POLICY_POLICY_H
#define EDGE_GATEWAY_POLICY_POLICY_H

#include "common/attributes.h"
#include "edge-gateway/can/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum policy_mode {
    POLICY_MODE_CHANGE, /* the three rules above */
    POLICY_MODE_EVERY,  /* each frame counts as a change */
    POLICY_MODE_NEVER   /* nothing is published */
};

struct policy_options {
    enum policy_mode mode;
    int64_t min_interval_us; /* 0 = no lower bound */
    int64_t max_interval_us; /* 0 = no upper bound: unchanged values are not repeated */
    size_t signal_count;
    const double *deadbands; /* one per signal, in the signal's unit, 0 = any change; borrowed
                                during policy_new() */
    size_t branch_count;     /* multiplexor values to keep apart; at least 1 */
};

/* One signal of the offered frame. */
struct policy_value {
    size_t signal;   /* index below signal_count */
    double number;   /* physical value; NAN = none */
    uint8_t quality; /* any change of it is a change */
};

enum policy_action {
    POLICY_PUBLISH, /* publish the offered frame now */
    POLICY_HOLD, /* kept inside; goes out at policy_next_due() unless a newer one takes its place */
    POLICY_SUPPRESS, /* not worth publishing */
    POLICY_ACTION_COUNT
};

enum policy_reason {
    POLICY_FIRST,     /* nothing was published before */
    POLICY_CHANGED,   /* a signal moved by more than its deadband */
    POLICY_HEARTBEAT, /* max_interval */
    POLICY_TOO_SOON,  /* changed, but within min_interval */
    POLICY_UNCHANGED, /* within all deadbands */
    POLICY_DISABLED,  /* mode never */
    POLICY_REASON_COUNT
};

struct policy_verdict {
    enum policy_action action;
    enum policy_reason reason;
    size_t branch; /* 0 to branch_count; branch_count is the one shared beyond the limit */
    bool replaced; /* a frame held before was given up for this one: count it as suppressed */
};

struct policy;

/* 0, -EINVAL (no branch, negative interval, min above max) or -ENOMEM. */
EDGE_MUST_CHECK int policy_new(const struct policy_options *options, struct policy **ret);
void policy_free(struct policy *policy);

/* Decides about one received frame; `branch_key` is any value that differs between multiplexor
 * values (0 if none). */
struct policy_verdict policy_offer(struct policy *policy, uint64_t branch_key,
                                   const struct policy_value *values, size_t count,
                                   const struct frame *frame, int64_t now_us);

/* The earliest time a held frame goes out; INT64_MAX when none is held. */
int64_t policy_next_due(const struct policy *policy);

/* Takes one held frame that is due. False when there is none. */
bool policy_take_due(struct policy *policy, int64_t now_us, struct frame *ret_frame,
                     struct policy_verdict *ret_verdict);

/* Goes on where `from` ended, which had the same signals: with what was published last, and with
 * what is held, which goes out when the rules of `policy` say so. `from` holds nothing then. False:
 * the two keep apart other branches, or nothing is to be published: both are as they were. */
EDGE_MUST_CHECK bool policy_adopt(struct policy *policy, struct policy *from);

/* How many frames are held now (received, neither published nor suppressed yet). */
size_t policy_held(const struct policy *policy);

/* "first", "changed", "heartbeat", ... */
const char *policy_reason_text(enum policy_reason reason);

#endif
