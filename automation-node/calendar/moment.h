/*
 * A time of day that comes again: "06:30", "sunset", "sunrise + 30min", on all or some days of the
 * week, in a calendar, which is a time zone and a place. Instants are seconds since the Unix epoch.
 *
 * On a day on which clocks change every time of day happens exactly once (zone.h).
 */
#ifndef EDGE_AUTOMATION_CALENDAR_MOMENT_H
#define EDGE_AUTOMATION_CALENDAR_MOMENT_H

#include "automation-node/calendar/sun.h"
#include "automation-node/calendar/zone.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALENDAR_NEVER INT64_MAX
#define WEEKDAYS_ALL   0x7Fu

struct calendar {
    const struct zone *zone; /* borrowed */
    bool has_place;          /* without one the sun neither rises nor sets */
    struct sun_place place;
};

enum moment_kind {
    MOMENT_CLOCK,
    MOMENT_SUNRISE,
    MOMENT_SUNSET
};

struct moment {
    enum moment_kind kind;
    int32_t second;   /* clock: of the day, 0 to 86400; sun: added to the event */
    uint8_t weekdays; /* bit 0 = Monday; of the day that the moment belongs to */
};

/* "06:30", "06:30:15", "24:00", "sunrise", "sunset - 1h 30min"; spaces around are allowed. All
 * weekdays. -EINVAL, or -ERANGE for a sun offset beyond twelve hours. */
EDGE_MUST_CHECK int moment_parse(const char *text, size_t length, struct moment *ret);

/* "mon-fri", "sat, sun", "mon,wed,fri-sun" to bits. -EINVAL. */
EDGE_MUST_CHECK int moment_parse_weekdays(const char *text, size_t length, uint8_t *ret);

bool moment_needs_place(const struct moment *moment);

/* When it happens on that local day, whatever the weekday; false if it does not. */
bool moment_on(const struct calendar *calendar, const struct moment *moment, int64_t day,
               int64_t *ret_utc_s);

/* The first time after `utc_s`, and the last time at or before it; CALENDAR_NEVER and
 * -CALENDAR_NEVER if there is none within half a year. */
int64_t moment_next(const struct calendar *calendar, const struct moment *moment, int64_t utc_s);
int64_t moment_last(const struct calendar *calendar, const struct moment *moment, int64_t utc_s);

#endif
