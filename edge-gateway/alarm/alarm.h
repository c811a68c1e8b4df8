/*
 * One alarm: what is watched (alarm_detector.h), what becomes of it (common/alarm_state.h), and
 * when it is suppressed by design. Pure: values and now in, transitions out.
 */
#ifndef EDGE_GATEWAY_ALARM_ALARM_H
#define EDGE_GATEWAY_ALARM_ALARM_H

#include "common/alarm_state.h"
#include "common/attributes.h"
#include "edge-gateway/alarm/alarm_detector.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALARM_CHATTER_RAISES 3 /* within... */
#define ALARM_CHATTER_US     INT64_C(60000000)
#define ALARM_OLD_US         INT64_C(86400000000) /* active for longer: stale (ISA-18.2) */
#define ALARM_BY_BYTES       64
#define ALARM_MEMORY_BYTES   256

/* How it is configured; const, all borrowed. */
struct alarm_spec {
    const char *id;
    int priority; /* 1 (critical) to 4 */
    const char *text;
    const char *consequence; /* NULL: none */
    const char *response;    /* NULL: none */
    const char *unit;        /* of value and limit; NULL: none */
    const char *label;       /* what the value is called that raises it; NULL: shown as a number */
    struct alarm_condition condition;
    const struct alarm_expression *suppress_when; /* NULL: only by hand */
    struct alarm_options options;
    bool records; /* a dash-cam keeps what was around it when it is raised */
};

/* Both clocks: delays go by the one, what outlives a restart by the other. */
struct alarm_now {
    int64_t monotonic_us;
    int64_t wall_us;
};

struct alarm {
    const struct alarm_spec *spec;
    struct alarm_detector detector;
    struct alarm_state state;
    enum alarm_truth suppression;            /* what `suppress_when` said when it was acted upon */
    int64_t raised_us;                       /* wall clock; 0 = never */
    int64_t raises_us[ALARM_CHATTER_RAISES]; /* the last ones, monotonic, newest first */
    char by[ALARM_BY_BYTES + 1];             /* who acted last */
};

/* In the order in which they happened. */
struct alarm_events {
    enum alarm_event events[4];
    size_t count;
};

/* One that never was anything but normal. */
void alarm_init(struct alarm *alarm, const struct alarm_spec *spec);

/* Looks at inputs and clocks. */
void alarm_step(struct alarm *alarm, const struct alarm_input *inputs, const struct alarm_now *now,
                struct alarm_events *ret);

/* An operator's act: any event but raise, clear and shelve. `by` is cut to ALARM_BY_BYTES. */
EDGE_MUST_CHECK enum alarm_verdict alarm_act(struct alarm *alarm, enum alarm_event event,
                                             const char *by, int64_t wall_us);
EDGE_MUST_CHECK enum alarm_verdict alarm_shelve(struct alarm *alarm, int64_t span_us,
                                                const char *by, int64_t wall_us);

/* When the next step is due, monotonic, should no value come before; INT64_MAX = never. */
int64_t alarm_next_us(const struct alarm *alarm, const struct alarm_input *inputs,
                      const struct alarm_now *now);

/* It was raised again and again within a minute. */
bool alarm_is_chattering(const struct alarm *alarm, int64_t now_us);
/* It is active, and has been for more than a day. */
bool alarm_is_old(const struct alarm *alarm, int64_t wall_us);

/* Goes on where `from` ended, one of an earlier configuration. `is_same`: the two are configured
 * alike (alarm_equal.h), so that delays run on; else it is as after a restart. */
void alarm_adopt(struct alarm *alarm, const struct alarm *from, bool is_same);

/* All that outlives a restart, as text and back. Recall is -EINVAL if it is no such text; the alarm
 * is untouched then. */
size_t alarm_remember(const struct alarm *alarm, char text[ALARM_MEMORY_BYTES]);
EDGE_MUST_CHECK int alarm_recall(struct alarm *alarm, const char *text);

#endif
