/* Rules that end themselves, and rules that answer each other for ever: each drives a device whose
 * feedback the next one reads. */
#include "automation-node/app/cycle_graph.h"
#include "automation-node/app/plan_check_parts.h"
#include "automation-node/expression/line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- a rule and itself ------------------------------------------------------------------- */

static size_t device_of(const struct plan_checker *c, const char *name)
{
    for (size_t i = 0; i < c->root->device_count; i++) {
        if (strcmp(c->root->devices[i].name, name) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static bool reads(const struct plan_checker *c, const struct expression *condition, size_t device)
{
    size_t count;
    const size_t *inputs = expression_inputs(condition, &count);
    bool has_feedback = c->plan->engine.devices[device].feedback != NULL;
    for (size_t i = 0; has_feedback && i < count; i++) {
        if (inputs[i] == c->plan->feedbacks[device]) {
            return true;
        }
    }
    return false;
}

/* Whether the condition can hold while the device shows that value. */
static bool can_hold_at(const struct plan_checker *c, const struct expression *condition,
                        size_t device, const struct value *value)
{
    const struct domain *domain = &c->plan->engine.devices[device].device.domain;
    struct expression_range *range = &c->ranges[c->plan->feedbacks[device]];
    const struct expression_range before = *range;
    struct value shown = *value;
    for (size_t i = 0; i < domain->label_count; i++) {
        if (value_equal(&domain->labels[i].value, value) &&
            domain->labels[i].feedback.kind != VALUE_NONE) {
            shown = domain->labels[i].feedback;
        }
    }
    *range = shown.kind == VALUE_NUMBER
                 ? (struct expression_range){.has_numbers = true,
                                             .low = shown.number - domain->tolerance,
                                             .high = shown.number + domain->tolerance}
                 : (struct expression_range){.labels = &shown, .label_count = 1};
    bool can_hold = expression_possible(condition, c->ranges).can_hold;
    *range = before;
    return can_hold;
}

/* What it wants makes an end of why it wants it, at once, and so again and again. */
static void check_self(struct plan_checker *c, size_t rule)
{
    const struct engine_rule *planned = &c->plan->engine.rules[rule];
    const struct expression *condition = planned->rule.condition;
    size_t device = device_of(c, planned->device);
    if (condition != NULL && device != SIZE_MAX && reads(c, condition, device) &&
        !expression_is_damped(condition) && expression_possible(condition, c->ranges).can_hold &&
        !can_hold_at(c, condition, device, &planned->rule.when_true)) {
        config_report(c->config, plan_check_level(c, rule), c->d, SEVERITY_WARNING,
                      "rule '%s' ends itself: once '%s' shows what it wants, it does not hold any "
                      "more - it will switch for ever",
                      planned->rule.id, planned->device);
    }
}

/* ---- rules and each other ---------------------------------------------------------------- */

/* Nodes are the rules as the engine counts them, those of events too, then the devices. */
struct answers {
    struct plan_checker *c;
    struct cycle_graph *graph;
    bool *shows; /* by input: it is the feedback of the device at hand, or is derived from it */
    int result;
};

static size_t rule_count(const struct plan_checker *c)
{
    return c->plan->engine.rule_count + c->plan->engine.event_count;
}

static void lead(struct answers *a, size_t from, size_t to)
{
    a->result = a->result == 0 ? cycle_graph_add(a->graph, from, to) : a->result;
}

/* What takes time breaks a cycle. */
static bool answers_at_once(const struct answers *a, const struct expression *condition)
{
    size_t count = 0;
    const size_t *inputs = NULL;
    if (condition != NULL && !expression_is_damped(condition)) {
        inputs = expression_inputs(condition, &count);
    }
    for (size_t i = 0; i < count; i++) {
        if (a->shows[inputs[i]]) {
            return true;
        }
    }
    return false;
}

static bool takes_time(const struct script *script)
{
    for (size_t i = 0; i < script->count; i++) {
        enum step_kind kind = script->steps[i].kind;
        if (kind == STEP_DELAY || kind == STEP_WAIT) {
            return true;
        }
    }
    return false;
}

static bool is_triggered(const struct answers *a, const struct event_rule_options *event)
{
    bool triggered = false;
    for (size_t i = 0; i < event->trigger_count; i++) {
        triggered = triggered || answers_at_once(a, event->triggers[i]);
    }
    return triggered && !takes_time(&event->script);
}

/* Sources of a derived input come before it. */
static void note_feedback(struct answers *a, size_t device)
{
    const struct engine_options *engine = &a->c->plan->engine;
    memset(a->shows, 0, engine->input_count * sizeof(*a->shows));
    a->shows[a->c->plan->feedbacks[device]] = true;
    for (size_t i = 0; i < engine->derived_count; i++) {
        const struct engine_derived *derived = &engine->derived[i];
        for (size_t j = 0; j < derived->derived.source_count; j++) {
            if (a->shows[derived->derived.sources[j]]) {
                a->shows[derived->input] = true;
            }
        }
    }
}

static void add_readers(struct answers *a, size_t device)
{
    const struct engine_options *engine = &a->c->plan->engine;
    if (engine->devices[device].feedback == NULL) {
        return;
    }
    note_feedback(a, device);
    for (size_t i = 0; i < engine->rule_count; i++) {
        if (answers_at_once(a, engine->rules[i].rule.condition)) {
            lead(a, rule_count(a->c) + device, i);
        }
    }
    for (size_t i = 0; i < engine->event_count; i++) {
        if (is_triggered(a, &engine->events[i])) {
            lead(a, rule_count(a->c) + device, engine->rule_count + i);
        }
    }
}

static void add_drivers(struct answers *a)
{
    const struct engine_options *engine = &a->c->plan->engine;
    for (size_t i = 0; i < engine->rule_count; i++) {
        size_t device = device_of(a->c, engine->rules[i].device);
        if (device != SIZE_MAX) {
            lead(a, i, rule_count(a->c) + device);
        }
    }
    for (size_t i = 0; i < engine->event_count; i++) {
        const struct script *script = &engine->events[i].script;
        for (size_t j = 0; j < script->count; j++) {
            if (script->steps[j].kind == STEP_SET) {
                lead(a, engine->rule_count + i, rule_count(a->c) + script->steps[j].device);
            }
        }
    }
}

static const char *rule_name(const struct plan_checker *c, size_t rule)
{
    return plan_check_rule(c, rule)->name;
}

/* The first node is a rule: they have the lower numbers. */
static void on_cycle(void *context, const size_t *nodes, size_t count)
{
    struct plan_checker *c = ((const struct answers *)context)->c;
    char names[DIAGNOSTIC_MESSAGE_MAX_BYTES / 2];
    char ways[DIAGNOSTIC_MESSAGE_MAX_BYTES];
    struct line line = line_begin(names, sizeof(names));
    size_t last = 0;
    for (size_t i = 0; i < count; i += 2) {
        const char *before = i == 0 ? "" : i + 2 == count ? " and " : ", ";
        line_printf(&line, "%s'%s'", before, rule_name(c, nodes[i]));
        last = nodes[i] > last ? nodes[i] : last;
    }
    line = line_begin(ways, sizeof(ways));
    for (size_t i = 0; i < count; i += 2) {
        line_printf(&line, "%s'%s' drives '%s', which '%s' reads", i == 0 ? "" : "; ",
                    rule_name(c, nodes[i]), c->root->devices[nodes[i + 1] - rule_count(c)].name,
                    rule_name(c, nodes[(i + 2) % count]));
    }
    config_report(c->config, plan_check_rule(c, last), c->d, SEVERITY_WARNING,
                  "rules %s answer each other: %s - give one of them a 'for'", names, ways);
}

/* Two rules and two devices at least: what a rule does to itself is told apart. */
static int check_answers(struct plan_checker *c)
{
    struct answers answers = {.c = c};
    const struct engine_options *engine = &c->plan->engine;
    int r = cycle_graph_new(rule_count(c) + engine->device_count, &answers.graph);
    if (r < 0) {
        return r;
    }
    answers.shows = calloc(engine->input_count + 1, sizeof(*answers.shows));
    answers.result = answers.shows != NULL ? 0 : -ENOMEM;
    add_drivers(&answers);
    for (size_t i = 0; answers.result == 0 && i < engine->device_count; i++) {
        add_readers(&answers, i);
    }
    if (answers.result == 0) {
        answers.result = cycle_graph_each(answers.graph, 4, on_cycle, &answers);
    }
    cycle_graph_free(answers.graph);
    free(answers.shows);
    return answers.result;
}

int plan_check_cycles(struct plan_checker *c)
{
    for (size_t i = 0; i < c->plan->engine.rule_count; i++) {
        check_self(c, i);
    }
    return check_answers(c);
}
