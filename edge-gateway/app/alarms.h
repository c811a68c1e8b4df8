/*
 * The gateway's alarms at work: what readings, buses and the frame log say goes in; transitions are
 * logged, told (alarm_messages.h) and remembered over restarts (store_memo.h).
 *
 * However many alarms one frame concerns, only some are looked at before frames get their turn
 * again.
 */
#ifndef EDGE_GATEWAY_APP_ALARMS_H
#define EDGE_GATEWAY_APP_ALARMS_H

#include "common/alarm_state.h"
#include "common/attributes.h"
#include "edge-gateway/app/alarm_messages.h"
#include "edge-gateway/app/environment.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/dbc/dbc_decode.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dash_cam;
struct mqtt_link;

struct alarms_options {
    const struct gateway_plan *plan;
    const struct environment *environment; /* copied; its `log` may be NULL */
    struct mqtt_link *link;
    struct dash_cam *dash_cam; /* NULL: there is none */
    const struct alarms *from; /* of an earlier configuration, which they will follow; NULL: none */
};

struct alarms_stats {
    uint64_t configured;
    struct alarm_bank_figures figures;
    uint64_t raised_10min; /* and not hidden */
    bool flood;
    struct alarm_messages_stats messages;
};

struct alarms;

/* Reads what was remembered, if there is no `from`; that blocks (start-up only). 0 or -errno. All
 * is borrowed. */
EDGE_MUST_CHECK int alarms_new(const struct alarms_options *options, struct alarms **ret);
void alarms_free(struct alarms *alarms);

/* Adds the topics to the queue. 0 or -errno. */
EDGE_MUST_CHECK int alarms_open(struct alarms *alarms);
/* Goes on where options->from ended, which tells nothing any more: what did not change is as it was
 * (active, acknowledged, shelved, a delay that runs), what changed as after a restart. */
void alarms_adopt(struct alarms *alarms, struct alarms *from);
/* Another dash-cam, or none. */
void alarms_use_dash_cam(struct alarms *alarms, struct dash_cam *dash_cam);
/* From here on: tells how every alarm is, as far as that is news. */
void alarms_start(struct alarms *alarms);

/* A frame of that message, whatever the policy made of it. */
void alarms_on_reading(struct alarms *alarms, size_t bus, size_t message,
                       const struct dbc_value *values, size_t count);

/* Of a built-in alarm: whether it is wrong, and what exactly (NULL: the configured text). Nothing
 * for ALARM_PLAN_NONE. */
void alarms_tell(struct alarms *alarms, size_t alarm, bool is_wrong, const char *detail);
/* It is wrong in a new way, too: people are called once more. */
void alarms_tell_again(struct alarms *alarms, size_t alarm, const char *detail);

/* ALARM_PLAN_NONE: there is no such alarm. */
size_t alarms_find(const struct alarms *alarms, const char *id);
/* What a person does; shelving for `span_us`. */
EDGE_MUST_CHECK enum alarm_verdict alarms_act(struct alarms *alarms, size_t alarm,
                                              enum alarm_event event, int64_t span_us,
                                              const char *by);

/* There may be room for messages. */
void alarms_go_on(struct alarms *alarms);
/* The wall clock was set. */
void alarms_on_clock(struct alarms *alarms);

/* What is told of the alarm with that index; false: there are no more. */
bool alarms_describe(const struct alarms *alarms, size_t alarm, const char **ret_id,
                     struct payload_alarm *ret);
struct alarms_stats alarms_stats(struct alarms *alarms);

#endif
