#include "automation-node/engine/pid.h"

#include "automation-node/engine/clamp.h"
#include "automation-node/engine/pid_impl.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PERIODS_MAX 3

static bool tuning_is_valid(const struct pid_options *o)
{
    const struct pid_tuning_options *t = &o->tuning;
    bool finite = isfinite(t->amplitude) && isfinite(t->hysteresis) && isfinite(t->max_deviation);
    return !t->enabled ||
           (finite && t->amplitude > 2 * o->step && t->amplitude <= (o->max - o->min) / 2 &&
            t->hysteresis > 0 && t->max_deviation > t->hysteresis && t->timeout_us > 0);
}

static bool are_valid(const struct pid_options *o)
{
    bool finite = isfinite(o->setpoint) && isfinite(o->kp) && isfinite(o->ki) && isfinite(o->kd) &&
                  isfinite(o->min) && isfinite(o->max) && isfinite(o->step);
    return finite && tuning_is_valid(o) && o->kp >= 0 && o->ki >= 0 && o->kd >= 0 &&
           o->min < o->max && o->step >= 0 && o->period_us > 0;
}

int pid_new(const struct pid_options *options, struct pid **ret)
{
    char id[NAME_SIZE];
    int r = name_copy(options->id, sizeof(id), id);
    if (r < 0) {
        return r;
    }
    if (!are_valid(options)) {
        return -EINVAL;
    }
    struct pid *pid = calloc(1, sizeof(*pid));
    if (pid == NULL) {
        return -ENOMEM;
    }
    pid->options = *options;
    pid->options.id = NULL;
    pid_tune_init(pid);
    pid->manual_output = options->min;
    pid->blind = true;
    struct cause *cause = &pid->proposal.cause;
    (void)snprintf(cause->source, sizeof(cause->source), "controller:%s", id);
    cause_explain(cause, "not evaluated yet");
    *ret = pid;
    return 0;
}

void pid_free(struct pid *pid)
{
    free(pid);
}

int pid_set_setpoint(struct pid *pid, double setpoint)
{
    if (!isfinite(setpoint)) {
        return -EINVAL;
    }
    if (setpoint != pid->options.setpoint) {
        pid_tune_end(pid, TUNING_SETPOINT_CHANGED);
    }
    pid->options.setpoint = setpoint;
    pid->outdated = true;
    return 0;
}

int pid_set_output(struct pid *pid, double output)
{
    if (!(output >= pid->options.min && output <= pid->options.max)) {
        return -EINVAL;
    }
    pid->manual_output = output;
    return 0;
}

void pid_set_mode(struct pid *pid, enum pid_mode mode)
{
    if (mode != PID_AUTO) {
        pid_tune_end(pid, TUNING_MODE_CHANGED);
    }
    pid->options.mode = mode;
}

double pid_error(const struct pid *pid, double value)
{
    double error = pid->options.setpoint - value;
    return pid->options.cools ? -error : error;
}

void pid_follow(struct pid *pid, double output)
{
    struct pid_terms *t = &pid->terms;
    t->i = clamp(output - t->p, pid->options.min, pid->options.max);
    t->d = 0;
    t->output = output;
}

/* Towards the inside it may always move: only what would push the output further beyond a limit is
 * left out. */
static void integrate(struct pid *pid, double error, double dt_s)
{
    const struct pid_options *o = &pid->options;
    double wanted = pid->terms.p + pid->terms.i + pid->terms.d;
    bool pushes_out = (wanted >= o->max && error > 0) || (wanted <= o->min && error < 0);
    if (!pushes_out) {
        pid->terms.i = clamp(pid->terms.i + pid->gains.ki * error * dt_s, o->min, o->max);
    }
}

/* Without time between two readings the slope stays what it was. */
static void differentiate(struct pid *pid, double value, double dt_s)
{
    if (dt_s > 0) {
        double slope = (value - pid->reading) / dt_s;
        pid->terms.d = pid->gains.kd * (pid->options.cools ? slope : -slope) + 0.0;
    }
}

/* Seconds since the last reading; 0 where it is the first, or too long ago. */
static double elapsed_s(const struct pid *pid, const struct input *input)
{
    int64_t dt_us = input->good_us - pid->reading_us;
    bool known = pid->has_reading && dt_us > 0 && dt_us <= PERIODS_MAX * pid->options.period_us;
    return known ? (double)dt_us / 1e6 : 0;
}

void pid_note_reading(struct pid *pid, const struct input *input)
{
    pid->outdated = false;
    pid->resumed = false;
    pid->has_reading = true;
    pid->reading = input->value.number;
    pid->reading_us = input->good_us;
    pid->reading_seq = input->seq;
}

static void compute(struct pid *pid, const struct input *input, const struct value *actual,
                    bool in_charge)
{
    const struct pid_options *o = &pid->options;
    struct pid_terms *t = &pid->terms;
    double value = input->value.number;
    double error = pid_error(pid, value);
    double dt_s = elapsed_s(pid, input);
    bool first = !pid->has_reading && !pid->resumed;
    t->p = pid->gains.kp * error;
    if ((!in_charge || first) && actual->kind == VALUE_NUMBER) {
        pid_follow(pid, clamp(actual->number, o->min, o->max));
    } else if (in_charge) {
        differentiate(pid, value, dt_s);
        integrate(pid, error, dt_s);
    } else {
        t->d = 0;
    }
    t->output = clamp(t->p + t->i + t->d, o->min, o->max);
    pid_note_reading(pid, input);
}

bool pid_has_new_reading(const struct pid *pid, const struct input *input)
{
    return pid->outdated || !pid->has_reading || input->good_us != pid->reading_us ||
           input->seq != pid->reading_seq;
}

bool pid_propose(struct pid *pid, double output)
{
    struct value *proposed = &pid->proposal.value;
    double moved = fabs(output - proposed->number);
    bool at_limit = output == pid->options.min || output == pid->options.max;
    if (proposed->kind == VALUE_NUMBER &&
        (moved == 0 || (moved < pid->options.step && !at_limit))) {
        return false;
    }
    *proposed = value_number(output);
    return true;
}

static bool propose_computed(struct pid *pid, const struct input *input)
{
    if (!pid_propose(pid, pid->terms.output)) {
        return false;
    }
    const char *space = input->unit[0] != '\0' ? " " : "";
    struct cause *cause = &pid->proposal.cause;
    cause_note_reading(cause, input);
    cause_explain(cause, "%s is %.6g%s%s, setpoint %.6g%s%s: P %.4g, I %.4g, D %.4g", input->id,
                  input->value.number, space, input->unit, pid->options.setpoint, space,
                  input->unit, pid->terms.p, pid->terms.i, pid->terms.d);
    return true;
}

static bool keep_off(struct pid *pid)
{
    bool changed = pid->proposal.value.kind != VALUE_NONE;
    pid->proposal.value = (struct value){.kind = VALUE_NONE};
    pid->has_reading = false;
    cause_explain(&pid->proposal.cause, "mode is off");
    return changed;
}

static bool propose_manual(struct pid *pid)
{
    pid->has_reading = false;
    cause_explain(&pid->proposal.cause, "mode is manual");
    bool same = pid->proposal.value.kind == VALUE_NUMBER &&
                pid->proposal.value.number == pid->manual_output;
    pid->proposal.value = value_number(pid->manual_output);
    pid->terms.output = pid->manual_output;
    return !same;
}

bool pid_evaluate(struct pid *pid, const struct input *input, const struct value *actual,
                  bool in_charge, int64_t now_us)
{
    double value;
    enum input_trust trust = input_number(input, now_us, &value);
    pid->blind = trust == INPUT_LOST;
    switch (pid->options.mode) {
    case PID_OFF:
        return keep_off(pid);
    case PID_MANUAL:
        return propose_manual(pid);
    case PID_AUTO:
        break;
    }
    bool changed = false;
    if (pid->tuning.state == TUNING_RUNNING) {
        changed = pid_tune_evaluate(pid, input, trust, in_charge, now_us);
        if (pid->tuning.state == TUNING_RUNNING) {
            return changed;
        }
    }
    if (trust != INPUT_GOOD) {
        pid->has_reading = pid->has_reading && trust == INPUT_HELD;
        return changed;
    }
    if (pid_has_new_reading(pid, input)) {
        compute(pid, input, actual, in_charge);
    }
    return propose_computed(pid, input) || changed;
}

const struct proposal *pid_proposal(const struct pid *pid)
{
    return &pid->proposal;
}

struct pid_terms pid_terms(const struct pid *pid)
{
    return pid->terms;
}

enum pid_mode pid_mode(const struct pid *pid)
{
    return pid->options.mode;
}

double pid_setpoint(const struct pid *pid)
{
    return pid->options.setpoint;
}

bool pid_is_blind(const struct pid *pid)
{
    return pid->blind;
}
