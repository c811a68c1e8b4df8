/*
 * Whether something is wrong, out of signals: each type of alarm, with its deadband and its delays.
 * Pure; `now_us` is monotonic.
 *
 *   inputs ─▶ condition (true, false, unknown) ─▶ deadband ─▶ on and off delay ─▶ active or not
 *
 * What is unknown changes nothing: an alarm neither begins nor ends while its signal says nothing.
 */
#ifndef EDGE_GATEWAY_ALARM_ALARM_DETECTOR_H
#define EDGE_GATEWAY_ALARM_ALARM_DETECTOR_H

#include "edge-gateway/alarm/alarm_expression.h"
#include "edge-gateway/alarm/alarm_input.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum alarm_type {
    ALARM_TYPE_LIMIT,     /* above `high` or below `low` */
    ALARM_TYPE_CHANGE,    /* moved by more than `change` within `over_us` */
    ALARM_TYPE_STALE,     /* nothing came for `stale_us` */
    ALARM_TYPE_DEVIATION, /* further than `by` from another signal or a value */
    ALARM_TYPE_IS,        /* equal to `is`: a bool, a label */
    ALARM_TYPE_WHEN,      /* an expression holds */
    ALARM_TYPE_TOLD       /* somebody else knows: alarm_detector_tell() */
};

enum alarm_direction {
    ALARM_DIRECTION_ANY,
    ALARM_DIRECTION_RISING,
    ALARM_DIRECTION_FALLING
};

/* How it is configured; numbers are in the signal's unit. */
struct alarm_condition {
    enum alarm_type type;
    size_t input; /* of all but `when` and `told` */
    bool has_high;
    bool has_low;
    double high;
    double low;
    double deadband; /* limit, change, deviation: how far back it has to come */
    double change;   /* > 0 */
    int64_t over_us; /* > 0 */
    enum alarm_direction direction;
    int64_t stale_us; /* > 0 */
    bool has_other;   /* deviation: from another input, else from `value` */
    size_t other;
    double value;
    double by;
    double is;
    const struct alarm_expression *when;
    int64_t on_delay_us;  /* it has to hold for so long */
    int64_t off_delay_us; /* it has to be over for so long */
};

/* The least and greatest value of an eighth of `over_us`. */
struct alarm_stretch {
    int64_t from_us;
    int64_t to_us; /* of its last value */
    double min;
    double max;
};

#define ALARM_STRETCHES 9 /* eight, and the one that ends */

struct alarm_detector {
    bool active; /* with the delays */
    bool holds;  /* the condition, as last known */
    bool is_low; /* of a limit that holds: which one */
    bool told;
    int64_t due_us; /* when `active` follows `holds`; INT64_MAX = it does */
    struct alarm_stretch stretches[ALARM_STRETCHES]; /* of a change, oldest first */
    size_t stretch_count;
};

/* `active`: what it was before a restart. */
void alarm_detector_init(struct alarm_detector *detector, const struct alarm_condition *condition,
                         bool active);

/* A new value of its input, before the step; only a change wants to know. */
void alarm_detector_note(struct alarm_detector *detector, const struct alarm_condition *condition,
                         double number, int64_t now_us);

/* Of ALARM_TYPE_TOLD. */
void alarm_detector_tell(struct alarm_detector *detector, bool holds);

/* Looks again; true: `active` changed. */
bool alarm_detector_step(struct alarm_detector *detector, const struct alarm_condition *condition,
                         const struct alarm_input *inputs, int64_t now_us);

/* When a step is due although no value came; INT64_MAX = never. */
int64_t alarm_detector_next_us(const struct alarm_detector *detector,
                               const struct alarm_condition *condition,
                               const struct alarm_input *inputs);

/* The limit that counts now: the value passed it, or came back over it. False: the type has none.
 */
bool alarm_detector_limit(const struct alarm_detector *detector,
                          const struct alarm_condition *condition, double *ret);

#endif
