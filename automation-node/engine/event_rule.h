/*
 * "When this happens, and if that holds, do these steps." A trigger is a condition that becomes
 * true, a time, or the start. What already holds when it is first known does not fire: nothing
 * happened. One exception: a `for` that becomes due later does, because time has passed.
 *
 * Each run is a walk through the steps (script.h). What happens to a trigger that comes while one
 * is under way is the mode:
 *
 *   single     it is dropped, and counted
 *   restart    the old run is stopped, a new one begins
 *   queued     it waits; beyond `max` runs, the active one included, it is dropped
 *   parallel   another run begins; beyond `max` it is dropped
 */
#ifndef EDGE_AUTOMATION_ENGINE_EVENT_RULE_H
#define EDGE_AUTOMATION_ENGINE_EVENT_RULE_H

#include "automation-node/engine/script.h"
#include "automation-node/engine/timetable.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

#define EVENT_RULE_RUNS_MAX 32

enum rule_mode {
    RULE_SINGLE,
    RULE_RESTART,
    RULE_QUEUED,
    RULE_PARALLEL
};

struct event_rule_options {
    const char *id;                           /* copied; the source is "rule:<id>" */
    const struct expression *const *triggers; /* each fires when it becomes true; all borrowed */
    size_t trigger_count;
    const struct time_trigger *times; /* borrowed */
    size_t time_count;
    bool catches_up; /* a time that the clock jumped over is due */
    bool at_start;
    const struct expression *condition; /* must be true for a run to begin; NULL = none */
    struct script script;               /* its steps are borrowed */
    enum rule_mode mode;
    size_t max; /* 1 to EVENT_RULE_RUNS_MAX; 1 for single and restart */
    bool enabled;
};

struct event_rule_stats {
    uint64_t triggers; /* = runs + dropped + prevented + waiting */
    uint64_t runs;     /* that began */
    uint64_t dropped;
    uint64_t prevented; /* the condition did not hold */
    size_t waiting;
    size_t active;
};

/* A run that is over. */
struct run_report {
    const struct run *run;
    enum run_result result;
};

struct event_rule;

/* -EINVAL, -ENAMETOOLONG or -ENOMEM. */
EDGE_MUST_CHECK int event_rule_new(const struct event_rule_options *options, int64_t now_us,
                                   struct event_rule **ret);
void event_rule_free(struct event_rule *rule);

/* Looks at everything: an input changed, time has passed, or, with `start`, the engine starts. */
void event_rule_evaluate(struct event_rule *rule, const struct expression_view *view,
                         const struct script_host *host, bool start);

void event_rule_set_clock(struct event_rule *rule, const struct expression_view *view,
                          const struct script_host *host);

/* Disabled it stops what is under way; enabled it starts as if it had just been made. */
void event_rule_enable(struct event_rule *rule, bool enabled, const struct expression_view *view);

/* Something happened that the rule cannot see itself, and `trigger` says what: its condition
 * counts. Or, with NULL, a person asks for a run, whatever the condition. The mode counts. -EPERM
 * if it is disabled. */
EDGE_MUST_CHECK int event_rule_run(struct event_rule *rule, const struct expression_view *view,
                                   const struct script_host *host, const char *trigger);

/* When it wants to be evaluated though no input changes; DEADLINE_NONE if never. */
int64_t event_rule_next_deadline(const struct event_rule *rule);

/* A run that is over, each once; valid until the next call that changes the rule. One that is not
 * taken gives way to a new run. */
EDGE_MUST_CHECK bool event_rule_take_report(struct event_rule *rule, struct run_report *ret);

/* True once after anything that event_rule_stats() or event_rule_reason() tell has changed. */
EDGE_MUST_CHECK bool event_rule_take_news(struct event_rule *rule);

struct event_rule_stats event_rule_stats(const struct event_rule *rule);
bool event_rule_is_enabled(const struct event_rule *rule);

/* Why it ran last, or why it did not; `ret_last_us` is when it began its last run, INT64_MIN =
 * never. */
const char *event_rule_reason(const struct event_rule *rule, int64_t *ret_last_us);

#endif
