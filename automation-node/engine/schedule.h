/*
 * What a device, or a set point, shall be at which time of the week: blocks with a value, another
 * value outside of them, and days that are different. At any instant a schedule has one value,
 * whatever happened before, so there is nothing to catch up with after a pause.
 *
 * A block belongs to the day on which it begins; one whose end is not after its beginning ends on
 * the next day. Where blocks overlap the first of them counts. While the clock is not set a
 * schedule wishes nothing.
 */
#ifndef EDGE_AUTOMATION_ENGINE_SCHEDULE_H
#define EDGE_AUTOMATION_ENGINE_SCHEDULE_H

#include "automation-node/calendar/civil.h"
#include "automation-node/calendar/moment.h"
#include "automation-node/engine/proposal.h"
#include "automation-node/expression/expression.h"
#include "automation-node/state/archive.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schedule_block {
    struct moment from; /* its weekdays are the block's */
    struct moment to;
    struct value value;
    const char *text; /* "mon-fri 06:00 to 22:00"; borrowed */
};

enum exception_kind {
    EXCEPTION_LIKE,   /* as if it were another day of the week */
    EXCEPTION_VALUE,  /* one value from midnight to midnight */
    EXCEPTION_NOTHING /* no wish all day */
};

/* Days from `first` to `last`, both included; without a year in every year. The first exception
 * that has a day counts. */
struct schedule_exception {
    struct civil_date first;
    struct civil_date last;
    bool yearly;
    enum exception_kind kind;
    int weekday; /* EXCEPTION_LIKE: 0 = Monday */
    struct value value;
    const char *text; /* borrowed */
};

struct schedule_options {
    const char *id;                      /* copied; the source is "schedule:<id>" */
    const struct schedule_block *blocks; /* borrowed, as the exceptions */
    size_t block_count;
    const struct schedule_exception *exceptions;
    size_t exception_count;
    struct value otherwise; /* VALUE_NONE = no wish */
    bool enabled;
};

/* What comes next. */
struct schedule_change {
    int64_t at_s; /* wall clock; CALENDAR_NEVER = nothing within a week */
    struct value value;
};

struct schedule;

/* -EINVAL (no id), -ENAMETOOLONG or -ENOMEM. */
EDGE_MUST_CHECK int schedule_new(const struct schedule_options *options, struct schedule **ret);
void schedule_free(struct schedule *schedule);

/* Takes effect at the next evaluation. */
void schedule_enable(struct schedule *schedule, bool enabled);
bool schedule_is_enabled(const struct schedule *schedule);

/* True when the proposal or the next change is another one. The clock may have been set to any time
 * before. */
bool schedule_evaluate(struct schedule *schedule, const struct expression_view *view);

const struct proposal *schedule_proposal(const struct schedule *schedule);
struct schedule_change schedule_next(const struct schedule *schedule);

/* When the next change comes, and when it wants to be evaluated; monotonic, as of the last
 * evaluation. */
int64_t schedule_until(const struct schedule *schedule);
int64_t schedule_next_deadline(const struct schedule *schedule);

/* See archive.h. What it says follows from the time alone, so only whether it is enabled is kept.
 */
void schedule_archive(struct schedule *schedule, struct archive *a);

#endif
