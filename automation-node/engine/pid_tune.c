#include "automation-node/engine/pid_tune.h"

#include "automation-node/engine/pid_impl.h"
#include "automation-node/input/deadline.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>

static bool is_running(const struct pid *pid)
{
    return pid->tuning.state == TUNING_RUNNING;
}

static struct relay_options relay_options(const struct pid *pid)
{
    const struct pid_tuning_options *o = &pid->options.tuning;
    return (struct relay_options){.hysteresis = o->hysteresis,
                                  .max_deviation = o->max_deviation,
                                  .amplitude = o->amplitude,
                                  .min = pid->options.min,
                                  .max = pid->options.max,
                                  .cools = pid->options.cools,
                                  .timeout_us = o->timeout_us};
}

static struct pid_gains proposed(const struct pid *pid)
{
    const struct relay_result *found = &pid->tuning.found;
    return found->ultimate_gain > 0
               ? tuning_rule_gains(pid->options.tuning.rule, found->ultimate_gain,
                                   found->ultimate_period_s)
               : (struct pid_gains){0};
}

static void use_gains(struct pid *pid, bool adopt)
{
    const struct pid_options *o = &pid->options;
    pid->tuning.adopted = adopt;
    pid->gains = adopt ? proposed(pid) : (struct pid_gains){o->kp, o->ki, o->kd};
}

void pid_tune_init(struct pid *pid)
{
    pid->tuning.relay.options = relay_options(pid);
    use_gains(pid, false);
}

void pid_tune_resume(struct pid *pid)
{
    use_gains(pid, pid->tuning.adopted && pid->tuning.found.ultimate_gain > 0);
}

int pid_tune_start(struct pid *pid, int64_t now_us)
{
    const struct pid_options *o = &pid->options;
    if (!o->tuning.enabled) {
        return -ENOTSUP;
    }
    if (is_running(pid)) {
        return -EALREADY;
    }
    if (o->mode != PID_AUTO || pid->blind || !pid->has_reading ||
        fabs(pid_error(pid, pid->reading)) > o->tuning.max_deviation) {
        return -EAGAIN;
    }
    pid->tuning.before = pid->terms;
    pid->tuning.state = TUNING_RUNNING;
    relay_begin(&pid->tuning.relay, o->setpoint, pid->terms.output, now_us);
    (void)relay_feed(&pid->tuning.relay, pid->reading, pid->reading_us); /* it is near enough */
    return 0;
}

void pid_tune_end(struct pid *pid, enum tuning_state why)
{
    struct tuning *t = &pid->tuning;
    if (!is_running(pid)) {
        return;
    }
    t->state = why;
    pid->terms = t->before;
    pid->terms.d = 0;
    pid->outdated = true; /* P is that of another reading */
}

int pid_tune_cancel(struct pid *pid)
{
    pid_tune_end(pid, TUNING_CANCELLED);
    return pid->options.tuning.enabled ? 0 : -ENOTSUP;
}

/* The relay has found something. */
static void conclude(struct pid *pid)
{
    struct tuning *t = &pid->tuning;
    t->found = t->relay.last;
    pid_tune_end(pid, TUNING_FOUND);
    if (pid->options.tuning.apply) {
        use_gains(pid, true);
        pid->terms.p = 0;
        pid_follow(pid, t->relay.centre);
    }
}

static enum tuning_state state_after(enum relay_verdict verdict)
{
    switch (verdict) {
    case RELAY_TOO_FAR:
        return TUNING_TOO_FAR;
    case RELAY_UNSTEADY:
        return TUNING_UNSTEADY;
    case RELAY_FOUND:
        return TUNING_FOUND;
    case RELAY_GOES_ON:
        break;
    }
    return TUNING_RUNNING;
}

/* Why it goes on or ends now. */
static enum tuning_state next_state(struct pid *pid, const struct input *input,
                                    enum input_trust trust, bool in_charge, int64_t now_us)
{
    if (trust == INPUT_LOST) {
        return TUNING_STALE;
    }
    if (!in_charge) {
        return TUNING_LOST_DEVICE;
    }
    if (now_us >= pid->tuning.relay.ends_us) {
        return TUNING_TIMEOUT;
    }
    if (trust == INPUT_HELD || !pid_has_new_reading(pid, input)) {
        return TUNING_RUNNING;
    }
    pid_note_reading(pid, input);
    return state_after(relay_feed(&pid->tuning.relay, input->value.number, input->good_us));
}

static void explain(struct pid *pid, const struct input *input)
{
    const struct relay_feedback *relay = &pid->tuning.relay;
    struct cause *cause = &pid->proposal.cause;
    cause_note_reading(cause, input);
    if (is_running(pid)) {
        cause_explain(cause, "autotune, cycle %" PRIu64 ": %.4g %c %.4g; %s is %.6g, setpoint %.6g",
                      relay->cycles + 1, relay->centre, relay->above ? '+' : '-', relay->swing,
                      input->id, input->value.number, relay->setpoint);
    } else {
        cause_explain(cause, "autotune is over: %s", tuning_state_name(pid->tuning.state));
    }
}

bool pid_tune_evaluate(struct pid *pid, const struct input *input, enum input_trust trust,
                       bool in_charge, int64_t now_us)
{
    enum tuning_state next = next_state(pid, input, trust, in_charge, now_us);
    if (next == TUNING_FOUND) {
        conclude(pid);
    } else if (next != TUNING_RUNNING) {
        pid_tune_end(pid, next);
    } else {
        pid->terms.output = relay_output(&pid->tuning.relay);
    }
    if (!pid_propose(pid, pid->terms.output)) {
        return false;
    }
    explain(pid, input);
    return true;
}

int pid_tune_adopt(struct pid *pid, bool adopt)
{
    if (!pid->options.tuning.enabled) {
        return -ENOTSUP;
    }
    if (is_running(pid)) {
        return -EALREADY;
    }
    if (adopt && !(pid->tuning.found.ultimate_gain > 0)) {
        return -ENODATA;
    }
    double output = pid->terms.output;
    use_gains(pid, adopt);
    pid->terms.p = pid->has_reading ? pid->gains.kp * pid_error(pid, pid->reading) : 0;
    pid_follow(pid, output);
    return 0;
}

struct tuning_report pid_tune_report(const struct pid *pid)
{
    const struct tuning *t = &pid->tuning;
    if (!pid->options.tuning.enabled) {
        return (struct tuning_report){.enabled = false};
    }
    return (struct tuning_report){.enabled = true,
                                  .state = t->state,
                                  .cycles = is_running(pid) ? t->relay.cycles : 0,
                                  .found = t->found,
                                  .rule = pid->options.tuning.rule,
                                  .proposed = proposed(pid),
                                  .adopted = t->adopted};
}

struct pid_gains pid_gains(const struct pid *pid)
{
    return pid->gains;
}

int64_t pid_next_deadline(const struct pid *pid)
{
    return is_running(pid) ? pid->tuning.relay.ends_us : DEADLINE_NONE;
}

const char *tuning_state_name(enum tuning_state state)
{
    static const char *const names[] = {
        [TUNING_NEVER] = "never",
        [TUNING_RUNNING] = "running",
        [TUNING_FOUND] = "found",
        [TUNING_STALE] = "stale",
        [TUNING_LOST_DEVICE] = "lost_device",
        [TUNING_TOO_FAR] = "too_far",
        [TUNING_TIMEOUT] = "timeout",
        [TUNING_UNSTEADY] = "unsteady",
        [TUNING_MODE_CHANGED] = "mode_changed",
        [TUNING_SETPOINT_CHANGED] = "setpoint_changed",
        [TUNING_CANCELLED] = "cancelled",
        [TUNING_RESTARTED] = "restarted",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == TUNING_STATE_COUNT, "a name for each state");
    return names[state];
}
