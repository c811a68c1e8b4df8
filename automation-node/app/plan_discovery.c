#include "automation-node/app/plan_discovery.h"

#include "topics/topic_id.h"

#include <string.h>

static bool takes_words(enum discovery_shape shape)
{
    return shape == DISCOVERY_SHAPE_SWITCH || shape == DISCOVERY_SHAPE_SELECT ||
           shape == DISCOVERY_SHAPE_BUTTON || shape == DISCOVERY_SHAPE_BINARY_SENSOR;
}

static void check_device(struct planner *p, size_t index)
{
    const struct device_config *config = &p->root->devices[index];
    const struct device_discovery_config *wish = config->home_assistant;
    const struct domain *domain = &p->plan->engine.devices[index].device.domain;
    if (wish == NULL || wish->shape == DISCOVERY_SHAPE_AUTO) {
        return;
    }
    if (takes_words(wish->shape) && domain->numeric) {
        config_report(p->config, &wish->shape, p->d, SEVERITY_ERROR,
                      "device '%s' takes numbers: it can be a number, light, fan, cover or valve",
                      config->name);
    } else if (wish->shape == DISCOVERY_SHAPE_NUMBER && !domain->numeric) {
        config_report(p->config, &wish->shape, p->d, SEVERITY_ERROR,
                      "device '%s' takes no numbers - give it a range", config->name);
    } else if (!domain->numeric && wish->shape != DISCOVERY_SHAPE_SELECT &&
               domain->label_count != 2) {
        config_report(p->config, &wish->shape, p->d, SEVERITY_ERROR,
                      "device '%s' has not just two values: it can be a select", config->name);
    } else if (domain->numeric && domain->min != 0 &&
               (wish->shape == DISCOVERY_SHAPE_LIGHT || wish->shape == DISCOVERY_SHAPE_FAN)) {
        config_report(p->config, &wish->shape, p->d, SEVERITY_ERROR,
                      "the range of device '%s' must begin at 0, which is off", config->name);
    }
}

int planner_discovery(struct planner *p)
{
    const char *const *prefix = &p->root->home_assistant.prefix;
    if (!topic_prefix_is_valid(*prefix)) {
        config_report(p->config, prefix, p->d, SEVERITY_ERROR,
                      "'%s' cannot be the beginning of topics", *prefix);
    }
    for (size_t i = 0; i < p->root->device_count; i++) {
        check_device(p, i);
    }
    return 0;
}
