#include "automation-node/engine/thermostat.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct thermostat {
    enum thermostat_mode mode;
    double setpoint;
    double below;
    double above;
    struct value on_value;
    struct value off_value;
    enum thermostat_state state;
    struct proposal proposal;
};

static bool is_span(double number)
{
    return isfinite(number) && number >= 0;
}

int thermostat_new(const struct thermostat_options *options, struct thermostat **ret)
{
    char id[NAME_SIZE];
    int r = name_copy(options->id, sizeof(id), id);
    if (r < 0) {
        return r;
    }
    if (!is_span(options->below) || !is_span(options->above) ||
        options->on_value.kind == VALUE_NONE || options->off_value.kind == VALUE_NONE) {
        return -EINVAL;
    }
    struct thermostat *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return -ENOMEM;
    }
    r = thermostat_set(t, options->mode, options->setpoint);
    if (r < 0) {
        thermostat_free(t);
        return r;
    }
    t->below = options->below;
    t->above = options->above;
    t->on_value = options->on_value;
    t->off_value = options->off_value;
    struct cause *cause = &t->proposal.cause;
    (void)snprintf(cause->source, sizeof(cause->source), "controller:%s", id);
    cause_explain(cause, "mode is off");
    *ret = t;
    return 0;
}

void thermostat_free(struct thermostat *thermostat)
{
    free(thermostat);
}

int thermostat_set(struct thermostat *thermostat, enum thermostat_mode mode, double setpoint)
{
    if (!isfinite(setpoint)) {
        return -EINVAL;
    }
    if (mode != thermostat->mode) {
        /* "Calling" for heat is no reason to cool: the new mode starts afresh. */
        thermostat->state = THERMOSTAT_STATE_OFF;
    }
    thermostat->mode = mode;
    thermostat->setpoint = setpoint;
    return 0;
}

/* Where the present activity would change over: the edge of the band it runs towards. */
static double switching_point(const struct thermostat *t, bool calling)
{
    bool towards_above = (t->mode == THERMOSTAT_HEAT) == calling;
    return towards_above ? t->setpoint + t->above : t->setpoint - t->below;
}

static bool calls(const struct thermostat *t, double value)
{
    bool calling = t->state == THERMOSTAT_STATE_CALLING;
    double at = switching_point(t, calling);
    /* It starts strictly outside the band, so that a band of no width does not chatter. */
    if (t->mode == THERMOSTAT_HEAT) {
        return value < at;
    }
    return value > at;
}

static enum thermostat_state next_state(const struct thermostat *t, const struct input *input,
                                        int64_t now_us)
{
    if (t->mode == THERMOSTAT_OFF) {
        return THERMOSTAT_STATE_OFF;
    }
    double value;
    switch (input_number(input, now_us, &value)) {
    case INPUT_LOST:
        return THERMOSTAT_STATE_BLIND;
    case INPUT_HELD:
        return t->state == THERMOSTAT_STATE_OFF ? THERMOSTAT_STATE_BLIND : t->state;
    case INPUT_GOOD:
        break;
    }
    return calls(t, value) ? THERMOSTAT_STATE_CALLING : THERMOSTAT_STATE_SATISFIED;
}

/* "temperature 18.9 °C is below 19.5 °C (setpoint 20 °C)" */
static void explain_value(const struct thermostat *t, const struct input *input, bool calling,
                          struct cause *cause)
{
    bool heat = t->mode == THERMOSTAT_HEAT;
    double at = switching_point(t, !calling);
    double value = input->value.number;
    if (!calling && (heat ? value < at : value > at)) {
        at = t->setpoint; /* entered the band from off or blind: satisfied without crossing it */
    }
    const char *relation = value < at ? "below" : value > at ? "above" : "at";
    const char *space = input->unit[0] != '\0' ? " " : "";
    cause_explain(cause, "%s %.6g%s%s is %s %.6g%s%s (setpoint %.6g%s%s)", input->id, value, space,
                  input->unit, relation, at, space, input->unit, t->setpoint, space, input->unit);
}

static struct value value_in(const struct thermostat *t)
{
    switch (t->state) {
    case THERMOSTAT_STATE_BLIND:
    case THERMOSTAT_STATE_SATISFIED:
        return t->off_value;
    case THERMOSTAT_STATE_CALLING:
        return t->on_value;
    case THERMOSTAT_STATE_OFF:
    case THERMOSTAT_STATE_COUNT:
        break;
    }
    return (struct value){.kind = VALUE_NONE};
}

static struct proposal propose(const struct thermostat *t, const struct input *input,
                               int64_t now_us)
{
    struct proposal proposal = t->proposal;
    cause_note_reading(&proposal.cause, input);
    proposal.value = value_in(t);
    switch (t->state) {
    case THERMOSTAT_STATE_COUNT:
    case THERMOSTAT_STATE_OFF:
        cause_explain(&proposal.cause, "mode is off");
        break;
    case THERMOSTAT_STATE_BLIND:
        input_explain(input, now_us, proposal.cause.reason, sizeof(proposal.cause.reason));
        break;
    case THERMOSTAT_STATE_SATISFIED:
        explain_value(t, input, false, &proposal.cause);
        break;
    case THERMOSTAT_STATE_CALLING:
        explain_value(t, input, true, &proposal.cause);
        break;
    }
    return proposal;
}

bool thermostat_evaluate(struct thermostat *thermostat, const struct input *input, int64_t now_us)
{
    struct thermostat *t = thermostat;
    enum thermostat_state before = t->state;
    t->state = next_state(t, input, now_us);
    bool same_state = t->state == before;
    if (same_state && t->state != THERMOSTAT_STATE_OFF) {
        return false;
    }
    struct proposal next = propose(t, input, now_us);
    bool changed = !value_equal(&next.value, &t->proposal.value) || !same_state;
    t->proposal = next;
    return changed;
}

void thermostat_archive(struct thermostat *thermostat, struct archive *a)
{
    struct thermostat *t = thermostat;
    t->mode = (enum thermostat_mode)archive_choice(a, "mode", (int)t->mode, THERMOSTAT_MODE_COUNT);
    archive_double(a, "setpoint", &t->setpoint);
    t->state =
        (enum thermostat_state)archive_choice(a, "state", (int)t->state, THERMOSTAT_STATE_COUNT);
    cause_archive(&t->proposal.cause, a);
    t->proposal.value = value_in(t);
}

enum thermostat_mode thermostat_mode(const struct thermostat *thermostat)
{
    return thermostat->mode;
}

double thermostat_setpoint(const struct thermostat *thermostat)
{
    return thermostat->setpoint;
}

const struct proposal *thermostat_proposal(const struct thermostat *thermostat)
{
    return &thermostat->proposal;
}

bool thermostat_turns_at(const struct thermostat *thermostat, double *ret_at, bool *ret_upwards)
{
    bool calling = thermostat->state == THERMOSTAT_STATE_CALLING;
    if (!calling && thermostat->state != THERMOSTAT_STATE_SATISFIED) {
        return false;
    }
    *ret_upwards = (thermostat->mode == THERMOSTAT_HEAT) == calling;
    *ret_at = switching_point(thermostat, calling);
    return true;
}

const struct value *thermostat_value(const struct thermostat *thermostat, bool calling)
{
    return calling ? &thermostat->on_value : &thermostat->off_value;
}

enum thermostat_state thermostat_state(const struct thermostat *thermostat)
{
    return thermostat->state;
}

const char *thermostat_state_name(enum thermostat_state state)
{
    static const char *const names[] = {
        [THERMOSTAT_STATE_OFF] = "off",
        [THERMOSTAT_STATE_BLIND] = "blind",
        [THERMOSTAT_STATE_SATISFIED] = "satisfied",
        [THERMOSTAT_STATE_CALLING] = "calling",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == THERMOSTAT_STATE_COUNT,
                   "a name for each state");
    return names[state];
}
