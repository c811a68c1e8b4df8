#include "edge-gateway/app/time_argument.h"

#include "common/clock.h"
#include "common/quantity.h"
#include "edge-gateway/can/calendar.h"
#include "edge-gateway/can/cursor.h"
#include "edge-gateway/dbc/decimal_integer.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#define MICROSECOND_EXPONENT (-6)

/* Exact; finer than a microsecond is refused. */
static int parse_seconds(const char *text, int64_t *ret_us)
{
    struct decimal seconds;
    int64_t us;
    if (decimal_parse(text, strlen(text), &seconds) < 0 ||
        !decimal_to_i64(&seconds, MICROSECOND_EXPONENT, &us) || us < 0 || us > CURSOR_TIME_MAX_US) {
        return -EINVAL;
    }
    *ret_us = us;
    return 0;
}

static int parse_relative(const char *text, int64_t now_us, int64_t *ret_us)
{
    int64_t distance_us;
    int r = quantity_parse_duration(text, &distance_us);
    return r < 0 || __builtin_add_overflow(now_us, distance_us, ret_us) ? -EINVAL : 0;
}

/* Two digits, as a date has them; a third one is not looked at. */
static bool take_two(struct cursor *c, int64_t *ret)
{
    if (cursor_left(c) < 2) {
        return false;
    }
    struct cursor two = {c->at, c->at + 2};
    c->at += 2;
    return cursor_take_number(&two, 99, ret) && cursor_left(&two) == 0;
}

static bool take_date(struct cursor *c, struct calendar_time *ret)
{
    return cursor_take_number(c, 9999, &ret->year) && cursor_take(c, '-') &&
           take_two(c, &ret->month) && cursor_take(c, '-') && take_two(c, &ret->day);
}

/* " 09:39", "T09:39:20.495"; nothing is midnight. */
static bool take_clock(struct cursor *c, struct calendar_time *ret, int64_t *ret_fraction_us)
{
    if (!cursor_take(c, 'T') && !cursor_take(c, ' ')) {
        return true;
    }
    if (!take_two(c, &ret->hour) || !cursor_take(c, ':') || !take_two(c, &ret->minute)) {
        return false;
    }
    if (!cursor_take(c, ':')) {
        return true;
    }
    if (!take_two(c, &ret->second)) {
        return false;
    }
    *ret_fraction_us = cursor_take(c, '.') ? cursor_take_fraction(c, US_PER_S) : 0;
    return true;
}

/* "Z", "+01:00", "-0330"; *ret_local: there is none. */
static bool take_zone(struct cursor *c, bool *ret_local, int64_t *ret_offset_s)
{
    int64_t hours;
    int64_t minutes;
    bool is_behind = cursor_take(c, '-');
    *ret_offset_s = 0;
    *ret_local = !is_behind && !cursor_take(c, '+');
    if (*ret_local) {
        *ret_local = !cursor_take(c, 'Z');
        return true;
    }
    if (!take_two(c, &hours)) {
        return false;
    }
    (void)cursor_take(c, ':');
    if (!take_two(c, &minutes) || hours > 23 || minutes > 59) {
        return false;
    }
    *ret_offset_s = (hours * 60 + minutes) * (is_behind ? -60 : 60);
    return true;
}

static int64_t local_to_unix(const struct calendar_time *time)
{
    struct tm local = {.tm_year = (int)time->year - 1900,
                       .tm_mon = (int)time->month - 1,
                       .tm_mday = (int)time->day,
                       .tm_hour = (int)time->hour,
                       .tm_min = (int)time->minute,
                       .tm_sec = (int)time->second,
                       .tm_isdst = -1};
    return mktime(&local);
}

static int parse_date(const char *text, int64_t *ret_us)
{
    struct cursor c = {text, text + strlen(text)};
    struct calendar_time time = {0};
    int64_t fraction_us = 0;
    int64_t offset_s;
    int64_t seconds;
    bool is_local;
    if (!take_date(&c, &time) || !take_clock(&c, &time, &fraction_us) ||
        !take_zone(&c, &is_local, &offset_s) || cursor_left(&c) > 0 ||
        !calendar_to_unix(&time, &seconds)) {
        return -EINVAL;
    }
    seconds = is_local ? local_to_unix(&time) : seconds - offset_s;
    *ret_us = seconds * US_PER_S + fraction_us;
    return 0;
}

int time_argument_parse(const char *text, int64_t now_us, int64_t *ret_us)
{
    if (text[0] == '-' || text[0] == '+') {
        return parse_relative(text, now_us, ret_us);
    }
    return strchr(text, '-') != NULL ? parse_date(text, ret_us) : parse_seconds(text, ret_us);
}
