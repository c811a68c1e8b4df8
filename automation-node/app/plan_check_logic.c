/* Conditions that say nothing, rules that fight, inputs that nobody reads, alarms that nobody
 * raises or clears. */
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

const struct rule_config *plan_check_rule(const struct plan_checker *c, size_t rule)
{
    return &c->root->rules[c->plan->config_rules[rule]];
}

const void *plan_check_level(const struct plan_checker *c, size_t rule)
{
    const struct rule_config *config = plan_check_rule(c, rule);
    return config->while_ != NULL ? &config->while_ : &config->input;
}

static void check_conditions(struct plan_checker *c)
{
    const struct engine_options *engine = &c->plan->engine;
    for (size_t i = 0; i < engine->rule_count; i++) {
        check_condition(c, plan_check_level(c, i), engine->rules[i].rule.condition);
    }
    for (size_t i = 0; i < engine->event_count; i++) {
        const struct event_rule_options *event = &engine->events[i];
        const struct rule_config *config = plan_check_rule(c, engine->rule_count + i);
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
        config_report(c->config, plan_check_rule(c, second), c->d, SEVERITY_WARNING,
                      "rule '%s' never has its way with '%s': rule '%s' comes before it and always "
                      "wants something - leave out its 'otherwise', or join the two",
                      b->rule.id, b->device, a->rule.id);
    } else if (!want_the_same(&a->rule, &b->rule) &&
               expression_can_meet(a->rule.condition, b->rule.condition, c->ranges)) {
        config_report(c->config, plan_check_rule(c, second), c->d, SEVERITY_WARNING,
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

/* The places of the devices that a controller drives; the second is NULL, but for a climate. */
struct driven {
    const char *const *devices[CLIMATE_SIDES];
};

static struct driven driven_by(const struct node_config *root, size_t controller)
{
    if (controller < root->thermostat_count) {
        return (struct driven){{&root->thermostats[controller].device}};
    }
    controller -= root->thermostat_count;
    if (controller < root->controller_count) {
        return (struct driven){{&root->controllers[controller].device}};
    }
    const struct climate_config *climate = &root->climates[controller - root->controller_count];
    return (struct driven){{&climate->heat.device, &climate->cool.device}};
}

/* Where the one drives a device that the other does, too; NULL if nowhere. */
static const char *const *shared_device(const struct driven *a, const struct driven *b)
{
    for (size_t i = 0; i < CLIMATE_SIDES && a->devices[i] != NULL; i++) {
        for (size_t j = 0; j < CLIMATE_SIDES && b->devices[j] != NULL; j++) {
            if (strcmp(*a->devices[i], *b->devices[j]) == 0) {
                return a->devices[i];
            }
        }
    }
    return NULL;
}

static void check_controllers(struct plan_checker *c)
{
    const struct node_config *root = c->root;
    size_t count = root->thermostat_count + root->controller_count + root->climate_count;
    for (size_t i = 0; i < count; i++) {
        const struct driven own = driven_by(root, i);
        for (size_t j = 0; j < i; j++) {
            const struct driven other = driven_by(root, j);
            const char *const *place = shared_device(&own, &other);
            if (place != NULL) {
                config_report(c->config, place, c->d, SEVERITY_WARNING,
                              "two controllers drive '%s': the first of them wins as long as it "
                              "is not off",
                              *place);
            }
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
    for (size_t i = 0; i < engine->climate_count; i++) {
        if (strcmp(engine->climates[i].input, name) == 0) {
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

/* ---- alarms ------------------------------------------------------------------------------ */

static bool has_step(const struct plan_checker *c, enum step_kind kind, size_t alarm)
{
    const struct engine_options *engine = &c->plan->engine;
    for (size_t i = 0; i < engine->event_count; i++) {
        const struct script *script = &engine->events[i].script;
        for (size_t j = 0; j < script->count; j++) {
            if (script->steps[j].kind == kind && script->steps[j].alarm == alarm) {
                return true;
            }
        }
    }
    return false;
}

static void check_alarm(struct plan_checker *c, size_t index)
{
    const struct engine_alarm *alarm = &c->plan->engine.alarms[index];
    bool raised = has_step(c, STEP_RAISE, index);
    if (alarm->device == NULL && !(raised && has_step(c, STEP_CLEAR, index))) {
        config_report(c->config, c->plan->alarm_places[index], c->d, SEVERITY_WARNING,
                      "no rule %s alarm '%s'", raised ? "clears" : "raises", alarm->id);
    }
}

static void check_alarms(struct plan_checker *c)
{
    for (size_t i = 0; i < c->plan->engine.alarm_count; i++) {
        check_alarm(c, i);
    }
}

void plan_check_logic(struct plan_checker *c)
{
    check_conditions(c);
    check_rules(c);
    check_controllers(c);
    check_inputs(c);
    check_alarms(c);
}
