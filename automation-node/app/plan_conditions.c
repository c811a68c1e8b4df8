#include "automation-node/app/plan_steps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Inputs, then the names of conditions, then devices that have a feedback. */
static bool find_input(const struct planner *p, const char *name, struct expression_symbol *ret)
{
    for (size_t i = 0; i < p->root->input_count; i++) {
        if (strcmp(p->root->inputs[i].name, name) == 0) {
            *ret = (struct expression_symbol){.input = i,
                                              .unit = p->plan->scales[i].unit,
                                              .difference = p->plan->scales[i].difference,
                                              .labels = p->plan->input_labels[i],
                                              .label_count = p->root->inputs[i].label_count};
            return true;
        }
    }
    return false;
}

/* A device is what its feedback shows, by the words that people use for it. */
static bool find_device(const struct planner *p, const char *name, struct expression_symbol *ret)
{
    const struct node_plan *plan = p->plan;
    size_t feedback = p->root->input_count;
    for (size_t i = 0; i < p->root->device_count; i++) {
        bool has_feedback = plan->engine.devices[i].feedback != NULL;
        if (has_feedback && strcmp(p->root->devices[i].name, name) == 0) {
            *ret = (struct expression_symbol){
                .input = feedback,
                .labels = plan->device_labels[i],
                .label_count = plan->engine.devices[i].device.domain.label_count};
            return true;
        }
        feedback += has_feedback ? 1 : 0;
    }
    return false;
}

static bool find(void *context, const char *name, struct expression_symbol *ret)
{
    const struct planner *p = context;
    if (find_input(p, name, ret)) {
        return true;
    }
    for (size_t i = 0; i < p->root->condition_count; i++) {
        if (strcmp(p->root->conditions[i].name, name) == 0) {
            *ret = (struct expression_symbol){.text = p->root->conditions[i].value};
            return true;
        }
    }
    return find_device(p, name, ret);
}

static void suggest(void *context, struct suggest *suggest)
{
    const struct planner *p = context;
    for (size_t i = 0; i < p->root->input_count; i++) {
        suggest_offer(suggest, p->root->inputs[i].name);
    }
    for (size_t i = 0; i < p->root->condition_count; i++) {
        suggest_offer(suggest, p->root->conditions[i].name);
    }
    for (size_t i = 0; i < p->root->device_count; i++) {
        if (p->plan->engine.devices[i].feedback != NULL) {
            suggest_offer(suggest, p->root->devices[i].name);
        }
    }
}

/* The plan owns what was compiled. */
static int keep(struct node_plan *plan, struct expression *expression)
{
    struct expression **grown =
        reallocarray(plan->expressions, plan->expression_count + 1, sizeof(*grown));
    if (grown == NULL) {
        expression_free(expression);
        return -ENOMEM;
    }
    plan->expressions = grown;
    plan->expressions[plan->expression_count++] = expression;
    return 0;
}

const struct expression *planner_condition(struct planner *p, const char *const *field,
                                           const char *text, int *ret_result)
{
    const struct expression_scope scope = {find, suggest, p, p->plan->calendar.has_place};
    struct expression *expression = NULL;
    struct expression_fault fault;
    int r = expression_compile(text, &scope, &expression, &fault);
    if (r == 0) {
        r = keep(p->plan, expression);
    }
    if (r == -EINVAL) {
        config_report_at(p->config, field, text == *field ? fault.offset : 0, p->d, "%s",
                         fault.text);
        return NULL;
    }
    if (r < 0) {
        *ret_result = r;
        return NULL;
    }
    return expression;
}

/* Each is compiled by itself, so that its faults are told where they are, used or not. */
int planner_conditions(struct planner *p)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < p->root->condition_count; i++) {
        const struct config_named_string *condition = &p->root->conditions[i];
        planner_usable_name(p, &condition->name);
        struct expression_symbol input;
        if (find_input(p, condition->name, &input)) {
            config_report(p->config, &condition->name, p->d, SEVERITY_ERROR,
                          "there is an input '%s' already", condition->name);
        }
        (void)planner_condition(p, &condition->value, condition->value, &r);
    }
    return r;
}
