/*
 * A time zone as a value: instants to local time and back, by the rules of POSIX (TZ variable) and
 * the tables of TZif files (RFC 9636), without the C library's one global zone. Reads no clock and
 * no file: the caller brings the text or the bytes. Const once made.
 *
 * Instants are seconds since the Unix epoch.
 */
#ifndef EDGE_AUTOMATION_CALENDAR_ZONE_H
#define EDGE_AUTOMATION_CALENDAR_ZONE_H

#include "common/attributes.h"

#include <stddef.h>
#include <stdint.h>

struct zone;

struct zone_local {
    int64_t day;    /* local, since 1970-01-01 */
    int64_t second; /* of that day, 0 to 86399 */
};

/* "CET-1CEST,M3.5.0,M10.5.0/3", as in the TZ variable (RFC 9636 3.3.1: hours up to 167). -EINVAL or
 * -ENOMEM. */
EDGE_MUST_CHECK int zone_new_posix(const char *text, struct zone **ret);

/* The bytes of a TZif file of version 2 or later: its table of transitions, and its rule for what
 * comes after. -EINVAL or -ENOMEM. */
EDGE_MUST_CHECK int zone_new_tzif(const void *data, size_t length, struct zone **ret);
void zone_free(struct zone *zone);

/* Seconds east of Greenwich at that instant. */
int64_t zone_offset_s(const struct zone *zone, int64_t utc_s);

struct zone_local zone_local(const struct zone *zone, int64_t utc_s);

/* When that day's clocks show `second` (0 to 86400, the latter being the midnight after). What a
 * change of clocks leaves out happens when the clocks jump over it; what it repeats happens the
 * first time only. So every day has every time of day exactly once, in a zone that does not change
 * twice within two days. */
int64_t zone_instant(const struct zone *zone, int64_t day, int64_t second);

#endif
