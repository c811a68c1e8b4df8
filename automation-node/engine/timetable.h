/*
 * When something is due by the clock: times of day, cron forms, periods. Nothing is due by the wall
 * clock while that is not set. When it is set to another time, what it jumped over - or what came
 * while it was not set, or the program was stopped - is due once or not at all, as `catches_up`
 * says; what it jumped back to does not come twice, unless it jumped far.
 */
#ifndef EDGE_AUTOMATION_ENGINE_TIMETABLE_H
#define EDGE_AUTOMATION_ENGINE_TIMETABLE_H

#include "automation-node/calendar/cron.h"
#include "automation-node/calendar/moment.h"
#include "automation-node/expression/expression.h"
#include "automation-node/state/archive.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum time_trigger_kind {
    TIME_MOMENT,
    TIME_CRON,
    TIME_PERIOD /* of the monotonic clock, from the start on */
};

struct time_trigger {
    enum time_trigger_kind kind;
    const char *text; /* as written; borrowed */
    struct moment moment;
    struct cron cron;
    int64_t period_us; /* > 0 */
};

struct timetable;

/* -EINVAL (a period that is not positive) or -ENOMEM. The triggers are borrowed. */
EDGE_MUST_CHECK int timetable_new(const struct time_trigger *triggers, size_t count,
                                  bool catches_up, int64_t now_us, struct timetable **ret);
void timetable_free(struct timetable *timetable);

/* The wall clock was set, or is not to be trusted any more. */
void timetable_set_clock(struct timetable *timetable, const struct expression_view *view);

/* The index of a trigger that is due; each comes once. False when none is. */
EDGE_MUST_CHECK bool timetable_take(struct timetable *timetable, const struct expression_view *view,
                                    size_t *ret_trigger);

/* Forgets what is due now: nobody was there to do it. */
void timetable_skip(struct timetable *timetable, const struct expression_view *view);

/* When timetable_take() has something to give, monotonic. */
int64_t timetable_deadline(const struct timetable *timetable, const struct expression_view *view);

/* The next time by the wall clock; CALENDAR_NEVER if there is none. */
int64_t timetable_next_s(const struct timetable *timetable);

/* See archive.h: what was due next is due, or missed, when the clock is set again. */
void timetable_archive(struct timetable *timetable, struct archive *a);

#endif
