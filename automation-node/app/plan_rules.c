#include "automation-node/app/plan_steps.h"

#include "common/units.h"

#include <errno.h>
#include <string.h>

static const struct input_config *input_at(const struct planner *p, size_t index)
{
    return index != PLANNER_NONE ? &p->root->inputs[index] : NULL;
}

/* A quantity in the unit of an input; a bare number is in it already. */
static double in_unit_of(struct planner *p, const struct quantity *quantity,
                         const struct input_config *input, bool is_difference)
{
    double value = quantity->value;
    const char *unit = input != NULL && input->unit != NULL ? input->unit : "";
    if (quantity->unit[0] != '\0' && input != NULL &&
        units_convert(quantity->value, quantity->unit, unit, is_difference, &value) < 0) {
        config_report(p->config, quantity, p->d, SEVERITY_ERROR,
                      "this is in %s, but input '%s' is in %s", quantity->unit, input->name,
                      unit[0] != '\0' ? unit : "no unit");
    }
    return value;
}

static double width_of(struct planner *p, const struct quantity *quantity,
                       const struct input_config *input)
{
    double width = in_unit_of(p, quantity, input, true);
    if (width < 0.0) {
        config_report(p->config, quantity, p->d, SEVERITY_ERROR,
                      "a hysteresis must not be negative");
    }
    return width;
}

int planner_thermostats(struct planner *p)
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
        const struct input_config *input = input_at(p, planner_find_input(p, &config->input));
        double hysteresis = width_of(p, &config->hysteresis, input);
        thermostats[i] = (struct engine_thermostat){
            .thermostat = {.id = config->name,
                           .mode = modes[config->mode],
                           .setpoint = in_unit_of(p, &config->setpoint, input, false),
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
    const struct input_config *input = input_at(p, planner_find_input(p, &config->input));
    (void)in_unit_of(p, config->above != NULL ? config->above : config->below, input, false);
    (void)width_of(p, &config->hysteresis, input);
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

static int plan_rule(struct planner *p, const struct rule_config *config, struct engine_rule *rule)
{
    int r = 0;
    size_t device = planner_find_device(p, &config->device);
    *rule = (struct engine_rule){
        .rule = {.id = config->name,
                 .condition = rule_condition(p, config, &r),
                 .when_true = planner_wanted(p, &config->value, device),
                 .when_false = planner_wanted(p, &config->otherwise, device),
                 .enabled = config->enabled},
        .device = config->device,
    };
    return r;
}

int planner_rules(struct planner *p)
{
    struct engine_rule *rules = arena_alloc(&p->plan->arena, p->root->rule_count, sizeof(*rules));
    if (rules == NULL) {
        return -ENOMEM;
    }
    p->plan->engine.rules = rules;
    p->plan->engine.rule_count = p->root->rule_count;
    for (size_t i = 0; i < p->root->rule_count; i++) {
        int r = plan_rule(p, &p->root->rules[i], &rules[i]);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

/* ---- what a device cannot do without ---- */

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
    for (size_t i = 0; i < engine->rule_count; i++) {
        if (strcmp(engine->rules[i].device, config->name) == 0) {
            require_condition(p, required, device, engine->rules[i].rule.condition);
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
