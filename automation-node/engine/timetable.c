#include "automation-node/engine/timetable.h"

#include "automation-node/input/deadline.h"

#include <errno.h>
#include <stdlib.h>

#define US_PER_S INT64_C(1000000)
#define LATE_S   60  /* later than this is missed */
#define BACK_S   600 /* a jump back by more is another time altogether */

struct entry {
    int64_t next_s;  /* wall clock; CALENDAR_NEVER = none, or the clock is not set */
    int64_t last_s;  /* when it was due last, by the wall clock */
    int64_t next_us; /* periods: monotonic */
};

struct timetable {
    const struct time_trigger *triggers;
    size_t count;
    bool catches_up;
    struct entry entries[];
};

int timetable_new(const struct time_trigger *triggers, size_t count, bool catches_up,
                  int64_t now_us, struct timetable **ret)
{
    struct timetable *timetable =
        calloc(1, sizeof(*timetable) + count * sizeof(timetable->entries[0]));
    if (timetable == NULL) {
        return -ENOMEM;
    }
    timetable->triggers = triggers;
    timetable->count = count;
    timetable->catches_up = catches_up;
    for (size_t i = 0; i < count; i++) {
        timetable->entries[i] = (struct entry){CALENDAR_NEVER, -CALENDAR_NEVER, DEADLINE_NONE};
        if (triggers[i].kind != TIME_PERIOD) {
            continue;
        }
        if (triggers[i].period_us <= 0) {
            timetable_free(timetable);
            return -EINVAL;
        }
        timetable->entries[i].next_us = deadline_after(now_us, triggers[i].period_us);
    }
    *ret = timetable;
    return 0;
}

void timetable_free(struct timetable *timetable)
{
    free(timetable);
}

static bool clock_is_set(const struct expression_view *view)
{
    return view->wall_us != EXPRESSION_NO_CLOCK && view->calendar != NULL;
}

static int64_t next_after(const struct time_trigger *trigger, const struct calendar *calendar,
                          int64_t utc_s)
{
    return trigger->kind == TIME_CRON ? cron_next(&trigger->cron, calendar->zone, utc_s)
                                      : moment_next(calendar, &trigger->moment, utc_s);
}

static void plan(struct timetable *timetable, size_t index, const struct expression_view *view)
{
    struct entry *entry = &timetable->entries[index];
    int64_t after_s = view->wall_us / US_PER_S;
    if (entry->last_s > after_s && entry->last_s - after_s <= BACK_S) {
        after_s = entry->last_s;
    }
    entry->next_s = next_after(&timetable->triggers[index], view->calendar, after_s);
}

static bool is_missed(const struct timetable *timetable, const struct entry *entry,
                      const struct expression_view *view)
{
    int64_t late_s = view->wall_us / US_PER_S - entry->next_s;
    return late_s > LATE_S && !timetable->catches_up;
}

void timetable_set_clock(struct timetable *timetable, const struct expression_view *view)
{
    for (size_t i = 0; i < timetable->count; i++) {
        struct entry *entry = &timetable->entries[i];
        if (timetable->triggers[i].kind == TIME_PERIOD || !clock_is_set(view)) {
            continue;
        }
        bool due = entry->next_s <= view->wall_us / US_PER_S;
        if (!due || is_missed(timetable, entry, view)) {
            plan(timetable, i, view);
        }
    }
}

static bool take_period(const struct time_trigger *trigger, struct entry *entry, int64_t now_us)
{
    if (now_us < entry->next_us) {
        return false;
    }
    int64_t late_us = now_us - entry->next_us;
    entry->next_us += (late_us / trigger->period_us + 1) * trigger->period_us;
    return true;
}

static bool take_entry(struct timetable *timetable, size_t index,
                       const struct expression_view *view)
{
    struct entry *entry = &timetable->entries[index];
    if (timetable->triggers[index].kind == TIME_PERIOD) {
        return take_period(&timetable->triggers[index], entry, view->now_us);
    }
    if (!clock_is_set(view) || entry->next_s > view->wall_us / US_PER_S) {
        return false;
    }
    bool missed = is_missed(timetable, entry, view);
    entry->last_s = entry->next_s;
    plan(timetable, index, view);
    return !missed;
}

bool timetable_take(struct timetable *timetable, const struct expression_view *view,
                    size_t *ret_trigger)
{
    for (size_t i = 0; i < timetable->count; i++) {
        if (take_entry(timetable, i, view)) {
            *ret_trigger = i;
            return true;
        }
    }
    return false;
}

void timetable_skip(struct timetable *timetable, const struct expression_view *view)
{
    for (size_t i = 0; i < timetable->count; i++) {
        (void)take_entry(timetable, i, view);
    }
}

int64_t timetable_next_s(const struct timetable *timetable)
{
    int64_t next_s = CALENDAR_NEVER;
    for (size_t i = 0; i < timetable->count; i++) {
        next_s = deadline_earlier(next_s, timetable->entries[i].next_s);
    }
    return next_s;
}

int64_t timetable_deadline(const struct timetable *timetable, const struct expression_view *view)
{
    int64_t deadline_us = DEADLINE_NONE;
    for (size_t i = 0; i < timetable->count; i++) {
        deadline_us = deadline_earlier(deadline_us, timetable->entries[i].next_us);
    }
    int64_t next_s = timetable_next_s(timetable);
    if (next_s != CALENDAR_NEVER && clock_is_set(view)) {
        int64_t wait_us = next_s * US_PER_S - view->wall_us;
        deadline_us =
            deadline_earlier(deadline_us, deadline_after(view->now_us, wait_us > 0 ? wait_us : 0));
    }
    return deadline_us;
}

void timetable_archive(struct timetable *timetable, struct archive *a)
{
    for (size_t i = 0; i < timetable->count; i++) {
        struct entry *entry = &timetable->entries[i];
        size_t mark = archive_enter(a, "time", i);
        if (timetable->triggers[i].kind == TIME_PERIOD) {
            archive_time(a, "next_at", &entry->next_us);
        } else {
            archive_i64(a, "next_s", &entry->next_s);
            archive_i64(a, "last_s", &entry->last_s);
        }
        archive_leave(a, mark);
    }
}
