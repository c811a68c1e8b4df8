#include "automation-node/app/plan_steps.h"
#include "automation-node/app/time_zone.h"
#include "topics/topic_id.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void check_broker(struct planner *p)
{
    const struct broker_config *broker = &p->root->broker;
    broker_config_check(p->config, broker, p->d);
    if (!topic_prefix_is_valid(broker->prefix)) {
        config_report(p->config, &broker->prefix, p->d, SEVERITY_ERROR,
                      "'%s' cannot be the beginning of topics", broker->prefix);
    }
}

int planner_time(struct planner *p)
{
    const struct time_config *config = &p->root->time;
    struct calendar *calendar = &p->plan->calendar;
    struct zone *zone = NULL;
    int r = time_zone_load(config->zone, &zone);
    if (r == -ENOMEM) {
        return r;
    }
    if (r < 0) {
        config_report(p->config, &config->zone, p->d, SEVERITY_ERROR,
                      "no time zone '%s' on this machine (%s) - is tzdata installed?",
                      config->zone != NULL ? config->zone : "", strerror(-r));
    }
    calendar->zone = zone;
    if ((config->latitude != NULL) != (config->longitude != NULL)) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "a place needs both latitude and longitude");
    }
    calendar->has_place = config->latitude != NULL && config->longitude != NULL;
    if (calendar->has_place) {
        calendar->place = (struct sun_place){*config->latitude, *config->longitude};
    }
    p->plan->engine.calendar = calendar;
    return 0;
}

static int plan_labels(struct planner *p, const struct input_config *config,
                       struct expression_label **ret)
{
    struct expression_label *labels =
        arena_alloc(&p->plan->arena, config->label_count, sizeof(*labels));
    if (labels == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < config->label_count; i++) {
        labels[i] =
            (struct expression_label){config->labels[i], planner_value(p, &config->labels[i])};
    }
    *ret = labels;
    return 0;
}

int planner_inputs(struct planner *p)
{
    size_t count = p->root->input_count + p->root->device_count;
    struct node_plan *plan = p->plan;
    struct input_options *inputs = arena_alloc(&plan->arena, count, sizeof(*inputs));
    plan->sources = arena_alloc(&plan->arena, count, sizeof(struct signal_path));
    plan->input_labels =
        arena_alloc(&plan->arena, p->root->input_count, sizeof(*plan->input_labels));
    if (inputs == NULL || plan->sources == NULL || plan->input_labels == NULL) {
        return -ENOMEM;
    }
    plan->engine.inputs = inputs;
    plan->engine.input_count = p->root->input_count;
    for (size_t i = 0; i < p->root->input_count; i++) {
        const struct input_config *config = &p->root->inputs[i];
        inputs[i] = (struct input_options){config->name, config->unit, config->stale_after_us};
        planner_usable_name(p, &config->name);
        (void)planner_path(p, &config->signal, config->gateway, &plan->sources[i]);
        int r = plan_labels(p, config, &plan->input_labels[i]);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

void node_plan_free(struct node_plan *plan)
{
    if (plan != NULL) {
        for (size_t i = 0; i < plan->expression_count; i++) {
            expression_free(plan->expressions[i]);
        }
        free(plan->expressions);
        free(plan->messages);
        zone_free((struct zone *)plan->calendar.zone);
        arena_deinit(&plan->arena);
        free(plan);
    }
}

int node_plan_new(const struct config *config, struct diagnostics *d, struct node_plan **ret)
{
    struct node_plan *plan = calloc(1, sizeof(*plan));
    if (plan == NULL) {
        return -ENOMEM;
    }
    plan->config = config_root(config);
    struct planner p = {config, plan->config, d, plan};
    check_broker(&p);
    static int (*const steps[])(struct planner *) = {
        planner_time,       planner_inputs,     planner_devices,
        planner_interlocks, planner_conditions, planner_controllers,
        planner_schedules,  planner_rules,      planner_required,
    };
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
        r = steps[i](&p);
    }
    if (r == 0 && diagnostics_count(d, SEVERITY_ERROR) > 0) {
        r = -EINVAL;
    }
    if (r < 0) {
        node_plan_free(plan);
        return r;
    }
    *ret = plan;
    return 0;
}
