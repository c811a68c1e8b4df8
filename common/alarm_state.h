/*
 * One alarm as ISA-18.2 (IEC 62682) has it. Pure: values and `now` in, values out; the clock is the
 * caller's, the same for all calls.
 *
 *                    raise                        clear (needs no acknowledgement)
 *     NORMAL ───────────────────▶ ACTIVE_UNACK ─────────────────────────▶ NORMAL
 *       ▲                          │         │ clear
 *       │ clear              ack   ▼         ▼            ack
 *       ├───────────────── ACTIVE_ACK      RETURNED_UNACK ──────▶ NORMAL
 *       │ reset                    │ clear
 *     LATCHED_ACK ◀────────────────┘         one that latches is LATCHED_UNACK instead, and needs
 *       ▲      ack                           a reset after its acknowledgement
 *     LATCHED_UNACK
 *
 * Above that an alarm may be hidden: SHELVED by a person for a time, SUPPRESSED by design, or
 * OUT_OF_SERVICE. A hidden one is evaluated and acknowledged all the same, only nobody is called.
 * When it is no longer hidden and active, it asks to be acknowledged (again); when it returned
 * meanwhile, it is normal, or latched.
 */
#ifndef EDGE_COMMON_ALARM_STATE_H
#define EDGE_COMMON_ALARM_STATE_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

/* What is shown of an alarm. */
enum alarm_status {
    ALARM_NORMAL,
    ALARM_ACTIVE_UNACK,
    ALARM_ACTIVE_ACK,
    ALARM_RETURNED_UNACK,
    ALARM_LATCHED_UNACK, /* is over, and was not acknowledged */
    ALARM_LATCHED_ACK,   /* is over, and waits for a reset */
    ALARM_SHELVED,
    ALARM_SUPPRESSED,
    ALARM_OUT_OF_SERVICE
};

enum {
    ALARM_STATUS_COUNT = ALARM_OUT_OF_SERVICE + 1
};

enum alarm_event {
    ALARM_EVENT_RAISE, /* what is watched is wrong */
    ALARM_EVENT_CLEAR, /* it is right again */
    ALARM_EVENT_ACK,   /* from here on a person, or a design that hides alarms */
    ALARM_EVENT_RESET,
    ALARM_EVENT_SHELVE,
    ALARM_EVENT_UNSHELVE,
    ALARM_EVENT_SUPPRESS,
    ALARM_EVENT_TAKE_OUT, /* of service */
    ALARM_EVENT_RESTORE   /* ends suppression, and brings back into service */
};

enum {
    ALARM_EVENT_COUNT = ALARM_EVENT_RESTORE + 1
};

enum alarm_ack {
    ALARM_ACK_REQUIRED,  /* by a person, also when it is over */
    ALARM_ACK_ON_RETURN, /* by a person while it is active; the end of it acknowledges it, too */
    ALARM_ACK_NONE       /* it is never unacknowledged */
};

/* How an alarm is configured. */
struct alarm_options {
    enum alarm_ack ack;
    bool latches;          /* needs a reset when it is over */
    int64_t shelve_max_us; /* longest shelving; 0 = cannot be shelved */
};

/* {0} is a normal one. All that outlives a restart; open, so that its owner may store it. */
struct alarm_state {
    bool active;
    bool unacked;
    bool latched; /* is over, and was not reset; not while active */
    bool suppressed;
    bool out_of_service;
    bool shelved;
    int64_t shelved_until_us; /* while shelved */
    int64_t since_us;         /* of what is shown */
};

/* What became of an event. */
enum alarm_verdict {
    ALARM_CHANGED,   /* a transition to be told, though a hidden alarm may look as before */
    ALARM_UNCHANGED, /* it was so already */
    ALARM_REFUSED_NOT_UNACKED,
    ALARM_REFUSED_NOT_LATCHED,
    ALARM_REFUSED_ACTIVE,  /* a reset while it is active */
    ALARM_REFUSED_UNACKED, /* a reset before it is acknowledged */
    ALARM_REFUSED_SPAN,    /* shelving for no time, or for longer than allowed */
    ALARM_REFUSED_NOT_SHELVED,
    ALARM_REFUSED_IN_SERVICE /* a restore of what is neither suppressed nor out of service */
};

enum {
    ALARM_VERDICT_COUNT = ALARM_REFUSED_IN_SERVICE + 1
};

enum alarm_status alarm_state_status(const struct alarm_state *state);

/* Shelved, suppressed or out of service. */
bool alarm_state_is_hidden(const struct alarm_state *state);

/* Any event but a shelving. Refused ones change nothing. */
EDGE_MUST_CHECK enum alarm_verdict alarm_state_apply(struct alarm_state *state,
                                                     const struct alarm_options *options,
                                                     enum alarm_event event, int64_t now_us);

/* For `span_us` from now on; one that is shelved gets a new end. */
EDGE_MUST_CHECK enum alarm_verdict alarm_state_shelve(struct alarm_state *state,
                                                      const struct alarm_options *options,
                                                      int64_t span_us, int64_t now_us);

/* Ends a shelving whose time is over: true if there was one, which is an ALARM_EVENT_UNSHELVE. */
bool alarm_state_expire(struct alarm_state *state, const struct alarm_options *options,
                        int64_t now_us);

/* When alarm_state_expire() is due; INT64_MAX = never. */
int64_t alarm_state_deadline(const struct alarm_state *state);

/* Why an event was refused, for a person: "is not shelved"; static. */
const char *alarm_verdict_text(enum alarm_verdict verdict);

#endif
