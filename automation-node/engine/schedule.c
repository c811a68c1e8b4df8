#include "automation-node/engine/schedule.h"

#include "automation-node/input/deadline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define US_PER_S  INT64_C(1000000)
#define PLAN_DAYS 10 /* yesterday, today, and the week after */

/* A time with a value. */
struct span {
    int64_t from_s;
    int64_t to_s;
    size_t rank; /* the lower one counts: exceptions, then blocks in their order */
    const struct value *value;
    const char *text;
};

struct schedule {
    struct schedule_options options; /* without the id */
    bool enabled;
    struct proposal proposal;
    struct schedule_change next;
    int64_t until_us;
    int64_t deadline_us;
    int64_t planned_from_s; /* the spans hold from here */
    int64_t planned_to_s;   /* to here */
    size_t span_count;
    struct span spans[];
};

static const struct value nothing = {.kind = VALUE_NONE};

int schedule_new(const struct schedule_options *options, struct schedule **ret)
{
    char id[NAME_SIZE];
    int r = name_copy(options->id, sizeof(id), id);
    if (r < 0) {
        return r;
    }
    size_t most = (options->block_count + 1) * PLAN_DAYS;
    struct schedule *schedule = calloc(1, sizeof(*schedule) + most * sizeof(schedule->spans[0]));
    if (schedule == NULL) {
        return -ENOMEM;
    }
    schedule->options = *options;
    schedule->options.id = NULL;
    schedule->enabled = options->enabled;
    schedule->until_us = DEADLINE_NONE;
    schedule->deadline_us = DEADLINE_NONE;
    schedule->next.at_s = CALENDAR_NEVER;
    struct cause *cause = &schedule->proposal.cause;
    (void)snprintf(cause->source, sizeof(cause->source), "schedule:%s", id);
    cause_explain(cause, "not evaluated yet");
    *ret = schedule;
    return 0;
}

void schedule_free(struct schedule *schedule)
{
    free(schedule);
}

void schedule_enable(struct schedule *schedule, bool enabled)
{
    schedule->enabled = enabled;
}

bool schedule_is_enabled(const struct schedule *schedule)
{
    return schedule->enabled;
}

/* ---- planning some days ---- */

static bool has_day(const struct schedule_exception *exception, int64_t day)
{
    struct civil_date first = exception->first;
    struct civil_date last = exception->last;
    if (!exception->yearly) {
        return day >= civil_day(first) && day <= civil_day(last);
    }
    struct civil_date date = civil_date(day);
    int number = date.month * 100 + date.day;
    int from = first.month * 100 + first.day;
    int to = last.month * 100 + last.day;
    return from <= to ? number >= from && number <= to : number >= from || number <= to;
}

static const struct schedule_exception *find_exception(const struct schedule *schedule, int64_t day)
{
    for (size_t i = 0; i < schedule->options.exception_count; i++) {
        if (has_day(&schedule->options.exceptions[i], day)) {
            return &schedule->options.exceptions[i];
        }
    }
    return NULL;
}

static void add_span(struct schedule *schedule, const struct span *span)
{
    if (span->from_s < span->to_s) { /* a change of clocks may leave nothing of it */
        schedule->spans[schedule->span_count++] = *span;
    }
}

static void plan_block(struct schedule *schedule, const struct calendar *calendar, size_t index,
                       int64_t day)
{
    const struct schedule_block *block = &schedule->options.blocks[index];
    struct span span = {.rank = index + 1, .value = &block->value, .text = block->text};
    if (!moment_on(calendar, &block->from, day, &span.from_s) ||
        !moment_on(calendar, &block->to, day, &span.to_s)) {
        return;
    }
    if (span.to_s <= span.from_s && !moment_on(calendar, &block->to, day + 1, &span.to_s)) {
        return;
    }
    add_span(schedule, &span);
}

static void plan_day(struct schedule *schedule, const struct calendar *calendar, int64_t day)
{
    int weekday = civil_weekday(day);
    const struct schedule_exception *exception = find_exception(schedule, day);
    if (exception != NULL && exception->kind == EXCEPTION_LIKE) {
        weekday = exception->weekday;
    } else if (exception != NULL) {
        add_span(schedule,
                 &(struct span){.from_s = zone_instant(calendar->zone, day, 0),
                                .to_s = zone_instant(calendar->zone, day, DAY_S),
                                .value = exception->kind == EXCEPTION_VALUE ? &exception->value
                                                                            : &nothing,
                                .text = exception->text});
        return;
    }
    for (size_t i = 0; i < schedule->options.block_count; i++) {
        if ((schedule->options.blocks[i].from.weekdays >> weekday & 1u) != 0) {
            plan_block(schedule, calendar, i, day);
        }
    }
}

static void plan(struct schedule *schedule, const struct calendar *calendar, int64_t now_s)
{
    int64_t today = zone_local(calendar->zone, now_s).day;
    schedule->span_count = 0;
    for (int64_t day = today - 1; day < today - 1 + PLAN_DAYS; day++) {
        plan_day(schedule, calendar, day);
    }
    schedule->planned_from_s = zone_instant(calendar->zone, today, 0);
    schedule->planned_to_s = zone_instant(calendar->zone, today, DAY_S);
}

/* ---- looking ---- */

static const struct span *find_span(const struct schedule *schedule, int64_t at_s)
{
    const struct span *best = NULL;
    for (size_t i = 0; i < schedule->span_count; i++) {
        const struct span *span = &schedule->spans[i];
        if (span->from_s <= at_s && at_s < span->to_s &&
            (best == NULL || span->rank < best->rank)) {
            best = span;
        }
    }
    return best;
}

static const struct value *value_of(const struct schedule *schedule, const struct span *span)
{
    return span != NULL ? span->value : &schedule->options.otherwise;
}

/* The first beginning or end after that. */
static int64_t next_boundary(const struct schedule *schedule, int64_t after_s)
{
    int64_t next_s = CALENDAR_NEVER;
    for (size_t i = 0; i < schedule->span_count; i++) {
        const struct span *span = &schedule->spans[i];
        next_s = span->from_s > after_s ? deadline_earlier(next_s, span->from_s) : next_s;
        next_s = span->to_s > after_s ? deadline_earlier(next_s, span->to_s) : next_s;
    }
    return next_s;
}

static struct schedule_change find_change(const struct schedule *schedule, int64_t now_s,
                                          const struct value *present)
{
    for (int64_t at_s = now_s; (at_s = next_boundary(schedule, at_s)) != CALENDAR_NEVER;) {
        const struct value *value = value_of(schedule, find_span(schedule, at_s));
        if (!value_equal(value, present)) {
            return (struct schedule_change){at_s, *value};
        }
    }
    return (struct schedule_change){.at_s = CALENDAR_NEVER};
}

static int64_t monotonic_us(const struct expression_view *view, int64_t at_s)
{
    return at_s == CALENDAR_NEVER ? DEADLINE_NONE
                                  : deadline_after(view->now_us, at_s * US_PER_S - view->wall_us);
}

/* Wishes nothing; true if it did. */
static bool keep_quiet(struct schedule *schedule, const char *reason)
{
    struct cause before = schedule->proposal.cause;
    bool changed = schedule->proposal.value.kind != VALUE_NONE;
    schedule->proposal.value = nothing;
    schedule->next = (struct schedule_change){.at_s = CALENDAR_NEVER};
    schedule->until_us = DEADLINE_NONE;
    schedule->deadline_us = DEADLINE_NONE;
    cause_explain(&schedule->proposal.cause, "%s", reason);
    return changed || !cause_equal(&before, &schedule->proposal.cause);
}

bool schedule_evaluate(struct schedule *schedule, const struct expression_view *view)
{
    if (!schedule->enabled) {
        return keep_quiet(schedule, "schedule is disabled");
    }
    if (view->wall_us == EXPRESSION_NO_CLOCK || view->calendar == NULL) {
        schedule->planned_to_s = schedule->planned_from_s;
        return keep_quiet(schedule, "the clock is not set yet");
    }
    int64_t now_s = view->wall_us / US_PER_S;
    if (now_s < schedule->planned_from_s || now_s >= schedule->planned_to_s) {
        plan(schedule, view->calendar, now_s);
    }
    struct proposal before = schedule->proposal;
    int64_t before_s = schedule->next.at_s;
    const struct span *span = find_span(schedule, now_s);
    schedule->proposal.value = *value_of(schedule, span);
    cause_explain(&schedule->proposal.cause, "%s", span != NULL ? span->text : "otherwise");
    schedule->next = find_change(schedule, now_s, &schedule->proposal.value);
    schedule->until_us = monotonic_us(view, schedule->next.at_s);
    int64_t look_s = deadline_earlier(next_boundary(schedule, now_s), schedule->planned_to_s);
    schedule->deadline_us = monotonic_us(view, look_s);
    return !value_equal(&before.value, &schedule->proposal.value) ||
           !cause_equal(&before.cause, &schedule->proposal.cause) ||
           before_s != schedule->next.at_s;
}

const struct proposal *schedule_proposal(const struct schedule *schedule)
{
    return &schedule->proposal;
}

struct schedule_change schedule_next(const struct schedule *schedule)
{
    return schedule->next;
}

int64_t schedule_until(const struct schedule *schedule)
{
    return schedule->until_us;
}

int64_t schedule_next_deadline(const struct schedule *schedule)
{
    return schedule->deadline_us;
}

void schedule_archive(struct schedule *schedule, struct archive *a)
{
    archive_flag(a, "enabled", &schedule->enabled);
}
