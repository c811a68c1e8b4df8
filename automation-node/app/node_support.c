#include "automation-node/app/node_support.h"

#include "automation-node/app/node_impl.h"
#include "automation-node/app/node_metrics.h"
#include "automation-node/engine/engine_explain.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/input/value.h"

static void add_devices(const struct node *n, struct support *support)
{
    const struct node_config *config = n->plan->config;
    for (size_t i = 0; i < config->device_count; i++) {
        const struct device_state state = engine_device_state(n->engine, i);
        char text[VALUE_TEXT_SIZE] = "not known";
        if (state.value.kind != VALUE_NONE) {
            (void)value_format(&state.value, text, sizeof(text));
        }
        support_add(support, "devices", config->devices[i].name, text);
    }
}

static void add_rules(const struct node *n, struct support *support)
{
    const struct node_config *config = n->plan->config;
    for (size_t i = 0; i < config->rule_count; i++) {
        const struct engine_rule_state state =
            engine_rule_state(n->engine, n->plan->engine_rules[i]);
        support_add(support, "rules", config->rules[i].name,
                    state.enabled ? "enabled" : "disabled");
    }
}

int node_support(struct node *node, struct support **ret)
{
    struct node *n = node;
    const struct support_options options = {
        .config = n->config_file,
        .build = n->build,
        .program = "automation-node",
        .site = n->plan->config->site,
        .node = n->plan->config->node,
    };
    struct support *support;
    int r = support_new(&options, &support);
    if (r < 0) {
        return r;
    }
    add_devices(n, support);
    add_rules(n, support);
    const struct counter_sink sink = support_metrics(support);
    node_metrics_tell(n, &sink);
    r = support_end(support);
    if (r < 0) {
        support_free(support);
        return r;
    }
    *ret = support;
    return 0;
}
