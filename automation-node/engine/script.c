#include "automation-node/engine/script.h"

#include "automation-node/input/deadline.h"

#include <errno.h>
#include <string.h>

static bool needs_condition(enum step_kind kind)
{
    return kind == STEP_WAIT || kind == STEP_JUMP_UNLESS;
}

int script_check(const struct script *script)
{
    for (size_t i = 0; i < script->count; i++) {
        const struct step *step = &script->steps[i];
        if (step->span_us < 0 || step->target > script->count ||
            step->counter >= SCRIPT_COUNTERS_MAX ||
            needs_condition(step->kind) != (step->condition != NULL)) {
            return -EINVAL;
        }
    }
    return 0;
}

size_t script_slot_count(const struct script *script)
{
    size_t most = 0;
    for (size_t i = 0; i < script->count; i++) {
        const struct expression *condition = script->steps[i].condition;
        size_t count = condition != NULL ? expression_slot_count(condition) : 0;
        most = count > most ? count : most;
    }
    return most;
}

void run_begin(struct run *run, const struct cause *cause, int64_t now_us)
{
    struct expression_slot *slots = run->slots;
    *run = (struct run){
        .cause = *cause, .began_us = now_us, .deadline_us = DEADLINE_NONE, .slots = slots};
}

/* What a step gives to the run. */
enum progress {
    GOES_ON, /* with the next step, which the step has set */
    WAITS,
    ENDS_LATE
};

struct stage {
    struct run *run;
    const struct expression_view *view;
    const struct script_host *host;
};

static void record(struct run *run, enum step_outcome outcome, int64_t now_us)
{
    if (run->traced < SCRIPT_TRACE_MAX) {
        run->trace[run->traced] = (struct step_record){run->step, outcome, now_us};
    }
    run->traced++;
}

static enum progress next(const struct stage *s, enum step_outcome outcome)
{
    record(s->run, outcome, s->view->now_us);
    s->run->step++;
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

/* Begins to wait in this step; false if it does already. */
static bool begin_waiting(const struct stage *s, const struct step *step)
{
    struct run *run = s->run;
    if (run->waits) {
        return false;
    }
    run->waits = true;
    run->until_us = step->kind == STEP_DELAY || step->span_us > 0
                        ? deadline_after(s->view->now_us, step->span_us)
                        : DEADLINE_NONE;
    if (step->condition != NULL) {
        memset(run->slots, 0, expression_slot_count(step->condition) * sizeof(run->slots[0]));
    }
    record(run, STEP_WAITS, s->view->now_us);
    return true;
}

static enum progress step_delay(const struct stage *s, const struct step *step)
{
    (void)begin_waiting(s, step);
    s->run->deadline_us = s->run->until_us;
    return s->view->now_us >= s->run->until_us ? next(s, STEP_DONE) : WAITS;
}

/* What changed before the waiting began is not what is waited for. */
static enum progress step_wait(const struct stage *s, const struct step *step)
{
    struct expression_view view = *s->view;
    view.changed = begin_waiting(s, step) ? EXPRESSION_NO_INPUT : view.changed;
    struct expression_result result = expression_evaluate(step->condition, s->run->slots, &view);
    if (result.truth == TRUTH_TRUE) {
        return next(s, STEP_DONE);
    }
    if (view.now_us < s->run->until_us) {
        s->run->deadline_us = deadline_earlier(s->run->until_us, result.next_us);
        return WAITS;
    }
    (void)next(s, STEP_TIMED_OUT);
    return step->stops ? ENDS_LATE : GOES_ON;
}

static enum progress step_jump(const struct stage *s, const struct step *step)
{
    s->run->step = step->target;
    return GOES_ON;
}

static enum progress step_jump_unless(const struct stage *s, const struct step *step)
{
    static const enum step_outcome outcomes[] = {
        [TRUTH_FALSE] = STEP_FALSE, [TRUTH_TRUE] = STEP_TRUE, [TRUTH_UNKNOWN] = STEP_UNKNOWN};
    memset(s->run->slots, 0, expression_slot_count(step->condition) * sizeof(s->run->slots[0]));
    struct expression_result result = expression_evaluate(step->condition, s->run->slots, s->view);
    (void)next(s, outcomes[result.truth]);
    s->run->step = result.truth == TRUTH_TRUE ? s->run->step : step->target;
    return GOES_ON;
}

static enum progress step_repeat(const struct stage *s, const struct step *step)
{
    size_t *counter = &s->run->counters[step->counter];
    if (*counter < step->count) {
        (*counter)++;
        s->run->step++;
    } else {
        *counter = 0;
        s->run->step = step->target;
    }
    return GOES_ON;
}

static enum progress (*const kinds[])(const struct stage *s, const struct step *step) = {
    [STEP_SET] = step_set,       [STEP_RELEASE] = step_release,         [STEP_DELAY] = step_delay,
    [STEP_WAIT] = step_wait,     [STEP_PUBLISH] = step_publish,         [STEP_JUMP] = step_jump,
    [STEP_REPEAT] = step_repeat, [STEP_JUMP_UNLESS] = step_jump_unless,
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == STEP_KIND_COUNT, "each step is done");

enum run_result run_advance(struct run *run, const struct script *script,
                            const struct expression_view *view, const struct script_host *host)
{
    const struct stage stage = {run, view, host};
    for (int i = 0; i < SCRIPT_STEPS_MAX; i++) {
        run->deadline_us = DEADLINE_NONE;
        if (run->step >= script->count) {
            return RUN_DONE;
        }
        size_t before = run->step;
        enum progress progress = kinds[script->steps[before].kind](&stage, &script->steps[before]);
        if (progress == WAITS) {
            return RUN_WAITS;
        }
        run->waits = false;
        if (progress == ENDS_LATE) {
            return RUN_TIMED_OUT;
        }
    }
    return RUN_ENDLESS;
}

static void archive_trace(struct run *run, const struct script *script, struct archive *a)
{
    archive_index(a, "traced", &run->traced, SIZE_MAX / 2);
    size_t count = run->traced < SCRIPT_TRACE_MAX ? run->traced : SCRIPT_TRACE_MAX;
    for (size_t i = 0; i < count; i++) {
        struct step_record *record = &run->trace[i];
        size_t mark = archive_enter(a, "trace", i);
        archive_index(a, "step", &record->step, script->count);
        record->outcome = (enum step_outcome)archive_choice(a, "outcome", (int)record->outcome,
                                                            STEP_OUTCOME_COUNT);
        archive_time(a, "at", &record->at_us);
        archive_leave(a, mark);
    }
}

void run_archive(struct run *run, const struct script *script, struct archive *a)
{
    cause_archive(&run->cause, a);
    archive_time(a, "began_at", &run->began_us);
    archive_index(a, "step", &run->step, script->count + 1);
    archive_flag(a, "waits", &run->waits);
    archive_time(a, "until", &run->until_us);
    archive_time(a, "due_at", &run->deadline_us);
    for (size_t i = 0; i < SCRIPT_COUNTERS_MAX; i++) {
        size_t mark = archive_enter(a, "loop", i);
        archive_index(a, "count", &run->counters[i], SIZE_MAX / 2);
        archive_leave(a, mark);
    }
    const struct step *step = run->step < script->count ? &script->steps[run->step] : NULL;
    if (step != NULL && step->condition != NULL) {
        expression_archive(step->condition, run->slots, a);
    }
    archive_trace(run, script, a);
}

const char *step_kind_name(enum step_kind kind)
{
    static const char *const names[] = {
        [STEP_SET] = "set",       [STEP_RELEASE] = "release", [STEP_DELAY] = "delay",
        [STEP_WAIT] = "wait",     [STEP_PUBLISH] = "publish", [STEP_JUMP] = "jump",
        [STEP_REPEAT] = "repeat", [STEP_JUMP_UNLESS] = "if",
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
