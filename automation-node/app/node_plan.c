#include "automation-node/app/node_plan.h"

#include "common/suggest.h"
#include "common/units.h"
#include "topics/topic_id.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_FAILED_US   (30 * 1000000LL) /* a device that did not obey is told again */
#define MISMATCH_GRACE_US (1000000LL)      /* somebody else's switching is answered after this */

struct planner {
    const struct config *config;
    const struct node_config *root;
    struct diagnostics *d;
    struct node_plan *plan;
};

static void complain(struct planner *p, const void *where, const char *what, const char *name,
                     const struct suggest *s)
{
    config_report(p->config, where, p->d, SEVERITY_ERROR, "no %s '%s'%s%s%s", what, name,
                  s->best != NULL ? " - did you mean '" : "", s->best != NULL ? s->best : "",
                  s->best != NULL ? "'?" : "");
}

static const struct device_config *find_device(struct planner *p, const char *const *name)
{
    struct suggest suggest;
    suggest_init(&suggest, *name);
    for (size_t i = 0; i < p->root->device_count; i++) {
        if (strcmp(p->root->devices[i].name, *name) == 0) {
            return &p->root->devices[i];
        }
        suggest_offer(&suggest, p->root->devices[i].name);
    }
    complain(p, name, "device", *name, &suggest);
    return NULL;
}

static const struct input_config *find_input(struct planner *p, const char *const *name)
{
    struct suggest suggest;
    suggest_init(&suggest, *name);
    for (size_t i = 0; i < p->root->input_count; i++) {
        if (strcmp(p->root->inputs[i].name, *name) == 0) {
            return &p->root->inputs[i];
        }
        suggest_offer(&suggest, p->root->inputs[i].name);
    }
    complain(p, name, "input", *name, &suggest);
    return NULL;
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

/* "bus/message/signal", three ids. */
static bool parse_path(struct planner *p, const char *const *text, const char *gateway,
                       struct signal_path *ret)
{
    char *copy = arena_copy(&p->plan->arena, *text, strlen(*text));
    if (copy == NULL) {
        return false;
    }
    char *message = strchr(copy, '/');
    char *signal = message != NULL ? strchr(message + 1, '/') : NULL;
    if (signal != NULL) {
        *message++ = '\0';
        *signal++ = '\0';
        if (topic_id_is_valid(copy) && topic_id_is_valid(message) && topic_id_is_valid(signal)) {
            *ret = (struct signal_path){gateway, copy, message, signal};
            return true;
        }
    }
    config_report(
        p->config, text, p->d, SEVERITY_ERROR,
        "'%s' is not a signal - write bus/message/signal, such as can0/Climate/Temperature", *text);
    return false;
}

static struct value parse_value(struct planner *p, const char *const *text)
{
    struct value value = {0};
    if (*text != NULL && value_parse(*text, strlen(*text), &value) < 0) {
        config_report(p->config, text, p->d, SEVERITY_ERROR,
                      "'%s' is not a value: a number, or a word of up to %d bytes", *text,
                      VALUE_TEXT_SIZE - 1);
    }
    return value;
}

/* A value that somebody wants of a device, checked against what it takes. */
static struct value parse_wanted(struct planner *p, const char *const *text,
                                 const struct engine_device *device)
{
    struct value value = parse_value(p, text);
    if (value.kind != VALUE_NONE && device != NULL) {
        enum refusal refusal = domain_check(&device->device.domain, &value);
        if (refusal != REFUSAL_NONE) {
            config_report(p->config, text, p->d, SEVERITY_ERROR,
                          "device '%s' does not take '%s' (%s)", device->device.id, *text,
                          refusal_name(refusal));
        }
    }
    return value;
}

static int plan_inputs(struct planner *p)
{
    size_t count = p->root->input_count + p->root->device_count;
    struct input_options *inputs = arena_alloc(&p->plan->arena, count, sizeof(*inputs));
    p->plan->sources = arena_alloc(&p->plan->arena, count, sizeof(struct signal_path));
    if (inputs == NULL || p->plan->sources == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < p->root->input_count; i++) {
        const struct input_config *config = &p->root->inputs[i];
        inputs[i] = (struct input_options){config->name, config->unit, config->stale_after_us};
        (void)parse_path(p, &config->signal, config->gateway, &p->plan->sources[i]);
    }
    p->plan->engine.inputs = inputs;
    p->plan->engine.input_count = p->root->input_count;
    return 0;
}

/* The feedback becomes an input of its own, "<device>.feedback": no configured id has a point. */
static int add_feedback(struct planner *p, const struct device_config *config,
                        struct engine_device *device)
{
    if (config->feedback == NULL) {
        return 0;
    }
    char id[NAME_SIZE];
    int length = snprintf(id, sizeof(id), "%s.feedback", config->name);
    if (length < 0 || (size_t)length >= sizeof(id)) {
        config_report(p->config, config, p->d, SEVERITY_ERROR, "the name '%s' is too long",
                      config->name);
        return 0;
    }
    size_t index = p->plan->engine.input_count++;
    device->feedback = arena_copy(&p->plan->arena, id, (size_t)length);
    ((struct input_options *)p->plan->engine.inputs)[index] =
        (struct input_options){device->feedback, NULL, config->feedback_stale_after_us};
    (void)parse_path(p, &config->feedback, config->gateway, &p->plan->sources[index]);
    return device->feedback != NULL ? 0 : -ENOMEM;
}

static void plan_label(struct planner *p, const struct config_named_string *pair,
                       struct domain *domain, struct driver_value *wire)
{
    if (domain->label_count == DOMAIN_LABELS_MAX) {
        config_report(p->config, pair, p->d, SEVERITY_ERROR, "a device takes at most %d values",
                      DOMAIN_LABELS_MAX);
        return;
    }
    struct domain_label *label = &domain->labels[domain->label_count++];
    label->value = parse_value(p, &pair->name);
    label->feedback = parse_value(p, &pair->value);
    *wire = (struct driver_value){label->value, pair->value};
}

static int plan_domain(struct planner *p, const struct device_config *config,
                       struct engine_device *device, struct driver_options *driver)
{
    struct driver_value *values =
        arena_alloc(&p->plan->arena, config->value_count, sizeof(*values));
    if (values == NULL) {
        return -ENOMEM;
    }
    struct domain *domain = &device->device.domain;
    for (size_t i = 0; i < config->value_count; i++) {
        plan_label(p, &config->values[i], domain, &values[i]);
    }
    driver->values = values;
    driver->value_count = domain->label_count;
    if (config->range != NULL) {
        domain->numeric = true;
        domain->min = config->range->min;
        domain->max = config->range->max;
        domain->tolerance = config->tolerance;
    }
    if (!domain_is_valid(domain)) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "device '%s' takes no value - write values: {\"ON\": On, \"OFF\": Off} or "
                      "range: {min: 0, max: 100}",
                      config->name);
    }
    return 0;
}

/* "OFF" where there is one, else the fail-safe value, else the first label or the low end. */
static struct value off_value(const struct engine_device *device)
{
    const struct domain *domain = &device->device.domain;
    for (size_t i = 0; i < domain->label_count; i++) {
        if (domain->labels[i].value.kind == VALUE_TEXT &&
            strcmp(domain->labels[i].value.text, "OFF") == 0) {
            return domain->labels[i].value;
        }
    }
    if (device->fail_safe.kind != VALUE_NONE) {
        return device->fail_safe;
    }
    return domain->label_count > 0 ? domain->labels[0].value : value_number(domain->min);
}

/* The inputs of whoever drives the device: without them its fail-safe value applies. */
static int plan_required(struct planner *p, const struct device_config *config,
                         struct engine_device *device)
{
    size_t most = p->root->thermostat_count + p->root->rule_count;
    const char **required = arena_alloc(&p->plan->arena, most, sizeof(*required));
    if (required == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < p->root->thermostat_count; i++) {
        if (strcmp(p->root->thermostats[i].device, config->name) == 0) {
            required[device->required_count++] = p->root->thermostats[i].input;
        }
    }
    for (size_t i = 0; i < p->root->rule_count; i++) {
        if (strcmp(p->root->rules[i].device, config->name) == 0) {
            required[device->required_count++] = p->root->rules[i].input;
        }
    }
    device->required = required;
    if (device->fail_safe.kind == VALUE_NONE && device->required_count > 0) {
        device->required_count = 0;
        config_report(p->config, config, p->d, SEVERITY_WARNING,
                      "device '%s' has no fail_safe: it stays as it is when a sensor dies",
                      config->name);
    }
    return 0;
}

static int plan_device(struct planner *p, const struct device_config *config,
                       struct engine_device *device, struct driver_options *driver)
{
    *device = (struct engine_device){
        .device = {.id = config->name,
                   .confirm_us = config->confirm_within_us,
                   .attempts = (unsigned)config->retries + 1,
                   .retry_failed_us = RETRY_FAILED_US,
                   .on_mismatch = DEVICE_REASSERT,
                   .grace_us = MISMATCH_GRACE_US},
        .min_on_us = config->min_on_us,
        .min_off_us = config->min_off_us,
        .manual_for_us = config->manual_for_us,
    };
    *driver = (struct driver_options){
        .kind = DRIVER_CAN, .prefix = p->root->broker.prefix, .site = p->root->site};
    (void)parse_path(p, &config->command, config->gateway, &driver->command);
    int r = plan_domain(p, config, device, driver);
    if (r < 0) {
        return r;
    }
    device->fail_safe = parse_wanted(p, &config->fail_safe, device);
    device->off = off_value(device);
    r = plan_required(p, config, device);
    return r < 0 ? r : add_feedback(p, config, device);
}

static int plan_devices(struct planner *p)
{
    struct engine_device *devices =
        arena_alloc(&p->plan->arena, p->root->device_count, sizeof(*devices));
    p->plan->drivers =
        arena_alloc(&p->plan->arena, p->root->device_count, sizeof(struct driver_options));
    if (devices == NULL || p->plan->drivers == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < p->root->device_count; i++) {
        int r = plan_device(p, &p->root->devices[i], &devices[i], &p->plan->drivers[i]);
        if (r < 0) {
            return r;
        }
    }
    p->plan->engine.devices = devices;
    p->plan->engine.device_count = p->root->device_count;
    return 0;
}

static const struct engine_device *planned_device(struct planner *p, const char *const *name)
{
    const struct device_config *config = find_device(p, name);
    return config != NULL ? &p->plan->engine.devices[config - p->root->devices] : NULL;
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
        const struct engine_device *device = planned_device(p, &config->device);
        const struct input_config *input = find_input(p, &config->input);
        double hysteresis = width_of(p, &config->hysteresis, input);
        thermostats[i] = (struct engine_thermostat){
            .thermostat = {.id = config->name,
                           .mode = modes[config->mode],
                           .setpoint = in_unit_of(p, &config->setpoint, input, false),
                           .below = hysteresis,
                           .above = hysteresis,
                           .on_value = parse_wanted(p, &config->on, device),
                           .off_value = parse_wanted(p, &config->off, device)},
            .input = config->input,
            .device = config->device,
        };
    }
    p->plan->engine.thermostats = thermostats;
    p->plan->engine.thermostat_count = p->root->thermostat_count;
    return 0;
}

static int plan_rules(struct planner *p)
{
    struct engine_rule *rules = arena_alloc(&p->plan->arena, p->root->rule_count, sizeof(*rules));
    if (rules == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < p->root->rule_count; i++) {
        const struct rule_config *config = &p->root->rules[i];
        const struct engine_device *device = planned_device(p, &config->device);
        const struct input_config *input = find_input(p, &config->input);
        const struct quantity *threshold = config->above != NULL ? config->above : config->below;
        if ((config->above != NULL) == (config->below != NULL)) {
            config_report(p->config, config, p->d, SEVERITY_ERROR,
                          "rule '%s' needs one of above and below", config->name);
            continue;
        }
        rules[i] = (struct engine_rule){
            .rule = {.id = config->name,
                     .side = config->above != NULL ? THRESHOLD_ABOVE : THRESHOLD_BELOW,
                     .threshold = in_unit_of(p, threshold, input, false),
                     .hysteresis = width_of(p, &config->hysteresis, input),
                     .for_us = config->for_us,
                     .when_true = parse_wanted(p, &config->value, device),
                     .when_false = parse_wanted(p, &config->otherwise, device),
                     .enabled = config->enabled},
            .input = config->input,
            .device = config->device,
        };
    }
    p->plan->engine.rules = rules;
    p->plan->engine.rule_count = p->root->rule_count;
    return 0;
}

static void check_broker(struct planner *p)
{
    const struct broker_config *broker = &p->root->broker;
    broker_config_check(p->config, broker, p->d);
    if (!topic_prefix_is_valid(broker->prefix)) {
        config_report(p->config, &broker->prefix, p->d, SEVERITY_ERROR,
                      "'%s' cannot be the beginning of topics", broker->prefix);
    }
}

void node_plan_free(struct node_plan *plan)
{
    if (plan != NULL) {
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
    int r = plan_inputs(&p);
    if (r == 0) {
        r = plan_devices(&p);
    }
    if (r == 0) {
        r = plan_thermostats(&p);
    }
    if (r == 0) {
        r = plan_rules(&p);
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
