#include "automation-node/engine/pid_archive.h"

#include "automation-node/engine/clamp.h"
#include "automation-node/engine/pid_impl.h"
#include "automation-node/input/input_archive.h"

#include <math.h>

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

static void archive_terms(struct pid_terms *t, struct archive *a)
{
    archive_double(a, "p", &t->p);
    archive_double(a, "i", &t->i);
    archive_double(a, "d", &t->d);
    archive_double(a, "output", &t->output);
}

static bool is_positive(double number)
{
    return isfinite(number) && number > 0;
}

/* Gains are not stored: they follow from what was found. */
static void archive_tuning(struct pid *pid, struct archive *a)
{
    struct tuning *t = &pid->tuning;
    t->state = (enum tuning_state)archive_choice(a, "state", (int)t->state, TUNING_STATE_COUNT);
    archive_double(a, "ultimate_gain", &t->found.ultimate_gain);
    archive_double(a, "ultimate_period_s", &t->found.ultimate_period_s);
    archive_flag(a, "adopted", &t->adopted);
    archive_terms(&t->before, a);
    t->before.i = clamp(t->before.i, pid->options.min, pid->options.max);
    t->before.output = clamp(t->before.output, pid->options.min, pid->options.max);
    size_t mark = archive_enter(a, "relay", 0);
    relay_archive(&t->relay, a);
    archive_leave(a, mark);
    if (!is_positive(t->found.ultimate_gain) || !is_positive(t->found.ultimate_period_s)) {
        t->found = (struct relay_result){0};
    }
    pid_tune_resume(pid);
}

void pid_archive(struct pid *pid, struct archive *a)
{
    pid->options.mode =
        (enum pid_mode)archive_choice(a, "mode", (int)pid->options.mode, PID_MANUAL + 1);
    archive_double(a, "setpoint", &pid->options.setpoint);
    archive_double(a, "manual", &pid->manual_output);
    archive_flag(a, "outdated", &pid->outdated);
    archive_flag(a, "has_reading", &pid->has_reading);
    archive_time(a, "reading_at", &pid->reading_us);
    archive_u64(a, "reading_seq", &pid->reading_seq);
    archive_double(a, "reading", &pid->reading);
    archive_terms(&pid->terms, a);
    value_archive(&pid->proposal.value, a, "value");
    cause_archive(&pid->proposal.cause, a);
    bound(pid);
    if (pid->options.tuning.enabled) {
        size_t mark = archive_enter(a, "tuning", 0);
        archive_tuning(pid, a);
        archive_leave(a, mark);
    }
}

void pid_doubt(struct pid *pid, bool outdated)
{
    if (pid->tuning.state == TUNING_RUNNING) {
        pid_tune_end(pid, TUNING_RESTARTED);
        (void)pid_propose(pid, pid->terms.output);
        cause_explain(&pid->proposal.cause, "autotune is over: the node was stopped");
    }
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
