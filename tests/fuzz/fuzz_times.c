/*
 * Any text as a time of cron, a time of day, days of the week or a POSIX zone, and any bytes as a
 * TZif file: what is taken keeps what its header says about the next time and the last one.
 */
#include "automation-node/calendar/cron.h"
#include "automation-node/calendar/moment.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#define DAY_S        INT64_C(86400)
#define OFFSET_MAX_S (168 * INT64_C(3600))
#define NEXT_TIMES   4
#define SUN_OFFSET_S (12 * 3600)
#define ALL_WEEKDAYS 0x7f

/* A leap day, a change of clocks in Europe, now, and far beyond every table. */
static const int64_t instants[] = {0, 951782400, 1774746000, 1795423160, INT64_C(16725225600)};

static void check_zone(const struct zone *zone)
{
    for (size_t i = 0; i < sizeof(instants) / sizeof(instants[0]); i++) {
        int64_t offset_s = zone_offset_s(zone, instants[i]);
        struct zone_local local = zone_local(zone, instants[i]);
        require(offset_s >= -OFFSET_MAX_S && offset_s <= OFFSET_MAX_S);
        require(local.second >= 0 && local.second < DAY_S);
        require(local.day * DAY_S + local.second == instants[i] + offset_s);
        int64_t again_s = zone_instant(zone, local.day, local.second);
        require(again_s >= instants[i] - 2 * OFFSET_MAX_S &&
                again_s <= instants[i] + 2 * OFFSET_MAX_S);
    }
}

static void check_zones(const char *text, const uint8_t *data, size_t size)
{
    struct zone *zone = NULL;
    int r = zone_new_posix(text, &zone);
    require(r == 0 || r == -EINVAL);
    if (r == 0) {
        check_zone(zone);
        zone_free(zone);
    }
    r = zone_new_tzif(data, size, &zone);
    require(r == 0 || r == -EINVAL);
    if (r == 0) {
        check_zone(zone);
        zone_free(zone);
    }
}

static void check_cron(const char *text, const struct zone *zone)
{
    struct cron cron;
    int r = cron_parse(text, &cron);
    require(r == 0 || r == -EINVAL);
    if (r < 0) {
        return;
    }
    int64_t at = instants[2];
    for (int i = 0; i < NEXT_TIMES && at != CALENDAR_NEVER; i++) {
        int64_t next = cron_next(&cron, zone, at);
        require(next > at && (next % 60 == 0 || next == CALENDAR_NEVER));
        at = next;
    }
}

static void check_moment(const char *text, size_t size, const struct calendar *calendar)
{
    struct moment moment;
    uint8_t weekdays;
    int r = moment_parse(text, size, &moment);
    require(r == 0 || r == -EINVAL || r == -ERANGE);
    if (r == 0) {
        require(moment.weekdays == ALL_WEEKDAYS);
        require(moment.kind == MOMENT_CLOCK ? moment.second >= 0 && moment.second <= DAY_S
                                            : labs(moment.second) <= SUN_OFFSET_S);
        require(moment_next(calendar, &moment, instants[2]) > instants[2]);
        require(moment_last(calendar, &moment, instants[2]) <= instants[2]);
    }
    r = moment_parse_weekdays(text, size, &weekdays);
    require(r == -EINVAL || (r == 0 && weekdays > 0 && weekdays <= ALL_WEEKDAYS));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct zone *zone;
    require(zone_new_posix("CET-1CEST,M3.5.0,M10.5.0/3", &zone) == 0);
    const struct calendar calendar = {zone, true, {52.5, 13.4}};
    check_zones(text, data, size);
    check_cron(text, zone);
    check_moment(text, size, &calendar);
    zone_free(zone);
    free(text);
    return 0;
}
