#include "automation-node/calendar/moment.h"

#include "automation-node/calendar/civil.h"
#include "common/quantity.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define SEARCH_DAYS      183 /* the longest polar night */
#define SUN_OFFSET_MAX_S (12 * 3600)
#define TEXT_MAX_BYTES   63

/* ---- text ---- */

struct cursor {
    const char *at;
    const char *end;
};

static void skip_spaces(struct cursor *c)
{
    while (c->at < c->end && *c->at == ' ') {
        c->at++;
    }
}

static bool take(struct cursor *c, char wanted)
{
    skip_spaces(c);
    if (c->at == c->end || *c->at != wanted) {
        return false;
    }
    c->at++;
    return true;
}

static bool take_word(struct cursor *c, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(c->end - c->at) < length || strncasecmp(c->at, word, length) != 0) {
        return false;
    }
    c->at += length;
    return true;
}

/* One or two digits up to `max`. */
static bool take_digits(struct cursor *c, int max, int *ret)
{
    const char *start = c->at;
    int value = 0;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9' && c->at - start < 2) {
        value = value * 10 + (*c->at++ - '0');
    }
    *ret = value;
    return c->at > start && value <= max;
}

static int parse_clock(struct cursor *c, struct moment *moment)
{
    int hours;
    int minutes;
    int seconds = 0;
    if (!take_digits(c, 24, &hours) || c->at == c->end || *c->at++ != ':' ||
        !take_digits(c, 59, &minutes)) {
        return -EINVAL;
    }
    if (c->at < c->end && *c->at == ':') {
        c->at++;
        if (!take_digits(c, 59, &seconds)) {
            return -EINVAL;
        }
    }
    moment->second = hours * 3600 + minutes * 60 + seconds;
    return moment->second <= DAY_S ? 0 : -EINVAL;
}

/* What follows "sunrise" and "sunset": nothing, or a sign and a duration. */
static int parse_sun_offset(struct cursor *c, struct moment *moment)
{
    skip_spaces(c);
    if (c->at == c->end) {
        return 0;
    }
    int sign = take(c, '-') ? -1 : 1;
    if (sign > 0 && !take(c, '+')) {
        return -EINVAL;
    }
    char text[TEXT_MAX_BYTES + 1];
    size_t length = (size_t)(c->end - c->at);
    if (length > TEXT_MAX_BYTES) {
        return -EINVAL;
    }
    memcpy(text, c->at, length);
    text[length] = '\0';
    c->at = c->end;
    int64_t us;
    int r = quantity_parse_duration(text, &us);
    if (r < 0 || us < 0) {
        return -EINVAL;
    }
    if (us > SUN_OFFSET_MAX_S * INT64_C(1000000)) {
        return -ERANGE;
    }
    moment->second = sign * (int32_t)(us / 1000000);
    return 0;
}

int moment_parse(const char *text, size_t length, struct moment *ret)
{
    struct cursor c = {text, text + length};
    struct moment moment = {.kind = MOMENT_CLOCK, .weekdays = WEEKDAYS_ALL};
    int r;
    skip_spaces(&c);
    if (take_word(&c, "sunrise")) {
        moment.kind = MOMENT_SUNRISE;
        r = parse_sun_offset(&c, &moment);
    } else if (take_word(&c, "sunset")) {
        moment.kind = MOMENT_SUNSET;
        r = parse_sun_offset(&c, &moment);
    } else {
        r = parse_clock(&c, &moment);
    }
    skip_spaces(&c);
    if (r == 0 && c.at < c.end) {
        r = -EINVAL;
    }
    if (r == 0) {
        *ret = moment;
    }
    return r;
}

static bool take_weekday(struct cursor *c, int *ret)
{
    static const char *const names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday"};
    skip_spaces(c);
    for (int i = 0; i < 7; i++) {
        char abbreviation[] = {names[i][0], names[i][1], names[i][2], '\0'};
        if (take_word(c, names[i]) || take_word(c, abbreviation)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

int moment_parse_weekdays(const char *text, size_t length, uint8_t *ret)
{
    struct cursor c = {text, text + length};
    unsigned days = 0;
    do {
        int first;
        int last;
        if (!take_weekday(&c, &first)) {
            return -EINVAL;
        }
        last = first;
        if (take(&c, '-') && !take_weekday(&c, &last)) {
            return -EINVAL;
        }
        for (int day = first;; day = (day + 1) % 7) {
            days |= 1u << day;
            if (day == last) {
                break;
            }
        }
    } while (take(&c, ','));
    skip_spaces(&c);
    if (c.at < c.end) {
        return -EINVAL;
    }
    *ret = (uint8_t)days;
    return 0;
}

/* ---- when ---- */

bool moment_needs_place(const struct moment *moment)
{
    return moment->kind != MOMENT_CLOCK;
}

bool moment_on(const struct calendar *calendar, const struct moment *moment, int64_t day,
               int64_t *ret_utc_s)
{
    if (moment->kind == MOMENT_CLOCK) {
        *ret_utc_s = zone_instant(calendar->zone, day, moment->second);
        return true;
    }
    enum sun_event event = moment->kind == MOMENT_SUNRISE ? SUN_RISES : SUN_SETS;
    int64_t event_s;
    if (!calendar->has_place || !sun_event(&calendar->place, event, day, &event_s)) {
        return false;
    }
    *ret_utc_s = event_s + moment->second;
    return true;
}

static bool has_day(const struct moment *moment, int64_t day)
{
    return (moment->weekdays >> civil_weekday(day) & 1u) != 0;
}

/* Days beyond which looking is in vain: a clock shows every time within a week. */
static int64_t search_days(const struct moment *moment)
{
    return moment->kind == MOMENT_CLOCK ? 8 : SEARCH_DAYS;
}

int64_t moment_next(const struct calendar *calendar, const struct moment *moment, int64_t utc_s)
{
    /* A moment of the day before may still come: "24:00", "sunset + 10h". */
    int64_t today = zone_local(calendar->zone, utc_s).day;
    for (int64_t day = today - 1; day <= today + search_days(moment); day++) {
        int64_t at_s;
        if (has_day(moment, day) && moment_on(calendar, moment, day, &at_s) && at_s > utc_s) {
            return at_s;
        }
    }
    return CALENDAR_NEVER;
}

int64_t moment_last(const struct calendar *calendar, const struct moment *moment, int64_t utc_s)
{
    int64_t today = zone_local(calendar->zone, utc_s).day;
    for (int64_t day = today + 1; day >= today - search_days(moment); day--) {
        int64_t at_s;
        if (has_day(moment, day) && moment_on(calendar, moment, day, &at_s) && at_s <= utc_s) {
            return at_s;
        }
    }
    return -CALENDAR_NEVER;
}
