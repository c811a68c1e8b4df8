/*
 * One message that MQTT clients may put on the bus: checks a wish, encodes it, and keeps the frame
 * until the bus takes it.
 *
 * A wish may name only some of the message's signals. The others keep what was last sent, or the
 * DBC's start values before anything was. At most one frame waits: a newer wish builds on it and
 * takes its place ("superseded"), so that memory is bounded and the last word wins. A frame that
 * could not be sent within the wish's time to live is given up ("expired"): a late command is a
 * ghost.
 *
 * Pure: monotonic `now_us` is an argument.
 */
#ifndef EDGE_GATEWAY_COMMAND_COMMAND_H
#define EDGE_GATEWAY_COMMAND_COMMAND_H

#include "common/attributes.h"
#include "edge-gateway/can/frame.h"
#include "edge-gateway/dbc/dbc.h"
#include "topics/payload_set.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COMMAND_ERROR_SIZE 192

enum command_result {
    COMMAND_ACCEPTED,
    COMMAND_RETAINED,           /* a retained wish would act again at every connection */
    COMMAND_MALFORMED,          /* the payload is no set */
    COMMAND_NOT_ALLOWED,        /* the message is not in the allow-list */
    COMMAND_UNKNOWN_SIGNAL,     /* the DBC does not name it */
    COMMAND_SIGNAL_NOT_ALLOWED, /* it is not among the settable ones */
    COMMAND_UNKNOWN_LABEL,      /* not in the signal's value table */
    COMMAND_OUT_OF_RANGE,
    COMMAND_NOT_REPRESENTABLE, /* between two steps of the signal, or its multiplexor says otherwise
                                */
    COMMAND_EXPIRED,
    COMMAND_LATE,            /* its time to live was over when it came: see sender_clocks.h */
    COMMAND_STALE_EPOCH,     /* of a node that has been replaced: see fence.h */
    COMMAND_NOT_MASTER,      /* only the leader of a group may set it */
    COMMAND_REJECTED_BY_BUS, /* the driver cannot send at all */
    COMMAND_RESULT_COUNT
};

/* "accepted", "retained", "malformed", ... */
const char *command_result_text(enum command_result result);

/* What the configuration allows; borrowed. */
struct command_rule {
    const struct dbc_message *message;
    const bool *settable;    /* per signal */
    int64_t min_interval_us; /* between two frames */
    int64_t ttl_us;          /* when the wish does not say */
    const char *group;       /* whose leader alone may set it: see fence.h; NULL: anybody may */
};

struct command_error {
    char text[COMMAND_ERROR_SIZE]; /* one line for whoever asked */
};

struct command;

/* 0 or -ENOMEM. */
EDGE_MUST_CHECK int command_new(const struct command_rule *rule, struct command **ret);
void command_free(struct command *command);

/* How long the wish may wait for the bus. */
int64_t command_ttl_us(const struct command *command, const struct payload_set *set);

/* Takes a wish that came at `now_us`, from when its time to live counts. COMMAND_ACCEPTED: its
 * frame waits now, in place of an older one (*ret_superseded). Else nothing has changed, and
 * *reterr says why. */
EDGE_MUST_CHECK enum command_result command_offer(struct command *command,
                                                  const struct payload_set *set, int64_t now_us,
                                                  bool *ret_superseded,
                                                  struct command_error *reterr);

/* Goes on where `from` ended, of an earlier configuration: with what was sent last, and with the
 * wish that waits, which waits there no more. False: the message means something else now, or
 * others of its signals may be set; both are as they were. */
EDGE_MUST_CHECK bool command_adopt(struct command *command, struct command *from);

const struct dbc_message *command_message(const struct command *command);

/* As in the rule. */
const char *command_group(const struct command *command);

bool command_is_waiting(const struct command *command);

/* When the waiting frame may be sent, at the earliest; INT64_MAX when none waits. */
int64_t command_send_us(const struct command *command);
/* When it is given up; INT64_MAX when none waits. */
int64_t command_expiry_us(const struct command *command);

/* The frame that waits; only while one does. */
const struct frame *command_frame(const struct command *command);

/* What became of the waiting frame: sent, or given up. */
void command_sent(struct command *command, int64_t now_us);
void command_given_up(struct command *command);

#endif
