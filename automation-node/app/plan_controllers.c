/* Thermostats, PID controllers, and climates. */
#include "automation-node/app/plan_climates.h"
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
            .name = configs[i].name,
            .setpoint = planner_in_unit_of(p, &configs[i].value, input, false)};
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

#define PWM_FULL 100.0

static int64_t longer(int64_t a_us, int64_t b_us)
{
    return a_us > b_us ? a_us : b_us;
}

/* What makes the output, in %, times on and off; its shortest times are the device's too. */
static int plan_pwm(struct planner *p, const struct controller_config *config, size_t device,
                    struct engine_pid *pid)
{
    const struct pwm_config *pwm = config->pwm;
    const struct range_config *limits = config->limits;
    struct pwm_options *planned = arena_alloc(&p->plan->arena, 1, sizeof(*planned));
    if (planned == NULL) {
        return -ENOMEM;
    }
    const struct engine_device *engine = &p->plan->engine.devices[device];
    *planned = (struct pwm_options){.period_us = pwm->period_us,
                                    .min_on_us = longer(pwm->min_on_us, engine->min_on_us),
                                    .min_off_us = longer(pwm->min_off_us, engine->min_off_us),
                                    .full = PWM_FULL,
                                    .on_value = planner_wanted(p, &pwm->on, device),
                                    .off_value = planner_wanted(p, &pwm->off, device)};
    if (planned->min_on_us > planned->period_us - planned->min_off_us) {
        config_report(p->config, &pwm->period_us, p->d, SEVERITY_ERROR,
                      "the shortest time on and the shortest time off, %g s and %g s with the "
                      "device's, do not fit into it",
                      (double)planned->min_on_us / 1e6, (double)planned->min_off_us / 1e6);
    }
    pid->pid.min = limits != NULL ? limits->min : 0;
    pid->pid.max = limits != NULL ? limits->max : PWM_FULL;
    if (limits != NULL &&
        (limits->min < 0 || limits->max > PWM_FULL || limits->min >= limits->max)) {
        config_report(p->config, limits, p->d, SEVERITY_ERROR,
                      "with pwm the limits are %% of the time - from 0 to 100");
    }
    pid->pid.step = 0; /* no move is too small: none is sent */
    pid->pwm = planned;
    return 0;
}

static void plan_autotune(struct planner *p, const struct controller_config *config,
                          const struct input_config *input, struct pid_options *pid)
{
    static const enum tuning_rule rules[] = {
        [AUTOTUNE_RULE_TYREUS_LUYBEN_PI] = TUNING_RULE_TYREUS_LUYBEN_PI,
        [AUTOTUNE_RULE_TYREUS_LUYBEN] = TUNING_RULE_TYREUS_LUYBEN,
        [AUTOTUNE_RULE_ZIEGLER_NICHOLS_PI] = TUNING_RULE_ZIEGLER_NICHOLS_PI,
        [AUTOTUNE_RULE_ZIEGLER_NICHOLS] = TUNING_RULE_ZIEGLER_NICHOLS,
    };
    const struct autotune_config *autotune = config->autotune;
    double half = (pid->max - pid->min) / 2;
    struct pid_tuning_options *t = &pid->tuning;
    *t = (struct pid_tuning_options){
        .enabled = true,
        .amplitude = autotune->amplitude != NULL ? *autotune->amplitude : half,
        .hysteresis = planner_width_of(p, &autotune->hysteresis, input),
        .max_deviation = planner_width_of(p, &autotune->max_deviation, input),
        .timeout_us = autotune->timeout_us,
        .rule = rules[autotune->rule],
        .apply = autotune->apply,
    };
    if (pid->min < pid->max && (t->amplitude > half || t->amplitude <= 2 * pid->step)) {
        const void *place = autotune->amplitude != NULL ? (const void *)autotune->amplitude
                                                        : (const void *)autotune;
        config_report(p->config, place, p->d, SEVERITY_ERROR,
                      "the amplitude is more than twice the step, %g, and half of the output's "
                      "range, %g, at most",
                      pid->step, half);
    }
    if (t->hysteresis <= 0) {
        config_report(p->config, &autotune->hysteresis, p->d, SEVERITY_ERROR,
                      "the hysteresis must be more than 0, and more than the input's noise");
    } else if (t->max_deviation <= t->hysteresis) {
        config_report(p->config, &autotune->max_deviation, p->d, SEVERITY_ERROR,
                      "this must be more than the hysteresis, %g", t->hysteresis);
    }
}

/* The limits of the output: its own, or the device's. */
static void find_limits(struct planner *p, const struct controller_config *config, size_t device,
                        struct pid_options *pid)
{
    const struct domain *domain = &p->plan->engine.devices[device].device.domain;
    pid->min = config->limits != NULL ? config->limits->min : domain->min;
    pid->max = config->limits != NULL ? config->limits->max : domain->max;
    if (!domain->numeric) {
        config_report(p->config, &config->device, p->d, SEVERITY_ERROR,
                      "device '%s' takes no numbers - give it a range, or this pwm",
                      config->device);
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
    if (device != PLANNER_NONE && config->pwm == NULL) {
        find_limits(p, config, device, &ret->pid);
    } else if (device != PLANNER_NONE) {
        int r = plan_pwm(p, config, device, ret);
        if (r < 0) {
            return r;
        }
    }
    if (device != PLANNER_NONE && config->autotune != NULL) {
        plan_autotune(p, config, input, &ret->pid);
    }
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
    size_t count = p->root->thermostat_count + p->root->controller_count + p->root->climate_count;
    p->plan->presets = arena_alloc(&p->plan->arena, count, sizeof(*p->plan->presets));
    int r = p->plan->presets != NULL ? plan_thermostats(p) : -ENOMEM;
    r = r == 0 ? plan_pids(p) : r;
    return r == 0 ? planner_climates(p) : r;
}
