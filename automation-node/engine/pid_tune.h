/*
 * Auto-tuning of a PID controller. While it runs a relay has the output (relay_feedback.h); then
 * the terms are as they were before, or, if the gains found are adopted, such that the output goes
 * on from where the loop is at rest.
 *
 *   never -> running -> found, or one of the states after it, which say why it was given up
 *
 * It is given up as soon as the input is stale, somebody else has the device, the mode or the set
 * point is changed, the node was stopped, or a bound of relay_feedback.h is reached.
 */
#ifndef EDGE_AUTOMATION_ENGINE_PID_TUNE_H
#define EDGE_AUTOMATION_ENGINE_PID_TUNE_H

#include "automation-node/engine/pid.h"
#include "automation-node/engine/relay_feedback.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

enum tuning_state {
    TUNING_NEVER,
    TUNING_RUNNING,
    TUNING_FOUND,
    TUNING_STALE,
    TUNING_LOST_DEVICE, /* somebody else has it */
    TUNING_TOO_FAR,     /* from the set point */
    TUNING_TIMEOUT,
    TUNING_UNSTEADY,
    TUNING_MODE_CHANGED,
    TUNING_SETPOINT_CHANGED,
    TUNING_CANCELLED, /* by a person */
    TUNING_RESTARTED,
    TUNING_STATE_COUNT
};

struct tuning_report {
    bool enabled; /* else all else is empty */
    enum tuning_state state;
    uint64_t cycles;           /* that have ended, while it runs */
    struct relay_result found; /* by the last one that found something; zeros = none yet */
    enum tuning_rule rule;
    struct pid_gains proposed; /* by that rule; zeros = nothing found yet */
    bool adopted;              /* these are the gains in force */
};

/* -ENOTSUP (not enabled), -EALREADY (it runs), or -EAGAIN: not in mode auto, no good reading, or
 * too far from the set point. */
EDGE_MUST_CHECK int pid_tune_start(struct pid *pid, int64_t now_us);

/* Gives it up, if it runs. -ENOTSUP. */
EDGE_MUST_CHECK int pid_tune_cancel(struct pid *pid);

/* From now on the gains are those found, or the configured ones; the output does not jump.
 * -ENOTSUP, -EALREADY (it runs), -ENODATA (nothing was found). */
EDGE_MUST_CHECK int pid_tune_adopt(struct pid *pid, bool adopt);

struct tuning_report pid_tune_report(const struct pid *pid);
struct pid_gains pid_gains(const struct pid *pid);

/* When it has to be evaluated at the latest, reading or not; DEADLINE_NONE = never. */
int64_t pid_next_deadline(const struct pid *pid);

/* "never", "running", "found", "stale", ...: stable words for payloads. */
const char *tuning_state_name(enum tuning_state state);

#endif
