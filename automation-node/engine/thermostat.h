/*
 * A two-point controller: one numeric input, one setpoint, a device that is on or off. Minimum on
 * and off times are the arbiter's, because they protect the device against everybody.
 *
 *   off         mode is off: proposes nothing, so that others may have the device
 *   blind       the input is lost: proposes the off value, and says which input and why
 *   satisfied   proposes the off value
 *   calling     proposes the on value
 *
 *   heat: satisfied -> calling below setpoint - below; back at or above setpoint + above
 *   cool: satisfied -> calling above setpoint + above; back at or below setpoint - below
 *   From off and blind the first good value leads to satisfied, or to calling if it asks for it.
 *   A held input (input.h) changes nothing.
 */
#ifndef EDGE_AUTOMATION_ENGINE_THERMOSTAT_H
#define EDGE_AUTOMATION_ENGINE_THERMOSTAT_H

#include "automation-node/engine/proposal.h"
#include "automation-node/input/input.h"
#include "automation-node/state/archive.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

enum thermostat_mode {
    THERMOSTAT_OFF,
    THERMOSTAT_HEAT,
    THERMOSTAT_COOL,
    THERMOSTAT_MODE_COUNT
};

enum thermostat_state {
    THERMOSTAT_STATE_OFF,
    THERMOSTAT_STATE_BLIND,
    THERMOSTAT_STATE_SATISFIED,
    THERMOSTAT_STATE_CALLING,
    THERMOSTAT_STATE_COUNT
};

struct thermostat_options {
    const char *id; /* copied; the source is "controller:<id>" */
    enum thermostat_mode mode;
    double setpoint; /* in the unit of the input, as the next two */
    double below;    /* hysteresis under the setpoint, not negative */
    double above;    /* hysteresis over the setpoint, not negative */
    struct value on_value;
    struct value off_value;
};

struct thermostat;

/* -EINVAL (no id, no on or off value, a number that is not finite or negative), -ENAMETOOLONG or
 * -ENOMEM. */
EDGE_MUST_CHECK int thermostat_new(const struct thermostat_options *options,
                                   struct thermostat **ret);
void thermostat_free(struct thermostat *thermostat);

/* New mode and setpoint; takes effect at the next evaluation. -EINVAL when not finite. */
EDGE_MUST_CHECK int thermostat_set(struct thermostat *thermostat, enum thermostat_mode mode,
                                   double setpoint);

enum thermostat_mode thermostat_mode(const struct thermostat *thermostat);
double thermostat_setpoint(const struct thermostat *thermostat);

/* True when the proposal changed. */
bool thermostat_evaluate(struct thermostat *thermostat, const struct input *input, int64_t now_us);

/* The present proposal; its cause is that of the reading which led to the present state. */
const struct proposal *thermostat_proposal(const struct thermostat *thermostat);

/* Where it changes over: at `ret_at` or beyond, upwards or downwards. False while it is off or
 * blind. */
bool thermostat_turns_at(const struct thermostat *thermostat, double *ret_at, bool *ret_upwards);

/* What it proposes when it calls, and when it does not. */
const struct value *thermostat_value(const struct thermostat *thermostat, bool calling);

enum thermostat_state thermostat_state(const struct thermostat *thermostat);

/* See archive.h. */
void thermostat_archive(struct thermostat *thermostat, struct archive *a);
const char *thermostat_state_name(enum thermostat_state state);

#endif
