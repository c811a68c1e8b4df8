/* What alarms know of a signal, and how sure one can be of a statement about it. */
#ifndef EDGE_GATEWAY_ALARM_ALARM_INPUT_H
#define EDGE_GATEWAY_ALARM_ALARM_INPUT_H

#include <stdbool.h>
#include <stdint.h>

/* The last value that a frame brought, of whatever the policy made of that frame. */
struct alarm_input {
    double number;   /* physical; finite while `known` */
    bool known;      /* it came, and the last one was available */
    int64_t seen_us; /* monotonic: when it came last, or the beginning */
};

enum alarm_truth {
    ALARM_FALSE,
    ALARM_TRUE,
    ALARM_UNKNOWN /* something that it takes is not known: what was, stays */
};

#endif
