/*
 * Dates of the proleptic Gregorian calendar, counted in days since 1970-01-01. Pure arithmetic, no
 * time zone. Algorithm: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
 */
#ifndef EDGE_AUTOMATION_CALENDAR_CIVIL_H
#define EDGE_AUTOMATION_CALENDAR_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#define DAY_S INT64_C(86400)

struct civil_date {
    int64_t year;
    int month; /* 1 to 12 */
    int day;   /* of the month, 1 to 31 */
};

/* `date` is a valid one. */
int64_t civil_day(struct civil_date date);
struct civil_date civil_date(int64_t day);

/* 0 = Monday to 6 = Sunday. */
int civil_weekday(int64_t day);

bool civil_is_leap(int64_t year);
/* `month` from 1 to 12. */
int civil_days_in_month(int64_t year, int month);

#endif
