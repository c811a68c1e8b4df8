#include "automation-node/app/plan_standby.h"

#include "topics/limits.h"

#include <string.h>

static void check_device(struct planner *p, size_t index)
{
    const struct device_config *config = &p->root->devices[index];
    const struct driver_options *driver = &p->plan->drivers[index];
    if (driver->kind == DRIVER_GPIO) {
        config_report(
            p->config, config, p->d, SEVERITY_WARNING,
            "device '%s' is a line of this machine: when another node of the group leads, "
            "the line stays as it is",
            config->name);
    } else if (driver->kind != DRIVER_SIMULATED && config->feedback == NULL) {
        config_report(p->config, config, p->d, SEVERITY_WARNING,
                      "device '%s' has no feedback: a node that takes over does not know what it "
                      "does, and tells it again",
                      config->name);
    }
}

int planner_standby(struct planner *p)
{
    const struct standby_config *config = p->root->standby;
    if (config == NULL) {
        return 0;
    }
    if (strlen(config->group) > PAYLOAD_GROUP_MAX_BYTES) {
        config_report(p->config, &config->group, p->d, SEVERITY_ERROR,
                      "the name of a group has %d characters at most", PAYLOAD_GROUP_MAX_BYTES);
    }
    if (!p->root->store.enabled) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "a group needs store.enabled: yes - what the leader remembers is what the "
                      "next one goes on with");
    }
    for (size_t i = 0; i < p->root->device_count; i++) {
        check_device(p, i);
    }
    return 0;
}
