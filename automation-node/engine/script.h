/*
 * What a rule does, step by step, and one run through it. Steps are flat: choices and loops are
 * jumps. A run goes on until it has to wait, and never longer than SCRIPT_STEPS_MAX steps at once.
 *
 * Branches run at the same time: each STEP_FORK sends one off, STEP_JOIN waits until those that its
 * own branch has sent off are over, and STEP_END is where one is over. Branch 0 is the run's own.
 * They take turns in the order of their numbers, each until it has to wait.
 */
#ifndef EDGE_AUTOMATION_ENGINE_SCRIPT_H
#define EDGE_AUTOMATION_ENGINE_SCRIPT_H

#include "automation-node/engine/proposal.h"
#include "automation-node/expression/expression_state.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCRIPT_STEPS_MAX    1000 /* in one go: more is a loop that never waits */
#define SCRIPT_COUNTERS_MAX 8    /* loops with a count in one script */
#define SCRIPT_TRACE_MAX    16   /* steps of a run that are remembered */
#define SCRIPT_BRANCHES_MAX 32   /* in one script, beside its own */

enum step_kind {
    STEP_SET,         /* `device` shall be `value`, for `span_us` (0 = until further notice) */
    STEP_RELEASE,     /* takes back what this rule has set of `device` */
    STEP_DELAY,       /* for `span_us` */
    STEP_WAIT,        /* until `condition` holds, at most `span_us` (0 = for ever) */
    STEP_PUBLISH,     /* message `message` */
    STEP_RAISE,       /* alarm `alarm` is active, with `priority` and `text` */
    STEP_CLEAR,       /* it is no more */
    STEP_JUMP,        /* to `target` */
    STEP_JUMP_UNLESS, /* to `target` unless `condition` is true */
    STEP_REPEAT,      /* goes on `count` times, then to `target`; counts in `counter` */
    STEP_FORK,        /* branch `branch` begins at `target` */
    STEP_JOIN,        /* waits for the branches of this one, then goes to `target` */
    STEP_END,         /* this branch is over */
    STEP_KIND_COUNT
};

struct step {
    enum step_kind kind;
    size_t device;
    struct value value;
    int64_t span_us;
    const struct expression *condition; /* borrowed */
    bool stops; /* STEP_WAIT: the run ends when the time is over; else it goes on */
    size_t message;
    size_t alarm;
    int priority;
    const char *text; /* borrowed; NULL = what triggered the run */
    size_t target;    /* up to the number of steps, which is the end */
    size_t count;
    size_t counter; /* below SCRIPT_COUNTERS_MAX */
    size_t branch;  /* 1 to SCRIPT_BRANCHES_MAX, each in one STEP_FORK only */
};

enum step_outcome {
    STEP_DONE,
    STEP_WAITS,
    STEP_TIMED_OUT,
    STEP_TRUE,
    STEP_FALSE,
    STEP_UNKNOWN,
    STEP_REFUSED, /* the device does not take it, or the message has no room */
    STEP_OUTCOME_COUNT
};

enum run_result {
    RUN_WAITS,
    RUN_DONE,
    RUN_TIMED_OUT,
    RUN_ENDLESS, /* SCRIPT_STEPS_MAX steps without waiting */
    RUN_STOPPED, /* by a person, or for a newer run */
    RUN_RESULT_COUNT
};

struct script {
    const struct step *steps; /* borrowed */
    size_t count;
};

struct step_record {
    size_t step;
    size_t branch;
    enum step_outcome outcome;
    int64_t at_us;
};

/* One walk through the steps. */
struct branch {
    bool active;
    size_t parent;                 /* who waits for it; its number is lower */
    size_t step;                   /* the next one */
    bool waits;                    /* in that step, already */
    int64_t until_us;              /* the end of that waiting */
    int64_t deadline_us;           /* when it wants to go on; DEADLINE_NONE = never */
    struct expression_slot *slots; /* of the condition that it waits for */
};

struct run {
    struct cause cause; /* what triggered it */
    int64_t began_us;
    int64_t deadline_us; /* when it wants to go on; DEADLINE_NONE = never */
    size_t counters[SCRIPT_COUNTERS_MAX];
    struct branch *branches;
    size_t branch_count;
    struct expression_slot *slots; /* of all branches */
    struct step_record trace[SCRIPT_TRACE_MAX];
    size_t traced; /* may exceed SCRIPT_TRACE_MAX: what was not remembered is counted */
};

/* What steps do to the world; false when it is refused. */
struct script_host {
    bool (*set)(void *context, const struct step *step, const struct cause *cause,
                int64_t until_us);
    void (*release)(void *context, size_t device);
    bool (*publish)(void *context, size_t message);
    void (*alarm)(void *context, const struct step *step, const struct cause *cause);
    void *context;
};

/* -EINVAL: a step points nowhere, lacks its condition, has a span that is negative, or a branch
 * that another one has, too. */
EDGE_MUST_CHECK int script_check(const struct script *script);

/* Room for a run of a script that was checked. 0 or -ENOMEM. */
EDGE_MUST_CHECK int run_init(struct run *run, const struct script *script);
void run_deinit(struct run *run); /* all zero is accepted */

/* Starts at the first step. The room is kept. */
void run_begin(struct run *run, const struct cause *cause, int64_t now_us);

/* See archive.h. */
void run_archive(struct run *run, const struct script *script, struct archive *a);

enum run_result run_advance(struct run *run, const struct script *script,
                            const struct expression_view *view, const struct script_host *host);

const char *step_kind_name(enum step_kind kind);
const char *step_outcome_name(enum step_outcome outcome);
const char *run_result_name(enum run_result result);

#endif
