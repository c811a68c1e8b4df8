#include "automation-node/engine/pid.h"

#include "automation-node/engine/pid_archive.h"
#include "automation-node/input/input_archive.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PERIODS_MAX 3

struct pid {
    struct pid_options options; /* without the id */
    double manual_output;
    bool blind;
    bool outdated;      /* the terms: the set point is another one */
    bool resumed;       /* the integral is from before a stop, and counts */
    double marked_i;    /* see pid_drift() */
    bool has_reading;   /* the last one was good */
    int64_t reading_us; /* when it was seen */
    uint64_t reading_seq;
    double reading;
    struct pid_terms terms;
    struct proposal proposal;
};

static bool are_valid(const struct pid_options *o)
{
    bool finite = isfinite(o->setpoint) && isfinite(o->kp) && isfinite(o->ki) && isfinite(o->kd) &&
                  isfinite(o->min) && isfinite(o->max) && isfinite(o->step);
    return finite && o->kp >= 0 && o->ki >= 0 && o->kd >= 0 && o->min < o->max && o->step >= 0 &&
           o->period_us > 0;
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
    pid->options.mode = mode;
}

static double clamp(double value, double low, double high)
{
    return fmin(fmax(value, low), high);
}

static double error_of(const struct pid *pid, double value)
{
    double error = pid->options.setpoint - value;
    return pid->options.cools ? -error : error;
}

/* The integral with which the output would be `output`. */
static void follow(struct pid *pid, double output)
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
        pid->terms.i = clamp(pid->terms.i + o->ki * error * dt_s, o->min, o->max);
    }
}

/* Without time between two readings the slope stays what it was. */
static void differentiate(struct pid *pid, double value, double dt_s)
{
    if (dt_s > 0) {
        double slope = (value - pid->reading) / dt_s;
        pid->terms.d = pid->options.kd * (pid->options.cools ? slope : -slope) + 0.0;
    }
}

/* Seconds since the last reading; 0 where it is the first, or too long ago. */
static double elapsed_s(const struct pid *pid, const struct input *input)
{
    int64_t dt_us = input->good_us - pid->reading_us;
    bool known = pid->has_reading && dt_us > 0 && dt_us <= PERIODS_MAX * pid->options.period_us;
    return known ? (double)dt_us / 1e6 : 0;
}

static void compute(struct pid *pid, const struct input *input, const struct value *actual,
                    bool in_charge)
{
    const struct pid_options *o = &pid->options;
    struct pid_terms *t = &pid->terms;
    double value = input->value.number;
    double error = error_of(pid, value);
    double dt_s = elapsed_s(pid, input);
    bool first = !pid->has_reading && !pid->resumed;
    t->p = o->kp * error;
    if ((!in_charge || first) && actual->kind == VALUE_NUMBER) {
        follow(pid, clamp(actual->number, o->min, o->max));
    } else {
        differentiate(pid, value, dt_s);
        integrate(pid, error, dt_s);
    }
    t->output = clamp(t->p + t->i + t->d, o->min, o->max);
    pid->outdated = false;
    pid->resumed = false;
    pid->has_reading = true;
    pid->reading = value;
    pid->reading_us = input->good_us;
    pid->reading_seq = input->seq;
}

static bool is_new(const struct pid *pid, const struct input *input)
{
    return pid->outdated || !pid->has_reading || input->good_us != pid->reading_us ||
           input->seq != pid->reading_seq;
}

static bool propose(struct pid *pid, double output)
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
    if (!propose(pid, pid->terms.output)) {
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
    if (trust != INPUT_GOOD) {
        pid->has_reading = pid->has_reading && trust == INPUT_HELD;
        return false;
    }
    if (is_new(pid, input)) {
        compute(pid, input, actual, in_charge);
    }
    return propose_computed(pid, input);
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

/* A value that the device takes, whatever was loaded. */
static void bound(struct pid *pid)
{
    const struct pid_options *o = &pid->options;
    struct value *proposed = &pid->proposal.value;
    pid->terms.i = clamp(pid->terms.i, o->min, o->max);
    pid->terms.output = clamp(pid->terms.output, o->min, o->max);
    pid->manual_output = clamp(pid->manual_output, o->min, o->max);
    if (proposed->kind == VALUE_NUMBER) {
        *proposed = value_number(clamp(proposed->number, o->min, o->max));
    } else {
        *proposed = (struct value){.kind = VALUE_NONE};
    }
}

void pid_archive(struct pid *pid, struct archive *a)
{
    struct pid_terms *t = &pid->terms;
    pid->options.mode =
        (enum pid_mode)archive_choice(a, "mode", (int)pid->options.mode, PID_MANUAL + 1);
    archive_double(a, "setpoint", &pid->options.setpoint);
    archive_double(a, "manual", &pid->manual_output);
    archive_flag(a, "outdated", &pid->outdated);
    archive_flag(a, "has_reading", &pid->has_reading);
    archive_time(a, "reading_at", &pid->reading_us);
    archive_u64(a, "reading_seq", &pid->reading_seq);
    archive_double(a, "reading", &pid->reading);
    archive_double(a, "p", &t->p);
    archive_double(a, "i", &t->i);
    archive_double(a, "d", &t->d);
    archive_double(a, "output", &t->output);
    value_archive(&pid->proposal.value, a, "value");
    cause_archive(&pid->proposal.cause, a);
    bound(pid);
}

void pid_doubt(struct pid *pid, bool outdated)
{
    pid->resumed = pid->has_reading && !outdated;
    pid->has_reading = false;
    pid->terms.d = 0;
    if (outdated) {
        pid->terms.i = 0;
    }
}

double pid_drift(struct pid *pid, bool mark)
{
    double drift = fabs(pid->terms.i - pid->marked_i) / (pid->options.max - pid->options.min);
    pid->marked_i = mark ? pid->terms.i : pid->marked_i;
    return drift;
}
