#include "edge-gateway/alarm/alarm_detector.h"

#include <math.h>
#include <string.h>

#define STRETCH_PARTS (ALARM_STRETCHES - 1)

static enum alarm_truth truth(bool holds)
{
    return holds ? ALARM_TRUE : ALARM_FALSE;
}

/* ---- limits ----------------------------------------------------------------------------- */

static enum alarm_truth limit_truth(struct alarm_detector *d, const struct alarm_condition *c,
                                    const struct alarm_input *inputs)
{
    const struct alarm_input *input = &inputs[c->input];
    if (!input->known) {
        return ALARM_UNKNOWN;
    }
    bool was_high = d->holds && !d->is_low;
    bool was_low = d->holds && d->is_low;
    bool is_high = c->has_high && input->number > c->high - (was_high ? c->deadband : 0.0);
    bool is_low = c->has_low && input->number < c->low + (was_low ? c->deadband : 0.0);
    if (is_high || is_low) {
        d->is_low = is_low;
    }
    return truth(is_high || is_low);
}

/* ---- rate of change --------------------------------------------------------------------- */

static void drop_oldest(struct alarm_detector *d)
{
    d->stretch_count--;
    memmove(&d->stretches[0], &d->stretches[1], d->stretch_count * sizeof(d->stretches[0]));
}

static void forget_old(struct alarm_detector *d, const struct alarm_condition *c, int64_t now_us)
{
    while (d->stretch_count > 0 && now_us - d->stretches[0].to_us > c->over_us) {
        drop_oldest(d);
    }
}

void alarm_detector_note(struct alarm_detector *detector, const struct alarm_condition *condition,
                         double number, int64_t now_us)
{
    struct alarm_detector *d = detector;
    if (condition->type != ALARM_TYPE_CHANGE) {
        return;
    }
    struct alarm_stretch *last = d->stretch_count > 0 ? &d->stretches[d->stretch_count - 1] : NULL;
    if (last != NULL && now_us - last->from_us < condition->over_us / STRETCH_PARTS) {
        last->to_us = now_us;
        last->min = fmin(last->min, number);
        last->max = fmax(last->max, number);
        return;
    }
    if (d->stretch_count == ALARM_STRETCHES) {
        drop_oldest(d);
    }
    d->stretches[d->stretch_count++] = (struct alarm_stretch){now_us, now_us, number, number};
}

static double moved(const struct alarm_detector *d, const struct alarm_condition *c, double number)
{
    double most = 0.0;
    for (size_t i = 0; i < d->stretch_count; i++) {
        double up = number - d->stretches[i].min;
        double down = d->stretches[i].max - number;
        most = c->direction != ALARM_DIRECTION_FALLING ? fmax(most, up) : most;
        most = c->direction != ALARM_DIRECTION_RISING ? fmax(most, down) : most;
    }
    return most;
}

static enum alarm_truth change_truth(struct alarm_detector *d, const struct alarm_condition *c,
                                     const struct alarm_input *inputs, int64_t now_us)
{
    const struct alarm_input *input = &inputs[c->input];
    forget_old(d, c, now_us);
    if (!input->known) {
        return ALARM_UNKNOWN;
    }
    return truth(moved(d, c, input->number) > c->change - (d->holds ? c->deadband : 0.0));
}

/* ---- the others ------------------------------------------------------------------------- */

static enum alarm_truth deviation_truth(const struct alarm_detector *d,
                                        const struct alarm_condition *c,
                                        const struct alarm_input *inputs)
{
    const struct alarm_input *input = &inputs[c->input];
    if (!input->known || (c->has_other && !inputs[c->other].known)) {
        return ALARM_UNKNOWN;
    }
    double from = c->has_other ? inputs[c->other].number : c->value;
    return truth(fabs(input->number - from) > c->by - (d->holds ? c->deadband : 0.0));
}

static enum alarm_truth is_truth(const struct alarm_condition *c, const struct alarm_input *inputs)
{
    const struct alarm_input *input = &inputs[c->input];
    return input->known ? truth(input->number == c->is) : ALARM_UNKNOWN;
}

static enum alarm_truth find_truth(struct alarm_detector *d, const struct alarm_condition *c,
                                   const struct alarm_input *inputs, int64_t now_us)
{
    switch (c->type) {
    case ALARM_TYPE_LIMIT:
        return limit_truth(d, c, inputs);
    case ALARM_TYPE_CHANGE:
        return change_truth(d, c, inputs, now_us);
    case ALARM_TYPE_STALE:
        return truth(now_us - inputs[c->input].seen_us >= c->stale_us);
    case ALARM_TYPE_DEVIATION:
        return deviation_truth(d, c, inputs);
    case ALARM_TYPE_IS:
        return is_truth(c, inputs);
    case ALARM_TYPE_WHEN:
        return alarm_expression_evaluate(c->when, inputs);
    case ALARM_TYPE_TOLD:
        return truth(d->told);
    }
    return ALARM_UNKNOWN;
}

/* ---- delays ----------------------------------------------------------------------------- */

void alarm_detector_init(struct alarm_detector *detector, const struct alarm_condition *condition,
                         bool active)
{
    *detector = (struct alarm_detector){
        .active = active,
        .holds = active,
        .told = active,
        .is_low = condition->has_low && !condition->has_high,
        .due_us = INT64_MAX,
    };
}

void alarm_detector_tell(struct alarm_detector *detector, bool holds)
{
    detector->told = holds;
}

static int64_t later(int64_t now_us, int64_t delay_us)
{
    return now_us < INT64_MAX - delay_us ? now_us + delay_us : INT64_MAX - 1;
}

bool alarm_detector_step(struct alarm_detector *detector, const struct alarm_condition *condition,
                         const struct alarm_input *inputs, int64_t now_us)
{
    struct alarm_detector *d = detector;
    enum alarm_truth found = find_truth(d, condition, inputs, now_us);
    d->holds = found == ALARM_UNKNOWN ? d->holds : found == ALARM_TRUE;
    if (d->holds == d->active) {
        d->due_us = INT64_MAX;
        return false;
    }
    if (d->due_us == INT64_MAX) {
        d->due_us = later(now_us, d->holds ? condition->on_delay_us : condition->off_delay_us);
    }
    if (now_us < d->due_us) {
        return false;
    }
    d->active = d->holds;
    d->due_us = INT64_MAX;
    return true;
}

/* When the condition may change by time alone. */
static int64_t condition_next_us(const struct alarm_detector *d, const struct alarm_condition *c,
                                 const struct alarm_input *inputs)
{
    if (c->type == ALARM_TYPE_STALE && !d->holds) {
        return later(inputs[c->input].seen_us, c->stale_us);
    }
    if (c->type == ALARM_TYPE_CHANGE && d->holds && d->stretch_count > 0) {
        return later(d->stretches[0].to_us, c->over_us + 1);
    }
    return INT64_MAX;
}

int64_t alarm_detector_next_us(const struct alarm_detector *detector,
                               const struct alarm_condition *condition,
                               const struct alarm_input *inputs)
{
    int64_t next_us = condition_next_us(detector, condition, inputs);
    return detector->due_us < next_us ? detector->due_us : next_us;
}

bool alarm_detector_limit(const struct alarm_detector *detector,
                          const struct alarm_condition *condition, double *ret)
{
    switch (condition->type) {
    case ALARM_TYPE_LIMIT:
        *ret = detector->is_low ? condition->low : condition->high;
        return true;
    case ALARM_TYPE_CHANGE:
        *ret = condition->change;
        return true;
    case ALARM_TYPE_DEVIATION:
        *ret = condition->by;
        return true;
    case ALARM_TYPE_STALE:
    case ALARM_TYPE_IS:
    case ALARM_TYPE_WHEN:
    case ALARM_TYPE_TOLD:
        break;
    }
    return false;
}
