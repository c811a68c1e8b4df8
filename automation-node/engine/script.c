#include "automation-node/engine/script.h"

#include "automation-node/input/deadline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool needs_condition(enum step_kind kind)
{
    return kind == STEP_WAIT || kind == STEP_JUMP_UNLESS;
}

int script_check(const struct script *script)
{
    bool taken[SCRIPT_BRANCHES_MAX + 1] = {true};
    for (size_t i = 0; i < script->count; i++) {
        const struct step *step = &script->steps[i];
        if (step->span_us < 0 || step->target > script->count ||
            step->counter >= SCRIPT_COUNTERS_MAX ||
            needs_condition(step->kind) != (step->condition != NULL)) {
            return -EINVAL;
        }
        if (step->kind != STEP_FORK) {
            continue;
        }
        if (step->branch > SCRIPT_BRANCHES_MAX || taken[step->branch]) {
            return -EINVAL;
        }
        taken[step->branch] = true;
    }
    return 0;
}

static size_t branch_count(const struct script *script)
{
    size_t highest = 0;
    for (size_t i = 0; i < script->count; i++) {
        const struct step *step = &script->steps[i];
        highest = step->kind == STEP_FORK && step->branch > highest ? step->branch : highest;
    }
    return highest + 1;
}

/* Of one branch: it waits for one condition at a time. */
static size_t slot_count(const struct script *script)
{
    size_t most = 0;
    for (size_t i = 0; i < script->count; i++) {
        const struct expression *condition = script->steps[i].condition;
        size_t count = condition != NULL ? expression_slot_count(condition) : 0;
        most = count > most ? count : most;
    }
    return most;
}

int run_init(struct run *run, const struct script *script)
{
    size_t count = branch_count(script);
    size_t slots = slot_count(script);
    *run = (struct run){.branches = calloc(count, sizeof(*run->branches)),
                        .branch_count = count,
                        .slots = calloc(count * slots + 1, sizeof(*run->slots))};
    if (run->branches == NULL || run->slots == NULL) {
        run_deinit(run);
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        run->branches[i].slots = &run->slots[i * slots];
    }
    return 0;
}

void run_deinit(struct run *run)
{
    free(run->branches);
    free(run->slots);
    *run = (struct run){0};
}

static void begin_branch(struct branch *branch, size_t parent, size_t step)
{
    *branch = (struct branch){.active = true,
                              .parent = parent,
                              .step = step,
                              .deadline_us = DEADLINE_NONE,
                              .slots = branch->slots};
}

void run_begin(struct run *run, const struct cause *cause, int64_t now_us)
{
    run->cause = *cause;
    run->began_us = now_us;
    run->deadline_us = DEADLINE_NONE;
    run->traced = 0;
    memset(run->counters, 0, sizeof(run->counters));
    begin_branch(&run->branches[0], 0, 0);
    for (size_t i = 1; i < run->branch_count; i++) {
        run->branches[i].active = false;
    }
}

/* What a step gives to the run. */
enum progress {
    GOES_ON, /* with the next step, which the step has set */
    WAITS,
    ENDS,     /* the branch */
    ENDS_LATE /* the run */
};

struct stage {
    struct run *run;
    struct branch *branch; /* whose turn it is */
    bool *looked_at;       /* by branch: it has had its turn */
    const struct expression_view *view;
    const struct script_host *host;
};

static size_t branch_number(const struct stage *s)
{
    return (size_t)(s->branch - s->run->branches);
}

static void record(const struct stage *s, enum step_outcome outcome)
{
    struct run *run = s->run;
    if (run->traced < SCRIPT_TRACE_MAX) {
        run->trace[run->traced] = (struct step_record){.step = s->branch->step,
                                                       .branch = branch_number(s),
                                                       .outcome = outcome,
                                                       .at_us = s->view->now_us};
    }
    run->traced++;
}

static enum progress next(const struct stage *s, enum step_outcome outcome)
{
    record(s, outcome);
    s->branch->step++;
    return GOES_ON;
}

static enum progress step_set(const struct stage *s, const struct step *step)
{
    int64_t until_us =
        step->span_us > 0 ? deadline_after(s->view->now_us, step->span_us) : DEADLINE_NONE;
    bool taken = s->host->set(s->host->context, step, &s->run->cause, until_us);
    return next(s, taken ? STEP_DONE : STEP_REFUSED);
}

static enum progress step_release(const struct stage *s, const struct step *step)
{
    s->host->release(s->host->context, step->device);
    return next(s, STEP_DONE);
}

static enum progress step_publish(const struct stage *s, const struct step *step)
{
    return next(s, s->host->publish(s->host->context, step->message) ? STEP_DONE : STEP_REFUSED);
}

static enum progress step_alarm(const struct stage *s, const struct step *step)
{
    s->host->alarm(s->host->context, step, &s->run->cause);
    return next(s, STEP_DONE);
}

static void clear_slots(const struct stage *s, const struct step *step)
{
    if (step->condition != NULL) {
        memset(s->branch->slots, 0,
               expression_slot_count(step->condition) * sizeof(s->branch->slots[0]));
    }
}

/* Begins to wait in this step; false if it does already. */
static bool begin_waiting(const struct stage *s, const struct step *step)
{
    struct branch *branch = s->branch;
    if (branch->waits) {
        return false;
    }
    branch->waits = true;
    branch->until_us = step->kind == STEP_DELAY || step->span_us > 0
                           ? deadline_after(s->view->now_us, step->span_us)
                           : DEADLINE_NONE;
    clear_slots(s, step);
    record(s, STEP_WAITS);
    return true;
}

static enum progress step_delay(const struct stage *s, const struct step *step)
{
    (void)begin_waiting(s, step);
    s->branch->deadline_us = s->branch->until_us;
    return s->view->now_us >= s->branch->until_us ? next(s, STEP_DONE) : WAITS;
}

/* What changed before the waiting began is not what is waited for. */
static enum progress step_wait(const struct stage *s, const struct step *step)
{
    struct expression_view view = *s->view;
    view.changed = begin_waiting(s, step) ? EXPRESSION_NO_INPUT : view.changed;
    struct expression_result result = expression_evaluate(step->condition, s->branch->slots, &view);
    if (result.truth == TRUTH_TRUE) {
        return next(s, STEP_DONE);
    }
    if (view.now_us < s->branch->until_us) {
        s->branch->deadline_us = deadline_earlier(s->branch->until_us, result.next_us);
        return WAITS;
    }
    (void)next(s, STEP_TIMED_OUT);
    return step->stops ? ENDS_LATE : GOES_ON;
}

static enum progress step_jump(const struct stage *s, const struct step *step)
{
    s->branch->step = step->target;
    return GOES_ON;
}

static enum progress step_jump_unless(const struct stage *s, const struct step *step)
{
    static const enum step_outcome outcomes[] = {
        [TRUTH_FALSE] = STEP_FALSE, [TRUTH_TRUE] = STEP_TRUE, [TRUTH_UNKNOWN] = STEP_UNKNOWN};
    clear_slots(s, step);
    struct expression_result result =
        expression_evaluate(step->condition, s->branch->slots, s->view);
    (void)next(s, outcomes[result.truth]);
    s->branch->step = result.truth == TRUTH_TRUE ? s->branch->step : step->target;
    return GOES_ON;
}

static enum progress step_repeat(const struct stage *s, const struct step *step)
{
    size_t *counter = &s->run->counters[step->counter];
    if (*counter < step->count) {
        (*counter)++;
        s->branch->step++;
    } else {
        *counter = 0;
        s->branch->step = step->target;
    }
    return GOES_ON;
}

static enum progress step_fork(const struct stage *s, const struct step *step)
{
    begin_branch(&s->run->branches[step->branch], branch_number(s), step->target);
    s->looked_at[step->branch] = false;
    s->branch->step++;
    return GOES_ON;
}

/* Whether one that this branch has sent off is under way. */
static bool has_branches(const struct run *run, size_t number)
{
    for (size_t i = number + 1; i < run->branch_count; i++) {
        if (run->branches[i].active && run->branches[i].parent == number) {
            return true;
        }
    }
    return false;
}

static enum progress step_join(const struct stage *s, const struct step *step)
{
    (void)begin_waiting(s, step);
    if (has_branches(s->run, branch_number(s))) {
        return WAITS;
    }
    record(s, STEP_DONE);
    s->branch->step = step->target;
    return GOES_ON;
}

static enum progress step_end(const struct stage *s, const struct step *step)
{
    (void)s;
    (void)step;
    return ENDS;
}

static enum progress (*const kinds[])(const struct stage *s, const struct step *step) = {
    [STEP_SET] = step_set,         [STEP_RELEASE] = step_release,
    [STEP_DELAY] = step_delay,     [STEP_WAIT] = step_wait,
    [STEP_PUBLISH] = step_publish, [STEP_JUMP] = step_jump,
    [STEP_REPEAT] = step_repeat,   [STEP_JUMP_UNLESS] = step_jump_unless,
    [STEP_FORK] = step_fork,       [STEP_JOIN] = step_join,
    [STEP_END] = step_end,         [STEP_RAISE] = step_alarm,
    [STEP_CLEAR] = step_alarm,
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == STEP_KIND_COUNT, "each step is done");

/* Until it waits or is over; `steps` is what the run may still do at once. */
static enum progress walk(const struct stage *s, const struct script *script, int *steps)
{
    struct branch *branch = s->branch;
    for (; *steps > 0; (*steps)--) {
        branch->deadline_us = DEADLINE_NONE;
        if (branch->step >= script->count) {
            return ENDS;
        }
        const struct step *step = &script->steps[branch->step];
        enum progress progress = kinds[step->kind](s, step);
        if (progress != GOES_ON) {
            return progress;
        }
        branch->waits = false;
    }
    return GOES_ON;
}

static bool joins(const struct run *run, const struct script *script, size_t number)
{
    const struct branch *branch = &run->branches[number];
    return branch->step < script->count && script->steps[branch->step].kind == STEP_JOIN &&
           !has_branches(run, number);
}

/* Whose turn it is: who had none yet, then who waited for branches that are over meanwhile; NULL
 * when all wait. */
static struct branch *next_branch(struct run *run, const struct script *script,
                                  const bool *looked_at)
{
    for (size_t i = 0; i < run->branch_count; i++) {
        if (run->branches[i].active && !looked_at[i]) {
            return &run->branches[i];
        }
    }
    for (size_t i = run->branch_count; i > 0; i--) {
        if (run->branches[i - 1].active && joins(run, script, i - 1)) {
            return &run->branches[i - 1];
        }
    }
    return NULL;
}

static void note_deadline(struct run *run)
{
    run->deadline_us = DEADLINE_NONE;
    for (size_t i = 0; i < run->branch_count; i++) {
        if (run->branches[i].active) {
            run->deadline_us = deadline_earlier(run->deadline_us, run->branches[i].deadline_us);
        }
    }
}

enum run_result run_advance(struct run *run, const struct script *script,
                            const struct expression_view *view, const struct script_host *host)
{
    bool looked_at[SCRIPT_BRANCHES_MAX + 1] = {false};
    struct stage stage = {run, NULL, looked_at, view, host};
    int steps = SCRIPT_STEPS_MAX;
    while ((stage.branch = next_branch(run, script, looked_at)) != NULL) {
        looked_at[branch_number(&stage)] = true;
        enum progress progress = walk(&stage, script, &steps);
        if (progress == ENDS_LATE) {
            return RUN_TIMED_OUT;
        }
        if (progress == GOES_ON) {
            return RUN_ENDLESS;
        }
        stage.branch->active = progress == WAITS;
    }
    note_deadline(run);
    return run->branches[0].active ? RUN_WAITS : RUN_DONE;
}

static void archive_trace(struct run *run, const struct script *script, struct archive *a)
{
    archive_index(a, "traced", &run->traced, SIZE_MAX / 2);
    size_t count = run->traced < SCRIPT_TRACE_MAX ? run->traced : SCRIPT_TRACE_MAX;
    for (size_t i = 0; i < count; i++) {
        struct step_record *record = &run->trace[i];
        size_t mark = archive_enter(a, "trace", i);
        archive_index(a, "step", &record->step, script->count);
        archive_index(a, "branch", &record->branch, SCRIPT_BRANCHES_MAX + 1);
        record->outcome = (enum step_outcome)archive_choice(a, "outcome", (int)record->outcome,
                                                            STEP_OUTCOME_COUNT);
        archive_time(a, "at", &record->at_us);
        archive_leave(a, mark);
    }
}

static void archive_branch(struct branch *branch, const struct script *script, struct archive *a)
{
    archive_index(a, "step", &branch->step, script->count + 1);
    archive_flag(a, "waits", &branch->waits);
    archive_time(a, "until", &branch->until_us);
    archive_time(a, "due_at", &branch->deadline_us);
    const struct step *step = branch->step < script->count ? &script->steps[branch->step] : NULL;
    if (step != NULL && step->condition != NULL) {
        expression_archive(step->condition, branch->slots, a);
    }
}

/* The run's own branch is always under way; the keys of the others have their number. */
static void archive_branches(struct run *run, const struct script *script, struct archive *a)
{
    run->branches[0].active = true;
    archive_branch(&run->branches[0], script, a);
    for (size_t i = 1; i < run->branch_count; i++) {
        struct branch *branch = &run->branches[i];
        if (a->mode == ARCHIVE_SAVE && !branch->active) {
            continue;
        }
        size_t mark = archive_enter(a, "branch", i);
        archive_flag(a, "active", &branch->active);
        archive_index(a, "parent", &branch->parent, i);
        archive_branch(branch, script, a);
        archive_leave(a, mark);
    }
}

void run_archive(struct run *run, const struct script *script, struct archive *a)
{
    cause_archive(&run->cause, a);
    archive_time(a, "began_at", &run->began_us);
    for (size_t i = 0; i < SCRIPT_COUNTERS_MAX; i++) {
        size_t mark = archive_enter(a, "loop", i);
        archive_index(a, "count", &run->counters[i], SIZE_MAX / 2);
        archive_leave(a, mark);
    }
    archive_branches(run, script, a);
    archive_trace(run, script, a);
    note_deadline(run);
}

const char *step_kind_name(enum step_kind kind)
{
    static const char *const names[] = {
        [STEP_SET] = "set",       [STEP_RELEASE] = "release", [STEP_DELAY] = "delay",
        [STEP_WAIT] = "wait",     [STEP_PUBLISH] = "publish", [STEP_JUMP] = "jump",
        [STEP_REPEAT] = "repeat", [STEP_JUMP_UNLESS] = "if",  [STEP_FORK] = "branch",
        [STEP_JOIN] = "parallel", [STEP_END] = "end",         [STEP_RAISE] = "raise",
        [STEP_CLEAR] = "clear",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == STEP_KIND_COUNT, "a name for each step");
    return names[kind];
}

const char *step_outcome_name(enum step_outcome outcome)
{
    static const char *const names[] = {
        [STEP_DONE] = "done",       [STEP_WAITS] = "waits", [STEP_TIMED_OUT] = "timed_out",
        [STEP_TRUE] = "true",       [STEP_FALSE] = "false", [STEP_UNKNOWN] = "unknown",
        [STEP_REFUSED] = "refused",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == STEP_OUTCOME_COUNT,
                   "a name for each outcome");
    return names[outcome];
}

const char *run_result_name(enum run_result result)
{
    static const char *const names[] = {
        [RUN_WAITS] = "waits",     [RUN_DONE] = "done",       [RUN_TIMED_OUT] = "timed_out",
        [RUN_ENDLESS] = "endless", [RUN_STOPPED] = "stopped",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == RUN_RESULT_COUNT, "a name for each result");
    return names[result];
}
