/* Interlocks: those that are configured, and those of climates. */
#include "automation-node/app/plan_interlocks.h"

#include "automation-node/app/plan_steps.h"

#include <errno.h>
#include <string.h>

/* Which of the first `count` interlocks has that device; NULL = none. */
static const struct engine_interlock *find_group(const struct node_plan *plan, size_t count,
                                                 size_t device)
{
    for (size_t i = 0; i < count; i++) {
        const struct engine_interlock *group = &plan->engine.interlocks[i];
        for (size_t j = 0; j < group->device_count; j++) {
            if (group->devices[j] == device) {
                return group;
            }
        }
    }
    return NULL;
}

static void check_member(struct planner *p, const char *const *name, size_t device)
{
    const struct engine_device *planned = &p->plan->engine.devices[device];
    if (planned->fail_safe.kind != VALUE_NONE && !value_equal(&planned->fail_safe, &planned->off)) {
        config_report(p->config, name, p->d, SEVERITY_ERROR,
                      "the fail_safe of device '%s' must be off: without its sensor it would be on "
                      "beside another of the group",
                      *name);
    }
    if (planned->feedback == NULL) {
        config_report(p->config, name, p->d, SEVERITY_WARNING,
                      "device '%s' has no feedback: that it is off is only believed", *name);
    }
}

static int plan_interlock(struct planner *p, size_t index, struct engine_interlock *group)
{
    const struct interlock_config *config = &p->root->interlocks[index];
    size_t *devices = arena_alloc(&p->plan->arena, config->device_count, sizeof(*devices));
    if (devices == NULL) {
        return -ENOMEM;
    }
    *group = (struct engine_interlock){
        .id = config->name, .devices = devices, .dead_time_us = config->dead_time_us};
    for (size_t i = 0; i < config->device_count; i++) {
        size_t device = planner_find_device(p, &config->devices[i]);
        if (device == PLANNER_NONE) {
            continue;
        }
        if (find_group(p->plan, index + 1, device) != NULL) {
            config_report(p->config, &config->devices[i], p->d, SEVERITY_ERROR,
                          "device '%s' is in an interlock already", config->devices[i]);
        }
        check_member(p, &config->devices[i], device);
        devices[group->device_count++] = device;
    }
    if (config->device_count < 2) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "interlock '%s' needs two devices or more", config->name);
    }
    return 0;
}

int planner_interlocks(struct planner *p)
{
    struct engine_interlock *groups =
        arena_alloc(&p->plan->arena, p->root->interlock_count + p->root->climate_count,
                    sizeof(*groups)); /* climates add theirs: planner_lock_sides() */
    if (groups == NULL) {
        return -ENOMEM;
    }
    p->plan->engine.interlocks = groups;
    p->plan->engine.interlock_count = p->root->interlock_count;
    for (size_t i = 0; i < p->root->interlock_count; i++) {
        int r = plan_interlock(p, i, &groups[i]);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

/* Both are in that one already: it has to keep the pause. */
static void check_pause(struct planner *p, const struct climate_config *config,
                        const struct engine_interlock *group)
{
    if (group->dead_time_us < config->change_over_us) {
        config_report(p->config, &config->change_over_us, p->d, SEVERITY_ERROR,
                      "the devices are in interlock '%s', whose dead_time is shorter than this - "
                      "make it as long",
                      group->id);
    }
}

static int add_group(struct planner *p, const struct climate_config *config, size_t heater,
                     size_t cooler)
{
    struct engine_options *engine = &p->plan->engine;
    size_t *devices = arena_alloc(&p->plan->arena, CLIMATE_SIDES, sizeof(*devices));
    if (devices == NULL) {
        return -ENOMEM;
    }
    devices[CLIMATE_HEATER] = heater;
    devices[CLIMATE_COOLER] = cooler;
    for (size_t i = 0; i < engine->interlock_count; i++) {
        if (strcmp(engine->interlocks[i].id, config->name) == 0) {
            config_report(p->config, config, p->d, SEVERITY_ERROR,
                          "there is an interlock '%s', which is the name of this one's own - name "
                          "one of them otherwise",
                          config->name);
        }
    }
    check_member(p, &config->heat.device, heater);
    check_member(p, &config->cool.device, cooler);
    struct engine_interlock *groups = (struct engine_interlock *)engine->interlocks;
    groups[engine->interlock_count++] =
        (struct engine_interlock){.id = config->name,
                                  .devices = devices,
                                  .device_count = CLIMATE_SIDES,
                                  .dead_time_us = config->change_over_us};
    return 0;
}

int planner_lock_sides(struct planner *p, const struct climate_config *config)
{
    size_t count = p->plan->engine.interlock_count;
    size_t heater = planner_find_device(p, &config->heat.device);
    size_t cooler = planner_find_device(p, &config->cool.device);
    if (heater == PLANNER_NONE || cooler == PLANNER_NONE) {
        return 0;
    }
    if (heater == cooler) {
        config_report(p->config, &config->cool.device, p->d, SEVERITY_ERROR,
                      "it cannot heat and cool with one device - a thermostat heats or cools");
        return 0;
    }
    const struct engine_interlock *heats = find_group(p->plan, count, heater);
    const struct engine_interlock *cools = find_group(p->plan, count, cooler);
    if (heats == NULL && cools == NULL) {
        return add_group(p, config, heater, cooler);
    }
    if (heats == cools) {
        check_pause(p, config, heats);
    } else {
        config_report(p->config, heats != NULL ? &config->heat.device : &config->cool.device, p->d,
                      SEVERITY_ERROR,
                      "device '%s' is in interlock '%s' without the other one - put both into it",
                      heats != NULL ? config->heat.device : config->cool.device,
                      heats != NULL ? heats->id : cools->id);
    }
    return 0;
}
