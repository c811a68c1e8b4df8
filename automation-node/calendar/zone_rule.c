#include "automation-node/calendar/zone_rule.h"

#include "automation-node/calendar/civil.h"

#include <errno.h>

#define NAME_BYTES_MIN 3
#define HOUR_S         3600
#define OFFSET_HOURS   24
#define RULE_HOURS     167 /* RFC 9636, 3.3.1 */

/* ---- text ---- */

struct cursor {
    const char *at;
    const char *end;
};

static bool take(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted) {
        return false;
    }
    c->at++;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool take_number(struct cursor *c, int max, int *ret)
{
    const char *start = c->at;
    int value = 0;
    while (c->at < c->end && is_digit(*c->at) && c->at - start < 4) {
        value = value * 10 + (*c->at++ - '0');
    }
    *ret = value;
    return c->at > start && value <= max;
}

/* Letters, or anything of them, digits and signs between < and >. */
static bool take_name(struct cursor *c)
{
    const char *start = c->at;
    if (take(c, '<')) {
        start = c->at;
        while (c->at < c->end &&
               (is_letter(*c->at) || is_digit(*c->at) || *c->at == '+' || *c->at == '-')) {
            c->at++;
        }
        return c->at - start >= NAME_BYTES_MIN && take(c, '>');
    }
    while (c->at < c->end && is_letter(*c->at)) {
        c->at++;
    }
    return c->at - start >= NAME_BYTES_MIN;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct cursor *c, int max_hours, int64_t *ret_s)
{
    int sign = take(c, '-') ? -1 : 1;
    if (sign > 0) {
        (void)take(c, '+');
    }
    int hours;
    int minutes = 0;
    int seconds = 0;
    if (!take_number(c, max_hours, &hours) ||
        (take(c, ':') &&
         (!take_number(c, 59, &minutes) || (take(c, ':') && !take_number(c, 59, &seconds))))) {
        return false;
    }
    *ret_s = sign * ((int64_t)hours * HOUR_S + minutes * 60 + seconds);
    return true;
}

static bool take_weekday_date(struct cursor *c, struct zone_date *date)
{
    date->kind = ZONE_DATE_WEEKDAY;
    return take_number(c, 12, &date->month) && date->month >= 1 && take(c, '.') &&
           take_number(c, 5, &date->week) && date->week >= 1 && take(c, '.') &&
           take_number(c, 6, &date->day);
}

static bool take_date(struct cursor *c, struct zone_date *ret)
{
    struct zone_date date = {.kind = ZONE_DATE_DAY_OF_THE_YEAR, .time_s = 2 * HOUR_S};
    bool ok;
    if (take(c, 'M')) {
        ok = take_weekday_date(c, &date);
    } else if (take(c, 'J')) {
        date.kind = ZONE_DATE_JULIAN;
        ok = take_number(c, 365, &date.day) && date.day >= 1;
    } else {
        ok = take_number(c, 365, &date.day);
    }
    if (!ok || (take(c, '/') && !take_time(c, RULE_HOURS, &date.time_s))) {
        return false;
    }
    *ret = date;
    return true;
}

/* After the standard offset: name[offset],start,end. */
static bool take_summer(struct cursor *c, struct zone_rule *rule)
{
    rule->has_summer = true;
    rule->summer_s = rule->standard_s + HOUR_S;
    if (!take_name(c)) {
        return false;
    }
    if (c->at < c->end && *c->at != ',') {
        int64_t west_s;
        if (!take_time(c, OFFSET_HOURS, &west_s)) {
            return false;
        }
        rule->summer_s = -west_s;
    }
    return take(c, ',') && take_date(c, &rule->start) && take(c, ',') && take_date(c, &rule->end);
}

int zone_rule_parse(const char *text, size_t length, struct zone_rule *ret)
{
    struct cursor c = {text, text + length};
    struct zone_rule rule = {0};
    int64_t west_s;
    if (!take_name(&c) || !take_time(&c, OFFSET_HOURS, &west_s)) {
        return -EINVAL;
    }
    rule.standard_s = -west_s;
    if ((c.at < c.end && !take_summer(&c, &rule)) || c.at < c.end) {
        return -EINVAL;
    }
    *ret = rule;
    return 0;
}

/* ---- dates ---- */

static int64_t weekday_date(const struct zone_date *date, int64_t year)
{
    int64_t first = civil_day((struct civil_date){year, date->month, 1});
    int wanted = (date->day + 6) % 7; /* from Monday */
    int64_t day = first + (wanted - civil_weekday(first) + 7) % 7 + 7 * (date->week - 1);
    int64_t last = first + civil_days_in_month(year, date->month) - 1;
    return day > last ? day - 7 : day;
}

/* Local seconds since the epoch. */
static int64_t date_s(const struct zone_date *date, int64_t year)
{
    int64_t new_year = civil_day((struct civil_date){year, 1, 1});
    int64_t day = 0;
    switch (date->kind) {
    case ZONE_DATE_WEEKDAY:
        day = weekday_date(date, year);
        break;
    case ZONE_DATE_JULIAN:
        day = new_year + date->day - 1 + (civil_is_leap(year) && date->day >= 60 ? 1 : 0);
        break;
    case ZONE_DATE_DAY_OF_THE_YEAR:
        day = new_year + date->day;
        break;
    }
    return day * DAY_S + date->time_s;
}

static int64_t floor_day(int64_t s)
{
    return s / DAY_S - (s % DAY_S < 0 ? 1 : 0);
}

int64_t zone_rule_offset_s(const struct zone_rule *rule, int64_t utc_s)
{
    if (!rule->has_summer) {
        return rule->standard_s;
    }
    int64_t year = civil_date(floor_day(utc_s + rule->standard_s)).year;
    int64_t start_s = date_s(&rule->start, year) - rule->standard_s;
    int64_t end_s = date_s(&rule->end, year) - rule->summer_s;
    bool summer = start_s < end_s ? utc_s >= start_s && utc_s < end_s
                                  : utc_s >= start_s || utc_s < end_s; /* south of the equator */
    return summer ? rule->summer_s : rule->standard_s;
}
