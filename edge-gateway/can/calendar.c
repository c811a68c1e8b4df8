#include "edge-gateway/can/calendar.h"

#define DAYS_TO_1970 719468 /* from 0000-03-01 */

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Days since 1970-01-01, counted in years that begin in March. */
static int64_t days_since_epoch(const struct calendar_time *time)
{
    int64_t year = time->month <= 2 ? time->year - 1 : time->year;
    int64_t month = time->month <= 2 ? time->month + 9 : time->month - 3;
    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + time->day - 1 -
           DAYS_TO_1970;
}

bool calendar_to_unix(const struct calendar_time *time, int64_t *ret_seconds)
{
    if (time->year < 1 || time->year > 9999 || time->month < 1 || time->month > 12 ||
        time->day < 1 || time->day > days_in_month(time->year, time->month) || time->hour < 0 ||
        time->hour > 23 || time->minute < 0 || time->minute > 59 || time->second < 0 ||
        time->second > 60) {
        return false;
    }
    *ret_seconds =
        ((days_since_epoch(time) * 24 + time->hour) * 60 + time->minute) * 60 + time->second;
    return true;
}

bool calendar_take_clock(struct cursor *c, struct calendar_time *ret)
{
    return cursor_take_number(c, 99, &ret->hour) && cursor_take(c, ':') &&
           cursor_take_number(c, 99, &ret->minute) && cursor_take(c, ':') &&
           cursor_take_number(c, 99, &ret->second);
}
