/* The inside of a PID controller, for pid*.c only. */
#ifndef EDGE_AUTOMATION_ENGINE_PID_IMPL_H
#define EDGE_AUTOMATION_ENGINE_PID_IMPL_H

#include "automation-node/engine/pid.h"
#include "automation-node/engine/pid_tune.h"
#include "automation-node/engine/relay_feedback.h"

struct tuning {
    enum tuning_state state;
    struct relay_feedback relay;
    struct pid_terms before; /* while it runs: what it goes back to */
    struct relay_result found;
    bool adopted; /* the gains in force are not the configured ones */
};

struct pid {
    struct pid_options options; /* without the id; the gains as configured */
    struct pid_gains gains;     /* in force */
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
    struct tuning tuning;
};

/* --- pid.c --- */

/* Set point minus value, or the other way round where it cools. */
double pid_error(const struct pid *pid, double value);

/* The integral with which the output would be `output`. */
void pid_follow(struct pid *pid, double output);

void pid_note_reading(struct pid *pid, const struct input *input);
bool pid_has_new_reading(const struct pid *pid, const struct input *input);

/* True if that moves the proposal by a step or more, or to a limit. */
bool pid_propose(struct pid *pid, double output);

/* --- pid_tune.c --- */

/* While it is tuned: instead of computing. True when the proposal changed. */
bool pid_tune_evaluate(struct pid *pid, const struct input *input, enum input_trust trust,
                       bool in_charge, int64_t now_us);

/* The configured gains. */
void pid_tune_init(struct pid *pid);

/* After it was loaded. */
void pid_tune_resume(struct pid *pid);

/* Ends it, if it runs; the terms are as before. */
void pid_tune_end(struct pid *pid, enum tuning_state why);

#endif
