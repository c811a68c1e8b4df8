#include "automation-node/app/plan_sources.h"
#include "automation-node/app/plan_steps.h"

#include <errno.h>
#include <string.h>

#define CONDITION_MAX_BYTES 512

/* "temperature > 25 °C hysteresis 1 °C for 2s": what the keys of a threshold come to. */
static char *threshold_text(struct planner *p, const struct rule_config *config)
{
    struct buf text;
    buf_init(&text, CONDITION_MAX_BYTES);
    buf_printf(&text, "%s %c ", config->input, config->above != NULL ? '>' : '<');
    quantity_format(config->above != NULL ? config->above : config->below, &text);
    if (config->hysteresis.value > 0) {
        buf_puts(&text, " hysteresis ");
        quantity_format(&config->hysteresis, &text);
    }
    if (config->for_us > 0) {
        buf_puts(&text, " for ");
        quantity_format_duration(config->for_us, &text);
    }
    char *copy = buf_ok(&text) ? arena_copy(&p->plan->arena, text.data, text.length) : NULL;
    buf_deinit(&text);
    return copy;
}

/* NULL with a complaint, or with -ENOMEM in *ret_result. */
static const struct expression *threshold(struct planner *p, const struct rule_config *config,
                                          int *ret_result)
{
    if (config->input == NULL || (config->above != NULL) == (config->below != NULL)) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "rule '%s' needs 'while', or 'input' with one of above and below",
                      config->name);
        return NULL;
    }
    size_t errors = diagnostics_count(p->d, SEVERITY_ERROR);
    const struct input_config *input = planner_input_at(p, planner_find_input(p, &config->input));
    (void)planner_in_unit_of(p, config->above != NULL ? config->above : config->below, input,
                             false);
    (void)planner_width_of(p, &config->hysteresis, input);
    if (diagnostics_count(p->d, SEVERITY_ERROR) > errors) {
        return NULL;
    }
    const char *text = threshold_text(p, config);
    if (text == NULL) {
        *ret_result = -ENOMEM;
        return NULL;
    }
    return planner_condition(p, &config->input, text, ret_result);
}

static const struct expression *rule_condition(struct planner *p, const struct rule_config *config,
                                               int *ret_result)
{
    if (config->while_ == NULL) {
        return threshold(p, config, ret_result);
    }
    if (config->input != NULL || config->above != NULL || config->below != NULL ||
        config->for_us > 0 || config->hysteresis.value != 0) {
        config_report(p->config, &config->while_, p->d, SEVERITY_ERROR,
                      "'while' says all - leave out input, above, below, hysteresis and for");
    }
    return planner_condition(p, &config->while_, config->while_, ret_result);
}

static int plan_level(struct planner *p, const struct rule_config *config, struct engine_rule *rule)
{
    int r = 0;
    size_t device = PLANNER_NONE;
    if (config->device == NULL || config->value == NULL) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "rule '%s' needs 'device' and 'value', or 'do'", config->name);
    } else {
        device = planner_find_device(p, &config->device);
    }
    *rule = (struct engine_rule){
        .rule = {.id = config->name,
                 .condition = rule_condition(p, config, &r),
                 .when_true = planner_wanted(p, &config->value, device),
                 .when_false = planner_wanted(p, &config->otherwise, device),
                 .enabled = config->enabled},
        .device = config->device != NULL ? config->device : "",
    };
    const struct expression *condition = rule->rule.condition;
    if (condition != NULL && expression_is_pulse(condition)) {
        config_report(p->config, &config->while_, p->d, SEVERITY_ERROR,
                      "what 'changed' says holds for an instant only - write 'changed within', or "
                      "'when' and 'do'");
    }
    return r;
}

static size_t count_events(const struct node_config *root)
{
    size_t count = 0;
    for (size_t i = 0; i < root->rule_count; i++) {
        count += root->rules[i].do_count > 0 ? 1 : 0;
    }
    return count;
}

static int plan_all(struct planner *p, struct engine_rule *levels,
                    struct event_rule_options *events)
{
    struct engine_options *engine = &p->plan->engine;
    size_t level_count = p->root->rule_count - count_events(p->root);
    for (size_t i = 0; i < p->root->rule_count; i++) {
        const struct rule_config *config = &p->root->rules[i];
        bool is_event = config->do_count > 0;
        size_t number = is_event ? level_count + engine->event_count : engine->rule_count;
        int r = is_event ? planner_event(p, config, &events[engine->event_count++])
                         : plan_level(p, config, &levels[engine->rule_count++]);
        if (r == 0) {
            r = planner_messages(p, config, number);
        }
        p->plan->engine_rules[i] = number;
        p->plan->config_rules[number] = i;
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int planner_rules(struct planner *p)
{
    struct node_plan *plan = p->plan;
    size_t count = p->root->rule_count;
    struct engine_rule *levels = arena_alloc(&plan->arena, count, sizeof(*levels));
    struct event_rule_options *events = arena_alloc(&plan->arena, count, sizeof(*events));
    plan->engine_rules = arena_alloc(&plan->arena, count, sizeof(*plan->engine_rules));
    plan->config_rules = arena_alloc(&plan->arena, count, sizeof(*plan->config_rules));
    if (levels == NULL || events == NULL || plan->engine_rules == NULL ||
        plan->config_rules == NULL) {
        return -ENOMEM;
    }
    plan->engine.rules = levels;
    plan->engine.events = events;
    return plan_all(p, levels, events);
}
