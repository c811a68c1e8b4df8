/*
 * How many alarms people had to look at lately, as ISA-18.2 counts them: raised, and not hidden,
 * per ten minutes; more than ten are a flood. Pure; exact to ten seconds.
 */
#ifndef EDGE_GATEWAY_ALARM_ALARM_RATE_H
#define EDGE_GATEWAY_ALARM_ALARM_RATE_H

#include <stdint.h>

#define ALARM_RATE_PARTS 60
#define ALARM_RATE_FLOOD 10 /* more are one */

/* {0} is an empty one. */
struct alarm_rate {
    uint64_t counts[ALARM_RATE_PARTS];
    int64_t newest; /* part of time that the newest count is of */
    uint64_t sum;
};

void alarm_rate_add(struct alarm_rate *rate, int64_t now_us);
/* Of the last ten minutes. */
uint64_t alarm_rate_count(struct alarm_rate *rate, int64_t now_us);

#endif
