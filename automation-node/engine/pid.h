/*
 * A PID controller: one numeric input, one set point, a device that takes numbers.
 *
 *   off      proposes nothing, so that others may have the device
 *   blind    the input is lost: what it proposed is frozen, so that the fail-safe value is the only
 *            thing that changes
 *   auto     output = P + I + D, within the limits
 *   manual   proposes what a person has set
 *
 * It computes once per reading. The integral stands still unless the controller is in auto, sees a
 * good reading, and its output is really what the device is told; at a limit it still moves back.
 * Where somebody else has the device it follows the actual value, so that it takes over without a
 * bump; where that is no number the integral stands still. D is the slope of the input, not of the
 * error, so that a new set point is no kick. Times between readings are taken for no more than
 * three periods: after a gap nobody knows what happened.
 */
#ifndef EDGE_AUTOMATION_ENGINE_PID_H
#define EDGE_AUTOMATION_ENGINE_PID_H

#include "automation-node/engine/proposal.h"
#include "automation-node/engine/tuning_rule.h"
#include "automation-node/input/input.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

enum pid_mode {
    PID_OFF,
    PID_AUTO,
    PID_MANUAL
};

/* How it may find its gains by itself: see pid_tune.h and relay_feedback.h. */
struct pid_tuning_options {
    bool enabled;         /* else the rest is ignored */
    double amplitude;     /* of the output; > 2 steps, half of its range at most */
    double hysteresis;    /* in the unit of the input; > 0 */
    double max_deviation; /* from the set point; > hysteresis */
    int64_t timeout_us;   /* > 0 */
    enum tuning_rule rule;
    bool apply; /* what was found is used at once */
};

struct pid_options {
    const char *id; /* copied; the source is "controller:<id>" */
    enum pid_mode mode;
    double setpoint; /* in the unit of the input */
    double kp;       /* output per unit of the input, not negative, as the others */
    double ki;       /* the same per second */
    double kd;       /* the same times seconds */
    bool cools;      /* more output makes the input fall */
    double min;      /* limits of the output */
    double max;
    double step;       /* an output that moves by less is not proposed; not negative */
    int64_t period_us; /* expected between two readings, > 0 */
    struct pid_tuning_options tuning;
};

struct pid_terms {
    double p;
    double i;
    double d;
    double output; /* their sum, within the limits */
};

struct pid;

/* -EINVAL (no id, numbers that are not finite or not in order), -ENAMETOOLONG or -ENOMEM. */
EDGE_MUST_CHECK int pid_new(const struct pid_options *options, struct pid **ret);
void pid_free(struct pid *pid);

/* All take effect at the next evaluation. -EINVAL for a number that is not finite, or an output
 * beyond the limits. */
EDGE_MUST_CHECK int pid_set_setpoint(struct pid *pid, double setpoint);
EDGE_MUST_CHECK int pid_set_output(struct pid *pid, double output); /* for mode manual */
void pid_set_mode(struct pid *pid, enum pid_mode mode);

/* `actual` is what the device is told now, by whomever; VALUE_NONE = nothing yet. `in_charge`: it
 * is this controller's doing. True when the proposal changed. */
bool pid_evaluate(struct pid *pid, const struct input *input, const struct value *actual,
                  bool in_charge, int64_t now_us);

const struct proposal *pid_proposal(const struct pid *pid);
struct pid_terms pid_terms(const struct pid *pid);
enum pid_mode pid_mode(const struct pid *pid);
double pid_setpoint(const struct pid *pid);
bool pid_is_blind(const struct pid *pid);

#endif
