#include "automation-node/calendar/cron.h"

#include "automation-node/calendar/civil.h"
#include "automation-node/calendar/moment.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define SEARCH_DAYS (8 * 366)

/* ---- text ---- */

struct field {
    int min;
    int max;
    const char *const *names; /* of min, min + 1, ...; NULL = none */
    size_t name_count;
};

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                          "jul", "aug", "sep", "oct", "nov", "dec"};
static const char *const weekday_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

static const struct field fields[] = {
    {0, 59, NULL, 0},         {0, 23, NULL, 0},         {1, 31, NULL, 0},
    {1, 12, month_names, 12}, {0, 7, weekday_names, 7}, /* Sunday is 0 and 7 */
};

static bool take_number(const char **text, int max, int *ret)
{
    const char *start = *text;
    int value = 0;
    for (; **text >= '0' && **text <= '9' && *text - start < 4; (*text)++) {
        value = value * 10 + (**text - '0');
    }
    *ret = value;
    return *text > start && value <= max;
}

static bool take_value(const char **text, const struct field *field, int *ret)
{
    for (size_t i = 0; i < field->name_count; i++) {
        if (strncasecmp(*text, field->names[i], 3) == 0) {
            *text += 3;
            *ret = field->min + (int)i;
            return true;
        }
    }
    return take_number(text, field->max, ret) && *ret >= field->min;
}

/* "*", "5", "1-5", "0-30/10" */
static bool take_range(const char **text, const struct field *field, uint64_t *bits)
{
    int first = field->min;
    int last = field->max;
    int step = 1;
    if (**text == '*') {
        (*text)++;
    } else if (!take_value(text, field, &first)) {
        return false;
    } else if (**text == '-') {
        (*text)++;
        if (!take_value(text, field, &last) || last < first) {
            return false;
        }
    } else {
        last = **text == '/' ? field->max : first;
    }
    if (**text == '/') {
        (*text)++;
        if (!take_number(text, field->max, &step) || step == 0) {
            return false;
        }
    }
    for (int value = first; value <= last; value += step) {
        *bits |= UINT64_C(1) << value;
    }
    return true;
}

static bool take_field(const char **text, const struct field *field, uint64_t *ret_bits,
                       bool *ret_any)
{
    *text += strspn(*text, " ");
    *ret_any = **text == '*' && ((*text)[1] == ' ' || (*text)[1] == '\0');
    *ret_bits = 0;
    while (take_range(text, field, ret_bits)) {
        if (**text != ',') {
            return **text == ' ' || **text == '\0';
        }
        (*text)++;
    }
    return false;
}

int cron_parse(const char *text, struct cron *ret)
{
    struct cron cron = {0};
    bool ignored = false;
    uint64_t *const bits[] = {&cron.minutes, &cron.hours, &cron.days, &cron.months, &cron.weekdays};
    bool *const any[] = {&ignored, &cron.any_hour, &cron.any_day, &ignored, &cron.any_weekday};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (!take_field(&text, &fields[i], bits[i], any[i])) {
            return -EINVAL;
        }
    }
    if (text[strspn(text, " ")] != '\0') {
        return -EINVAL;
    }
    cron.weekdays |= cron.weekdays >> 7 & 1u;
    *ret = cron;
    return 0;
}

/* ---- when ---- */

static bool has(uint64_t bits, int value)
{
    return (bits >> value & 1u) != 0;
}

static bool matches_day(const struct cron *cron, int64_t day)
{
    struct civil_date date = civil_date(day);
    bool of_month = has(cron->days, date.day);
    bool of_week = has(cron->weekdays, (civil_weekday(day) + 1) % 7);
    bool both = cron->any_day || cron->any_weekday;
    return has(cron->months, date.month) && (both ? of_month && of_week : of_month || of_week);
}

/* The first match on that day after `utc_s`. */
static int64_t next_on(const struct cron *cron, const struct zone *zone, int64_t day, int64_t utc_s)
{
    for (int minute = 0; minute < 24 * 60; minute++) {
        if (!has(cron->hours, minute / 60) || !has(cron->minutes, minute % 60)) {
            continue;
        }
        int64_t at_s = zone_instant(zone, day, minute * 60);
        if (at_s > utc_s) {
            return at_s;
        }
    }
    return CALENDAR_NEVER;
}

/* A period: whatever the clocks do, minute by minute until they show a match. */
static int64_t next_period(const struct cron *cron, const struct zone *zone, int64_t day,
                           int64_t utc_s)
{
    int64_t at_s = zone_instant(zone, day, 0);
    int64_t end_s = zone_instant(zone, day, DAY_S);
    if (at_s <= utc_s) {
        at_s += (utc_s - at_s) / 60 * 60 + 60;
    }
    for (; at_s < end_s; at_s += 60) {
        if (has(cron->minutes, (int)(zone_local(zone, at_s).second / 60 % 60))) {
            return at_s;
        }
    }
    return CALENDAR_NEVER;
}

int64_t cron_next(const struct cron *cron, const struct zone *zone, int64_t utc_s)
{
    int64_t today = zone_local(zone, utc_s).day;
    for (int64_t day = today; day <= today + SEARCH_DAYS; day++) {
        if (!matches_day(cron, day)) {
            continue;
        }
        int64_t at_s =
            cron->any_hour ? next_period(cron, zone, day, utc_s) : next_on(cron, zone, day, utc_s);
        if (at_s != CALENDAR_NEVER) {
            return at_s;
        }
    }
    return CALENDAR_NEVER;
}
