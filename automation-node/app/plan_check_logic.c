/* Conditions that say nothing, rules that fight, cycles, inputs that nobody reads. */
#include "automation-node/app/plan_check_parts.h"

#include <stdio.h>
#include <string.h>

/* ---- conditions -------------------------------------------------------------------------- */

static void check_condition(struct plan_checker *c, const void *where,
                            const struct expression *condition)
{
    if (condition == NULL) {
        return;
    }
    struct expression_possible possible = expression_possible(condition, c->ranges);
    if (!possible.can_hold) {
        config_report(c->config, where, c->d, SEVERITY_WARNING,
                      "this can never hold, whatever its inputs show: %s",
                      expression_text(condition));
    } else if (!possible.can_fail) {
        config_report(c->config, where, c->d, SEVERITY_WARNING,
                      "this always holds, whatever its inputs show: %s",
                      expression_text(condition));
    }
}

static const struct rule_config *config_of(const struct plan_checker *c, size_t rule)
{
    return &c->root->rules[c->plan->config_rules[rule]];
}

static const void *place_of_level(const struct plan_checker *c, size_t rule)
{
    const struct rule_config *config = config_of(c, rule);
    return config->while_ != NULL ? &config->while_ : &config->input;
}

static void check_conditions(struct plan_checker *c)
{
    const struct engine_options *engine = &c->plan->engine;
    for (size_t i = 0; i < engine->rule_count; i++) {
        check_condition(c, place_of_level(c, i), engine->rules[i].rule.condition);
    }
    for (size_t i = 0; i < engine->event_count; i++) {
        const struct event_rule_options *event = &engine->events[i];
        const struct rule_config *config = config_of(c, engine->rule_count + i);
        check_condition(c, &config->if_, event->condition);
        for (size_t j = 0; j < event->trigger_count && j < config->when_count; j++) {
            check_condition(c, &config->when[j], event->triggers[j]);
        }
    }
}

/* ---- rules that fight -------------------------------------------------------------------- */

static bool never_yields(const struct level_rule_options *rule)
{
    return rule->when_false.kind != VALUE_NONE;
}

static bool want_the_same(const struct level_rule_options *a, const struct level_rule_options *b)
{
    return value_equal(&a->when_true, &b->when_true);
}

/* Of two rules of one device the first has its way. */
static void check_pair(struct plan_checker *c, size_t first, size_t second)
{
    const struct engine_rule *a = &c->plan->engine.rules[first];
    const struct engine_rule *b = &c->plan->engine.rules[second];
    if (strcmp(a->device, b->device) != 0) {
        return;
    }
    if (never_yields(&a->rule)) {
        config_report(c->config, config_of(c, second), c->d, SEVERITY_WARNING,
                      "rule '%s' never has its way with '%s': rule '%s' comes before it and always "
                      "wants something - leave out its 'otherwise', or join the two",
                      b->rule.id, b->device, a->rule.id);
    } else if (!want_the_same(&a->rule, &b->rule) &&
               expression_can_meet(a->rule.condition, b->rule.condition, c->ranges)) {
        config_report(c->config, config_of(c, second), c->d, SEVERITY_WARNING,
                      "rules '%s' and '%s' can want different things of '%s' at once: the first "
                      "of them wins then",
                      a->rule.id, b->rule.id, b->device);
    }
}

static void check_rules(struct plan_checker *c)
{
    const struct engine_options *engine = &c->plan->engine;
    for (size_t second = 0; second < engine->rule_count; second++) {
        for (size_t first = 0; first < second; first++) {
            if (engine->rules[first].rule.condition != NULL &&
                engine->rules[second].rule.condition != NULL) {
                check_pair(c, first, second);
            }
        }
    }
}

static const char *controller_device(const struct plan_checker *c, size_t index,
                                     const char *const **ret_place)
{
    bool is_thermostat = index < c->root->thermostat_count;
    *ret_place = is_thermostat ? &c->root->thermostats[index].device
                               : &c->root->controllers[index - c->root->thermostat_count].device;
    return **ret_place;
}

static void check_controllers(struct plan_checker *c)
{
    size_t count = c->root->thermostat_count + c->root->controller_count;
    for (size_t i = 0; i < count; i++) {
        const char *const *place;
        const char *const *other;
        const char *device = controller_device(c, i, &place);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(controller_device(c, j, &other), device) == 0) {
                config_report(c->config, place, c->d, SEVERITY_WARNING,
                              "two controllers drive '%s': the first of them wins as long as it "
                              "is not off",
                              device);
            }
        }
    }
}

/* ---- cycles ------------------------------------------------------------------------------ */

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
        config_report(c->config, place_of_level(c, rule), c->d, SEVERITY_WARNING,
                      "rule '%s' ends itself: once '%s' shows what it wants, it does not hold any "
                      "more - it will switch for ever",
                      planned->rule.id, planned->device);
    }
}

/* Two rules, each of which reads what the other drives. */
static void check_mutual(struct plan_checker *c, size_t first, size_t second)
{
    const struct engine_rule *a = &c->plan->engine.rules[first];
    const struct engine_rule *b = &c->plan->engine.rules[second];
    size_t device_a = device_of(c, a->device);
    size_t device_b = device_of(c, b->device);
    if (device_a == device_b || device_a == SIZE_MAX || device_b == SIZE_MAX ||
        a->rule.condition == NULL || b->rule.condition == NULL) {
        return;
    }
    if (reads(c, a->rule.condition, device_b) && reads(c, b->rule.condition, device_a) &&
        !expression_is_damped(a->rule.condition) && !expression_is_damped(b->rule.condition)) {
        config_report(c->config, place_of_level(c, second), c->d, SEVERITY_WARNING,
                      "rules '%s' and '%s' answer each other: '%s' drives what '%s' reads, and the "
                      "other way round - give one of them a 'for'",
                      a->rule.id, b->rule.id, a->rule.id, b->rule.id);
    }
}

static void check_cycles(struct plan_checker *c)
{
    size_t count = c->plan->engine.rule_count;
    for (size_t i = 0; i < count; i++) {
        check_self(c, i);
        for (size_t j = 0; j < i; j++) {
            check_mutual(c, j, i);
        }
    }
}

/* ---- inputs ------------------------------------------------------------------------------ */

static bool has_index(const size_t *indices, size_t count, size_t index)
{
    for (size_t i = 0; i < count; i++) {
        if (indices[i] == index) {
            return true;
        }
    }
    return false;
}

static bool is_read_by_number(const struct plan_checker *c, size_t input)
{
    for (size_t i = 0; i < c->plan->expression_count; i++) {
        size_t count;
        const size_t *inputs = expression_inputs(c->plan->expressions[i], &count);
        if (has_index(inputs, count, input)) {
            return true;
        }
    }
    for (size_t i = 0; i < c->plan->engine.derived_count; i++) {
        const struct derived_options *derived = &c->plan->engine.derived[i].derived;
        if (has_index(derived->sources, derived->source_count, input)) {
            return true;
        }
    }
    return false;
}

static bool is_read(const struct plan_checker *c, size_t input)
{
    const struct engine_options *engine = &c->plan->engine;
    const char *name = engine->inputs[input].id;
    if (is_read_by_number(c, input)) {
        return true;
    }
    for (size_t i = 0; i < engine->thermostat_count; i++) {
        if (strcmp(engine->thermostats[i].input, name) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < engine->pid_count; i++) {
        if (strcmp(engine->pids[i].input, name) == 0) {
            return true;
        }
    }
    return false;
}

static void check_inputs(struct plan_checker *c)
{
    for (size_t i = 0; i < c->root->input_count; i++) {
        if (!is_read(c, i)) {
            config_report(c->config, &c->root->inputs[i], c->d, SEVERITY_WARNING,
                          "nobody reads input '%s'", c->root->inputs[i].name);
        }
    }
}

void plan_check_logic(struct plan_checker *c)
{
    check_conditions(c);
    check_rules(c);
    check_controllers(c);
    check_cycles(c);
    check_inputs(c);
}
