/*
 * Times by the five fields of cron: minute, hour, day of the month, month, day of the week. Each is
 * `*`, numbers, ranges, lists and steps ("0-30/10,45"); months and days of the week may be names.
 * As in cron, a time has to match the day of the month or the day of the week where both are given.
 *
 * Where the hour is `*` it is a period: it goes on through the hour that a change of clocks
 * repeats. Else it is a time of day, which every day has exactly once (zone.h).
 */
#ifndef EDGE_AUTOMATION_CALENDAR_CRON_H
#define EDGE_AUTOMATION_CALENDAR_CRON_H

#include "automation-node/calendar/zone.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

/* Bit n of a field: n matches. */
struct cron {
    uint64_t minutes;
    uint64_t hours;
    uint64_t days;     /* of the month, 1 to 31 */
    uint64_t months;   /* 1 to 12 */
    uint64_t weekdays; /* 0 = Sunday to 6 */
    bool any_hour;
    bool any_day;
    bool any_weekday;
};

/* NUL-terminated. -EINVAL. */
EDGE_MUST_CHECK int cron_parse(const char *text, struct cron *ret);

/* The first match after `utc_s`, seconds since the Unix epoch; CALENDAR_NEVER (moment.h) if there
 * is none within eight years (the 29th of February). */
int64_t cron_next(const struct cron *cron, const struct zone *zone, int64_t utc_s);

#endif
