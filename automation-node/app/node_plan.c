#include "automation-node/app/plan_discovery.h"
#include "automation-node/app/plan_standby.h"
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

void node_plan_free(struct node_plan *plan)
{
    if (plan != NULL) {
        for (size_t i = 0; i < plan->expression_count; i++) {
            expression_free(plan->expressions[i]);
        }
        free(plan->expressions);
        free(plan->messages);
        free(plan->topics);
        free(plan->triggers);
        free(plan->alarms);
        free(plan->alarm_places);
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
        planner_time,       planner_inputs,     planner_devices,     planner_derived,
        planner_interlocks, planner_conditions, planner_controllers, planner_schedules,
        planner_alarms,     planner_rules,      planner_required,    planner_origins,
        planner_discovery,  planner_standby,
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
