/* Where inputs come from: signals of gateways, and topics of anybody. */
#include "automation-node/app/plan_sources.h"
#include "automation-node/app/plan_steps.h"
#include "topics/json_field.h"
#include "topics/payload_node.h"
#include "topics/topic_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SIGNAL_STALE_US (30 * 1000000LL)

/* ---- topics ---- */

int planner_add_source(struct planner *p, const struct topic_source *source)
{
    struct node_plan *plan = p->plan;
    struct topic_source *grown = reallocarray(plan->topics, plan->topic_count + 1, sizeof(*grown));
    if (grown == NULL) {
        return -ENOMEM;
    }
    plan->topics = grown;
    plan->topics[plan->topic_count++] = *source;
    return 0;
}

void planner_topic(struct planner *p, const char *const *topic)
{
    if (!topic_name_is_valid(*topic) || (*topic)[0] == '$') {
        config_report(p->config, topic, p->d, SEVERITY_ERROR,
                      "'%s' is no topic: some text without + and #, such as kitchen/lamp", *topic);
    } else if (p->root->broker.version == MQTT_VERSION_311 && strpbrk(*topic, ". ") != NULL) {
        config_report(p->config, topic, p->d, SEVERITY_WARNING,
                      "'%s' has a '.' or a space: a NATS cluster ends the connection over it, and "
                      "for RabbitMQ '.' is the same as '/'",
                      *topic);
    }
}

void planner_field(struct planner *p, const char *const *field)
{
    if (*field != NULL && !json_field_is_valid(*field)) {
        config_report(p->config, field, p->d, SEVERITY_ERROR,
                      "'%s' is no field - write a name, such as temperature, or the way to it, "
                      "such as /ENERGY/Power or /relays/0",
                      *field);
    }
}

int planner_availability(struct planner *p, size_t input, const struct availability_config *config)
{
    planner_topic(p, &config->topic);
    planner_field(p, &config->field);
    return planner_add_source(p, &(struct topic_source){.input = input,
                                                        .topic = config->topic,
                                                        .field = config->field,
                                                        .online = config->online != NULL
                                                                      ? config->online
                                                                      : payload_status_text(true)});
}

/* ---- inputs ---- */

static int plan_signal(struct planner *p, const struct input_config *config, size_t index)
{
    if (config->gateway == NULL) {
        config_report(p->config, &config->signal, p->d, SEVERITY_ERROR,
                      "'signal' needs 'gateway', the node id of the gateway that has it");
        return 0;
    }
    if (config->field != NULL || config->availability != NULL) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "'field' and 'availability' go with 'topic'; a gateway tells them itself");
    }
    return planner_path(p, &config->signal, config->gateway, &p->plan->sources[index]);
}

static int plan_topic(struct planner *p, const struct input_config *config, size_t index)
{
    planner_topic(p, &config->topic);
    planner_field(p, &config->field);
    if (config->gateway != NULL) {
        config_report(p->config, &config->gateway, p->d, SEVERITY_ERROR,
                      "'gateway' goes with 'signal', not with 'topic'");
    }
    if (config->stale_after_us == NULL && config->availability == NULL) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "input '%s' needs 'stale_after' or 'availability': nothing else tells that "
                      "its sender has died (stale_after: 0s if it need not be known)",
                      config->name);
    }
    int r = planner_add_source(
        p, &(struct topic_source){.input = index, .topic = config->topic, .field = config->field});
    return r == 0 && config->availability != NULL
               ? planner_availability(p, index, config->availability)
               : r;
}

static int plan_source(struct planner *p, const struct input_config *config, size_t index)
{
    int ways = (config->signal != NULL) + (config->topic != NULL) + (config->derive != DERIVE_NONE);
    if (ways != 1) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "input '%s' needs exactly one of 'signal' (with 'gateway'), 'topic', and "
                      "'derive' (with 'of')",
                      config->name);
        return 0;
    }
    if (config->of_count > 0 && config->derive == DERIVE_NONE) {
        config_report(p->config, config->of, p->d, SEVERITY_ERROR, "'of' goes with 'derive'");
    }
    if (config->topic != NULL) {
        return plan_topic(p, config, index);
    }
    /* What is derived is planned later, as it may be of devices. */
    return config->signal != NULL ? plan_signal(p, config, index) : 0;
}

static int64_t stale_after_us(const struct input_config *config)
{
    if (config->stale_after_us != NULL) {
        return *config->stale_after_us;
    }
    return config->signal != NULL ? SIGNAL_STALE_US : 0;
}

static int plan_labels(struct planner *p, const struct input_config *config,
                       struct expression_label **ret)
{
    struct expression_label *labels =
        arena_alloc(&p->plan->arena, config->label_count, sizeof(*labels));
    if (labels == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < config->label_count; i++) {
        labels[i] =
            (struct expression_label){config->labels[i], planner_value(p, &config->labels[i])};
    }
    *ret = labels;
    return 0;
}

static int plan_input(struct planner *p, size_t index, struct input_options *ret)
{
    const struct input_config *config = &p->root->inputs[index];
    *ret = (struct input_options){config->name, config->unit, stale_after_us(config)};
    p->plan->stale_open[index] = config->signal != NULL && config->stale_after_us == NULL;
    planner_usable_name(p, &config->name);
    p->plan->scales[index] = (struct input_scale){.unit = config->unit};
    int r = plan_source(p, config, index);
    return r == 0 ? plan_labels(p, config, &p->plan->input_labels[index]) : r;
}

int planner_inputs(struct planner *p)
{
    size_t count = p->root->input_count + p->root->device_count;
    struct node_plan *plan = p->plan;
    struct input_options *inputs = arena_alloc(&plan->arena, count, sizeof(*inputs));
    plan->sources = arena_alloc(&plan->arena, count, sizeof(struct signal_path));
    plan->input_labels =
        arena_alloc(&plan->arena, p->root->input_count, sizeof(*plan->input_labels));
    plan->scales = arena_alloc(&plan->arena, p->root->input_count, sizeof(*plan->scales));
    plan->stale_open = arena_alloc(&plan->arena, count, sizeof(*plan->stale_open));
    if (inputs == NULL || plan->sources == NULL || plan->stale_open == NULL ||
        plan->input_labels == NULL || plan->scales == NULL) {
        return -ENOMEM;
    }
    plan->engine.inputs = inputs;
    plan->engine.stale_open = plan->stale_open;
    plan->engine.input_count = p->root->input_count;
    int r = 0;
    for (size_t i = 0; r == 0 && i < p->root->input_count; i++) {
        r = plan_input(p, i, &inputs[i]);
    }
    return r;
}
