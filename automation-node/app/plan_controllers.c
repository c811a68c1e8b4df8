/* Thermostats and PID controllers. */
#include "automation-node/app/plan_steps.h"

#include <errno.h>
#include <string.h>

static int plan_presets(struct planner *p, size_t controller, const struct input_config *input,
                        const struct config_named_quantity *configs, size_t count)
{
    struct controller_preset *presets = arena_alloc(&p->plan->arena, count, sizeof(*presets));
    if (presets == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        presets[i] = (struct controller_preset){
            configs[i].name, planner_in_unit_of(p, &configs[i].value, input, false)};
    }
    p->plan->presets[controller] = (struct controller_presets){presets, count};
    return 0;
}

static int plan_thermostats(struct planner *p)
{
    static const enum thermostat_mode modes[] = {
        [THERMOSTAT_KIND_OFF] = THERMOSTAT_OFF,
        [THERMOSTAT_KIND_HEAT] = THERMOSTAT_HEAT,
        [THERMOSTAT_KIND_COOL] = THERMOSTAT_COOL,
    };
    struct engine_thermostat *thermostats =
        arena_alloc(&p->plan->arena, p->root->thermostat_count, sizeof(*thermostats));
    if (thermostats == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < p->root->thermostat_count; i++) {
        const struct thermostat_config *config = &p->root->thermostats[i];
        size_t device = planner_find_device(p, &config->device);
        const struct input_config *input =
            planner_input_at(p, planner_find_input(p, &config->input));
        int r = plan_presets(p, i, input, config->presets, config->preset_count);
        if (r < 0) {
            return r;
        }
        double hysteresis = planner_width_of(p, &config->hysteresis, input);
        thermostats[i] = (struct engine_thermostat){
            .thermostat = {.id = config->name,
                           .mode = modes[config->mode],
                           .setpoint = planner_in_unit_of(p, &config->setpoint, input, false),
                           .below = hysteresis,
                           .above = hysteresis,
                           .on_value = planner_wanted(p, &config->on, device),
                           .off_value = planner_wanted(p, &config->off, device)},
            .input = config->input,
            .device = config->device,
        };
    }
    p->plan->engine.thermostats = thermostats;
    p->plan->engine.thermostat_count = p->root->thermostat_count;
    return 0;
}

/* The limits of the output: its own, or the device's. */
static void find_limits(struct planner *p, const struct controller_config *config, size_t device,
                        struct pid_options *pid)
{
    if (device == PLANNER_NONE) {
        return;
    }
    const struct domain *domain = &p->plan->engine.devices[device].device.domain;
    pid->min = config->limits != NULL ? config->limits->min : domain->min;
    pid->max = config->limits != NULL ? config->limits->max : domain->max;
    if (!domain->numeric) {
        config_report(p->config, &config->device, p->d, SEVERITY_ERROR,
                      "device '%s' takes no numbers - give it a range", config->device);
    } else if (pid->min >= pid->max || pid->min < domain->min || pid->max > domain->max) {
        config_report(p->config, config->limits != NULL ? (const void *)config->limits : config,
                      p->d, SEVERITY_ERROR, "the limits must lie in the range of device '%s'",
                      config->device);
    }
}

static int plan_pid(struct planner *p, size_t index, struct engine_pid *ret)
{
    const struct controller_config *config = &p->root->controllers[index];
    size_t device = planner_find_device(p, &config->device);
    const struct input_config *input = planner_input_at(p, planner_find_input(p, &config->input));
    *ret = (struct engine_pid){
        .pid = {.id = config->name,
                .mode = config->mode == CONTROLLER_KIND_AUTO ? PID_AUTO : PID_OFF,
                .setpoint = planner_in_unit_of(p, &config->setpoint, input, false),
                .kp = config->kp,
                .ki = config->ki,
                .kd = config->kd,
                .cools = config->cools,
                .step = config->step,
                .period_us = config->period_us},
        .input = config->input,
        .device = config->device,
    };
    find_limits(p, config, device, &ret->pid);
    for (size_t i = 0; i < p->root->thermostat_count; i++) {
        if (strcmp(p->root->thermostats[i].name, config->name) == 0) {
            config_report(p->config, config, p->d, SEVERITY_ERROR,
                          "there is a thermostat '%s' already", config->name);
        }
    }
    return plan_presets(p, p->root->thermostat_count + index, input, config->presets,
                        config->preset_count);
}

static int plan_pids(struct planner *p)
{
    struct engine_pid *pids =
        arena_alloc(&p->plan->arena, p->root->controller_count, sizeof(*pids));
    if (pids == NULL) {
        return -ENOMEM;
    }
    p->plan->engine.pids = pids;
    p->plan->engine.pid_count = p->root->controller_count;
    for (size_t i = 0; i < p->root->controller_count; i++) {
        int r = plan_pid(p, i, &pids[i]);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int planner_controllers(struct planner *p)
{
    size_t count = p->root->thermostat_count + p->root->controller_count;
    p->plan->presets = arena_alloc(&p->plan->arena, count, sizeof(*p->plan->presets));
    int r = p->plan->presets != NULL ? plan_thermostats(p) : -ENOMEM;
    return r == 0 ? plan_pids(p) : r;
}
