/* Dates of the Gregorian calendar in UTC, which has no leap seconds here. Pure. */
#ifndef EDGE_GATEWAY_CAN_CALENDAR_H
#define EDGE_GATEWAY_CAN_CALENDAR_H

#include "common/attributes.h"
#include "edge-gateway/can/cursor.h"

#include <stdbool.h>
#include <stdint.h>

struct calendar_time {
    int64_t year;  /* 1 to 9999 */
    int64_t month; /* 1 to 12 */
    int64_t day;   /* from 1 */
    int64_t hour;
    int64_t minute;
    int64_t second;
};

/* Seconds since 1970; false if there is no such date or time of day. */
EDGE_MUST_CHECK bool calendar_to_unix(const struct calendar_time *time, int64_t *ret_seconds);

/* "08:17:32" into hour, minute and second. */
EDGE_MUST_CHECK bool calendar_take_clock(struct cursor *c, struct calendar_time *ret);

#endif
