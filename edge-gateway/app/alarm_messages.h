/*
 * What is told of alarms: the state of each (retained), each transition, and the frame log's copy
 * of it, which the backfill lane sends should the live one be missed.
 *
 * Alarms come in storms, and readings must not wait behind them: they take no more of the window
 * than readings leave free, one alarm after the other. A transition that could not be sent before
 * the next one of its alarm came is left to the backfill lane.
 */
#ifndef EDGE_GATEWAY_APP_ALARM_MESSAGES_H
#define EDGE_GATEWAY_APP_ALARM_MESSAGES_H

#include "common/attributes.h"
#include "edge-gateway/alarm/alarm_bank.h"
#include "edge-gateway/app/environment.h"
#include "topics/payload_alarm.h"

#include <stddef.h>
#include <stdint.h>

struct mqtt_link;

struct alarm_messages_options {
    struct alarm_bank *bank;
    const struct environment *environment; /* copied; its `log` may be NULL */
    struct mqtt_link *link;
    size_t reserve; /* places of the link's window that are left to others */
};

struct alarm_messages_stats {
    uint64_t transitions;
    uint64_t superseded; /* not sent live: the alarm went on before */
    uint64_t waiting;    /* alarms of which something is to be told, now */
};

struct alarm_messages;

/* 0 or -ENOMEM. All is borrowed. */
EDGE_MUST_CHECK int alarm_messages_new(const struct alarm_messages_options *options,
                                       struct alarm_messages **ret);
void alarm_messages_free(struct alarm_messages *messages);

/* Adds the topics to the queue; what comes before is told afterwards. 0 or -errno. */
EDGE_MUST_CHECK int alarm_messages_open(struct alarm_messages *messages);

/* Goes on where another one's alarm `from_alarm` ended: with what is to be told of it, and its
 * detail. That one tells nothing of it any more. */
void alarm_messages_adopt(struct alarm_messages *messages, size_t alarm,
                          struct alarm_messages *from, size_t from_alarm);
/* The alarms that nobody adopted are told of no more: what was not sent yet is left to the backfill
 * lane. Takes over the counters. */
void alarm_messages_adopt_rest(struct alarm_messages *messages, struct alarm_messages *from);

/* What is wrong in detail, in place of the configured text; NULL: that again. Cut to what a text
 * may have. */
void alarm_messages_detail(struct alarm_messages *messages, size_t alarm, const char *text);

/* It happened; the state is already the one after it. */
void alarm_messages_transition(struct alarm_messages *messages, size_t alarm,
                               enum alarm_event event);
/* Only the state is to be told anew. */
void alarm_messages_state(struct alarm_messages *messages, size_t alarm);

/* There may be room. */
void alarm_messages_go_on(struct alarm_messages *messages);

/* What is told of it now; texts are borrowed until it changes. */
void alarm_messages_describe(const struct alarm_messages *messages, size_t alarm,
                             struct payload_alarm *ret);

struct alarm_messages_stats alarm_messages_stats(const struct alarm_messages *messages);

#endif
