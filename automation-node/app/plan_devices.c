#include "automation-node/app/plan_sources.h"
#include "automation-node/app/plan_steps.h"

#include <errno.h>
#include <string.h>

#define RETRY_FAILED_US   (30 * 1000000LL) /* a device that did not obey is told again */
#define MISMATCH_GRACE_US (1000000LL)      /* somebody else's switching is answered after this */

static void plan_label(struct planner *p, const struct config_named_string *pair,
                       struct domain *domain, struct driver_value *wire)
{
    struct domain_label *label = &domain->labels[domain->label_count++];
    label->value = planner_value(p, &pair->name);
    label->feedback = planner_value(p, &pair->value);
    *wire = (struct driver_value){label->value, pair->value};
}

static int plan_domain(struct planner *p, const struct device_config *config,
                       struct engine_device *device, struct driver_options *driver)
{
    size_t count;
    const struct config_named_string *words = planner_values(config, &count);
    struct expression_label *labels = arena_alloc(&p->plan->arena, count, sizeof(*labels));
    struct driver_value *values = arena_alloc(&p->plan->arena, count, sizeof(*values));
    if (labels == NULL || values == NULL) {
        return -ENOMEM;
    }
    struct domain *domain = &device->device.domain;
    for (size_t i = 0; i < count && i < DOMAIN_LABELS_MAX; i++) {
        plan_label(p, &words[i], domain, &values[i]);
        labels[i] = (struct expression_label){words[i].name, domain->labels[i].feedback};
    }
    if (count > DOMAIN_LABELS_MAX) {
        config_report(p->config, &words[DOMAIN_LABELS_MAX], p->d, SEVERITY_ERROR,
                      "a device takes at most %d values", DOMAIN_LABELS_MAX);
    }
    p->plan->device_labels[config - p->root->devices] = labels;
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

/* A line of a GPIO chip is high or low. */
static void check_levels(struct planner *p, const struct device_config *config,
                         const struct driver_options *driver)
{
    for (size_t i = 0; driver->kind == DRIVER_GPIO && i < driver->value_count; i++) {
        const char *wire = driver->values[i].wire;
        if (strcmp(wire, "0") != 0 && strcmp(wire, "1") != 0) {
            config_report(p->config, config, p->d, SEVERITY_ERROR,
                          "device '%s': a line of a GPIO chip is 0 or 1 - write values: "
                          "{\"ON\": 1, \"OFF\": 0}",
                          config->name);
        }
    }
}

static int plan_device(struct planner *p, size_t index, struct engine_device *device)
{
    const struct device_config *config = &p->root->devices[index];
    struct driver_options *driver = &p->plan->drivers[index];
    *device = (struct engine_device){
        .device = {.id = config->name,
                   .confirm_us = config->confirm_within_us,
                   .attempts = (unsigned)config->retries + 1,
                   .retry_failed_us = RETRY_FAILED_US,
                   .on_mismatch = DEVICE_REASSERT,
                   .grace_us = MISMATCH_GRACE_US},
        .min_on_us = config->min_on_us,
        .min_off_us = config->min_off_us,
        .max_on_us = config->max_on_us,
        .pause_us = config->pause_us,
        .min_change_us = config->min_change_us,
        .manual_for_us = config->manual_for_us,
    };
    int r = planner_driver(p, config, driver);
    if (r == 0) {
        r = plan_domain(p, config, device, driver);
    }
    if (r < 0) {
        return r;
    }
    device->fail_safe = planner_wanted(p, &config->fail_safe, index);
    device->rest = planner_wanted(p, &config->rest, index);
    device->off = off_value(device);
    driver->initial = device->off;
    check_levels(p, config, driver);
    if (config->max_on_us > 0 && config->max_on_us < config->min_on_us) {
        config_report(p->config, &config->max_on_us, p->d, SEVERITY_ERROR,
                      "device '%s': max_on is shorter than min_on", config->name);
    }
    return planner_feedback(p, config, device);
}

int planner_devices(struct planner *p)
{
    struct engine_device *devices =
        arena_alloc(&p->plan->arena, p->root->device_count, sizeof(*devices));
    p->plan->drivers =
        arena_alloc(&p->plan->arena, p->root->device_count, sizeof(struct driver_options));
    p->plan->device_labels =
        arena_alloc(&p->plan->arena, p->root->device_count, sizeof(*p->plan->device_labels));
    p->plan->feedbacks =
        arena_alloc(&p->plan->arena, p->root->device_count, sizeof(*p->plan->feedbacks));
    if (devices == NULL || p->plan->drivers == NULL || p->plan->device_labels == NULL ||
        p->plan->feedbacks == NULL) {
        return -ENOMEM;
    }
    p->plan->engine.devices = devices;
    p->plan->engine.device_count = p->root->device_count;
    for (size_t i = 0; i < p->root->device_count; i++) {
        int r = plan_device(p, i, &devices[i]);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}
