/*
 * Slow pulse width modulation: a share of the time, 0 to 1, becomes on and off of a device that
 * knows nothing between the two. Time is cut into windows of one period; in each the device goes on
 * at most once, at its beginning.
 *
 * What a window should have given and did not is owed to the next one, so that the mean is right
 * although a pulse is never shorter than `min_on_us`, nor a pause shorter than `min_off_us`: what
 * would be is left out, or made that long, whichever is nearer. A share that moves while the device
 * is on moves the end of the pulse; while it is off it waits for the next window.
 *
 * For a time in which somebody else had the device nothing is owed but what would have been anyway;
 * nothing at all after one in which nobody looked for longer than a period.
 */
#ifndef EDGE_AUTOMATION_ENGINE_PWM_H
#define EDGE_AUTOMATION_ENGINE_PWM_H

#include "automation-node/engine/proposal.h"
#include "automation-node/state/archive.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

struct pwm_options {
    int64_t period_us;     /* > 0, a week at most */
    int64_t min_on_us;     /* not negative; with the next one no more than the period */
    int64_t min_off_us;    /* not negative */
    double full;           /* the number that is on all the time: > 0 */
    struct value on_value; /* of the device */
    struct value off_value;
};

/* What the device is told from now on. */
struct pwm_view {
    bool is_on;
    bool in_charge; /* by this one */
};

struct pwm;

/* -EINVAL (times that do not fit, no values) or -ENOMEM. */
EDGE_MUST_CHECK int pwm_new(const struct pwm_options *options, struct pwm **ret);
void pwm_free(struct pwm *pwm);

/* What is wanted now: a number from 0 to `full`, with its cause, or nothing. To be called when that
 * or the view has changed, and when the deadline has come. True when the proposal changed. */
bool pwm_step(struct pwm *pwm, const struct proposal *wanted, const struct pwm_view *view,
              int64_t now_us);

/* On, off, or nothing. */
const struct proposal *pwm_proposal(const struct pwm *pwm);

/* When it goes on or off, or looks at the share again; DEADLINE_NONE while nothing is wanted. */
int64_t pwm_next_deadline(const struct pwm *pwm);

bool pwm_is_on_value(const struct pwm *pwm, const struct value *value);

/* Time on that was wanted and not given yet; negative: given and not wanted. */
double pwm_owed_s(const struct pwm *pwm);

/* See archive.h. */
void pwm_archive(struct pwm *pwm, struct archive *a);

#endif
