/* What a device cannot do without: the inputs of whoever drives it. */
#include "automation-node/app/plan_steps.h"

#include <errno.h>
#include <string.h>

static void require(const char **required, struct engine_device *device, const char *input)
{
    bool itself = device->feedback != NULL && strcmp(device->feedback, input) == 0;
    for (size_t i = 0; i < device->required_count; i++) {
        if (strcmp(required[i], input) == 0) {
            return;
        }
    }
    if (!itself) {
        required[device->required_count++] = input;
    }
}

/* What a condition says itself of an input that is not good needs no fail-safe value. */
static void require_condition(struct planner *p, const char **required,
                              struct engine_device *device, const struct expression *condition)
{
    size_t count = 0;
    const size_t *inputs = condition != NULL ? expression_inputs(condition, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        if (!expression_minds_quality(condition, inputs[i])) {
            require(required, device, p->plan->engine.inputs[inputs[i]].id);
        }
    }
}

static bool sets_device(const struct script *script, size_t device)
{
    for (size_t i = 0; i < script->count; i++) {
        if (script->steps[i].kind == STEP_SET && script->steps[i].device == device) {
            return true;
        }
    }
    return false;
}

static void require_event(struct planner *p, const char **required, struct engine_device *device,
                          const struct event_rule_options *event)
{
    for (size_t i = 0; i < event->trigger_count; i++) {
        require_condition(p, required, device, event->triggers[i]);
    }
    require_condition(p, required, device, event->condition);
    for (size_t i = 0; i < event->script.count; i++) {
        require_condition(p, required, device, event->script.steps[i].condition);
    }
}

static int require_all(struct planner *p, size_t index, struct engine_device *device)
{
    const struct engine_options *engine = &p->plan->engine;
    const struct device_config *config = &p->root->devices[index];
    const char **required = arena_alloc(&p->plan->arena, engine->input_count, sizeof(*required));
    if (required == NULL) {
        return -ENOMEM;
    }
    device->required = required;
    for (size_t i = 0; i < engine->thermostat_count; i++) {
        if (strcmp(engine->thermostats[i].device, config->name) == 0) {
            require(required, device, engine->thermostats[i].input);
        }
    }
    for (size_t i = 0; i < engine->pid_count; i++) {
        if (strcmp(engine->pids[i].device, config->name) == 0) {
            require(required, device, engine->pids[i].input);
        }
    }
    for (size_t i = 0; i < engine->climate_count; i++) {
        for (size_t side = 0; side < CLIMATE_SIDES; side++) {
            if (strcmp(engine->climates[i].devices[side], config->name) == 0) {
                require(required, device, engine->climates[i].input);
            }
        }
    }
    for (size_t i = 0; i < engine->rule_count; i++) {
        if (strcmp(engine->rules[i].device, config->name) == 0) {
            require_condition(p, required, device, engine->rules[i].rule.condition);
        }
    }
    for (size_t i = 0; i < engine->event_count; i++) {
        if (sets_device(&engine->events[i].script, index)) {
            require_event(p, required, device, &engine->events[i]);
        }
    }
    if (device->fail_safe.kind == VALUE_NONE && device->required_count > 0) {
        device->required_count = 0;
        config_report(p->config, config, p->d, SEVERITY_WARNING,
                      "device '%s' has no fail_safe: it stays as it is when a sensor dies",
                      config->name);
    }
    return 0;
}

int planner_required(struct planner *p)
{
    for (size_t i = 0; i < p->root->device_count; i++) {
        int r = require_all(p, i, (struct engine_device *)&p->plan->engine.devices[i]);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}
