/* What a rule is about, and what it would do: a part of engine_explain.h. */
#include "automation-node/engine/engine_calls.h"
#include "automation-node/engine/engine_explain.h"
#include "automation-node/engine/event_rule_inspect.h"
#include "automation-node/expression/line.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- rules ------------------------------------------------------------------------------- */

/* What the condition of a rule is now, without any effect. */
static int peek(const struct engine *engine, size_t rule, const struct expression_view *view,
                struct expression_result *ret, const struct expression **ret_condition)
{
    bool is_level = rule < engine->rule_count;
    const struct event_rule *event = is_level ? NULL : engine->events[rule - engine->rule_count];
    const struct expression *condition =
        is_level ? engine->rules[rule].condition : event_rule_condition(event);
    size_t slots = condition != NULL ? expression_slot_count(condition) : 0;
    struct expression_slot *scratch = calloc(slots + 1, sizeof(*scratch));
    if (scratch == NULL) {
        return -ENOMEM;
    }
    *ret = is_level ? level_rule_peek(engine->rules[rule].rule, view, scratch)
                    : event_rule_peek(event, view, scratch);
    *ret_condition = condition;
    free(scratch);
    return 0;
}

static void account_of_event(const struct event_rule *rule, struct line *line)
{
    struct event_rule_stats stats = event_rule_stats(rule);
    int64_t last_us;
    const char *reason = event_rule_reason(rule, &last_us);
    if (!event_rule_is_enabled(rule)) {
        line_append(line, "it is disabled");
    } else if (stats.active > 0) {
        line_append(line, "it runs: ");
        line_append(line, reason);
    } else if (stats.triggers == 0) {
        line_append(line, "nothing has triggered it yet");
    } else {
        line_append(line, "it waits for its next trigger; the last one: ");
        line_append(line, reason);
    }
}

int engine_rule_account(const struct engine *engine, size_t rule, char *text, size_t size)
{
    static const char *const words[LEVEL_STATE_COUNT] = {
        [LEVEL_DISABLED] = "it is disabled",
        [LEVEL_UNKNOWN] = "it cannot be known: ",
        [LEVEL_NO] = "it does not hold: ",
        [LEVEL_YES] = "it holds: ",
    };
    assert(rule < engine->rule_count + engine->event_count);
    struct line line = line_begin(text, size);
    if (rule >= engine->rule_count) {
        account_of_event(engine->events[rule - engine->rule_count], &line);
        return 0;
    }
    enum level_state state = level_rule_state(engine->rules[rule].rule);
    line_append(&line, words[state]);
    if (state == LEVEL_DISABLED) {
        return 0;
    }
    const struct expression_view view = engine_view(engine, EXPRESSION_NO_INPUT);
    struct expression_result result;
    const struct expression *condition;
    int r = peek(engine, rule, &view, &result, &condition);
    if (r == 0) {
        expression_explain(condition, &result, &view, text + line.length, size - line.length);
    }
    return r;
}

const struct run *engine_newest_run(const struct engine *engine, size_t rule,
                                    enum run_result *ret_result)
{
    assert(rule < engine->rule_count + engine->event_count);
    return rule >= engine->rule_count
               ? event_rule_newest_run(engine->events[rule - engine->rule_count], ret_result)
               : NULL;
}

/* ---- dry run ----------------------------------------------------------------------------- */

static bool set_nothing(void *context, const struct step *step, const struct cause *cause,
                        int64_t until_us)
{
    (void)context, (void)step, (void)cause, (void)until_us;
    return true;
}

static void release_nothing(void *context, size_t device)
{
    (void)context, (void)device;
}

static bool publish_nothing(void *context, size_t message)
{
    (void)context, (void)message;
    return true;
}

static void alarm_nobody(void *context, const struct step *step, const struct cause *cause)
{
    (void)context, (void)step, (void)cause;
}

static int walk_steps(const struct event_rule *rule, const struct expression_view *view,
                      struct engine_dry_run *ret)
{
    static const struct script_host host = {set_nothing, release_nothing, publish_nothing,
                                            alarm_nobody, NULL};
    const struct script *script = event_rule_script(rule);
    const struct cause cause = {.source = "dry_run"};
    struct run run;
    if (run_init(&run, script) < 0) {
        return -ENOMEM;
    }
    run_begin(&run, &cause, view->now_us);
    ret->result = run_advance(&run, script, view, &host);
    ret->traced = run.traced;
    memcpy(ret->trace, run.trace, sizeof(ret->trace));
    run_deinit(&run);
    return 0;
}

int engine_dry_run(const struct engine *engine, size_t rule, struct engine_dry_run *ret)
{
    assert(rule < engine->rule_count + engine->event_count);
    const struct expression_view view = engine_view(engine, EXPRESSION_NO_INPUT);
    struct expression_result result;
    const struct expression *condition;
    struct engine_dry_run dry = {0};
    int r = peek(engine, rule, &view, &result, &condition);
    if (r < 0) {
        return r;
    }
    dry.holds = result.truth;
    if (condition != NULL) {
        expression_explain(condition, &result, &view, dry.why, sizeof(dry.why));
    } else {
        (void)snprintf(dry.why, sizeof(dry.why), "it has no condition");
    }
    if (rule < engine->rule_count) {
        const struct level_rule *level = engine->rules[rule].rule;
        dry.enabled = level_rule_state(level) != LEVEL_DISABLED;
        dry.runs = dry.enabled && dry.holds == TRUTH_TRUE;
        if (dry.enabled && dry.holds != TRUTH_UNKNOWN) {
            dry.value = *level_rule_value(level, dry.holds == TRUTH_TRUE);
        }
    } else {
        const struct event_rule *event = engine->events[rule - engine->rule_count];
        dry.enabled = event_rule_is_enabled(event);
        dry.runs = dry.enabled && dry.holds == TRUTH_TRUE;
        r = walk_steps(event, &view, &dry);
    }
    if (r == 0) {
        *ret = dry;
    }
    return r;
}
