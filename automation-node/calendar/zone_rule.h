/* The rule of the POSIX TZ variable: a standard offset, and when in the year another one holds. A
 * part of zone.h. */
#ifndef EDGE_AUTOMATION_CALENDAR_ZONE_RULE_H
#define EDGE_AUTOMATION_CALENDAR_ZONE_RULE_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum zone_date_kind {
    ZONE_DATE_WEEKDAY,        /* Mm.w.d */
    ZONE_DATE_JULIAN,         /* Jn: 1 to 365, the 29th of February is never counted */
    ZONE_DATE_DAY_OF_THE_YEAR /* n: 0 to 365 */
};

struct zone_date {
    enum zone_date_kind kind;
    int month;      /* 1 to 12 */
    int week;       /* 1 to 4, 5 = the last one */
    int day;        /* weekday, 0 = Sunday; or the number of the day */
    int64_t time_s; /* local, may be negative or beyond the day */
};

struct zone_rule {
    int64_t standard_s; /* east of Greenwich */
    bool has_summer;
    int64_t summer_s;
    struct zone_date start; /* of summer, in standard time */
    struct zone_date end;   /* in summer time */
};

/* -EINVAL. */
EDGE_MUST_CHECK int zone_rule_parse(const char *text, size_t length, struct zone_rule *ret);

int64_t zone_rule_offset_s(const struct zone_rule *rule, int64_t utc_s);

#endif
