/* What comes from outside goes into a node's engine: readings, topics, wishes. */
#include "automation-node/app/node_input.h"

#include "automation-node/app/message_triggers.h"
#include "automation-node/app/stale_defaults.h"
#include "automation-node/engine/engine.h"
#include "automation-node/engine/engine_stale.h"
#include "common/log.h"

#include <errno.h>
#include <string.h>

static void on_input(void *context, size_t input, const struct reading *reading)
{
    struct node *n = context;
    engine_input(n->engine, input, reading, loop_now_us(n->loop));
}

static void on_stale_default(void *context, size_t input, int64_t span_us)
{
    struct node *n = context;
    engine_set_stale_after(n->engine, input, span_us, loop_now_us(n->loop));
}

static enum refusal on_wish(void *context, size_t device, const struct wish *wish)
{
    struct node *n = context;
    if (!n->leads) {
        held_wishes_hold(&n->held, device, wish, loop_now_us(n->loop));
        return REFUSAL_NONE;
    }
    return engine_wish(n->engine, device, wish, loop_now_us(n->loop));
}

static int on_rule(void *context, size_t rule, enum payload_rule_action action)
{
    struct node *n = context;
    if (!n->leads) {
        return -EPERM;
    }
    int64_t now_us = loop_now_us(n->loop);
    if (action == PAYLOAD_RULE_RUN) {
        return engine_run_rule(n->engine, rule, NULL, now_us);
    }
    engine_enable_rule(n->engine, rule, action == PAYLOAD_RULE_ENABLE, now_us);
    return 0;
}

static int on_schedule(void *context, size_t schedule, enum payload_rule_action action)
{
    struct node *n = context;
    if (action == PAYLOAD_RULE_RUN || !n->leads) {
        return -ENOTSUP;
    }
    engine_enable_schedule(n->engine, schedule, action == PAYLOAD_RULE_ENABLE,
                           loop_now_us(n->loop));
    return 0;
}

static int on_controller(void *context, size_t controller, const struct controller_change *change)
{
    struct node *n = context;
    if (!n->leads) {
        return -EPERM;
    }
    return engine_set_controller(n->engine, controller, change, loop_now_us(n->loop));
}

static enum alarm_verdict on_alarm(void *context, size_t alarm, const struct alarm_action *action)
{
    struct node *n = context;
    return engine_operate_alarm(n->engine, alarm, action, loop_now_us(n->loop));
}

static void on_trigger(void *context, size_t rule, const char *reason)
{
    struct node *n = context;
    if (engine_run_rule(n->engine, rule, reason, loop_now_us(n->loop)) < 0) {
        log_debug("rule", "disabled, in spite of %s", reason);
    }
}

static bool run_triggered(struct node *n, const struct mqtt_received *message)
{
    int r = message_triggers_on_message(n->plan, message, on_trigger, n);
    if (r < 0) {
        log_warning("rule", "a message on %s triggers nothing: %s", message->topic, strerror(-r));
    }
    return r != 0;
}

bool node_input_on_message(struct node *n, const struct mqtt_received *message)
{
    const struct stale_defaults_options stale = {n->plan, on_stale_default, n};
    /* Anybody's topic may be one of ours, too. */
    bool is_input = topic_inputs_on_message(n->topic_inputs, message);
    is_input = stale_defaults_on_message(&stale, message) || is_input;
    is_input = run_triggered(n, message) || is_input;
    return readings_on_message(n->readings, message) || is_input ||
           device_topics_on_message(n->devices, message) ||
           rule_topics_on_message(n->rules, message) ||
           alarm_topics_on_message(n->alarms, message) ||
           controller_topics_on_message(n->controllers, message);
}

void node_input_on_feedback(struct node *n, size_t device, const struct value *value)
{
    const struct reading reading = {.value = *value, .quality = QUALITY_GOOD};
    on_input(n, n->plan->feedbacks[device], &reading);
}

int node_input_new(struct node *n)
{
    const struct readings_options readings = {n->loop, n->plan, on_input, n};
    const struct device_topics_options devices = {n->loop, mqtt_node_queue(n->mqtt), n->plan,
                                                  on_wish, n};
    const struct rule_topics_options rules = {
        n->loop, mqtt_node_queue(n->mqtt), n->plan, on_rule, on_schedule, node_publish, n};
    const struct controller_topics_options controllers = {n->loop, mqtt_node_queue(n->mqtt),
                                                          n->plan, on_controller, n};
    const struct alarm_topics_options alarms = {n->loop, mqtt_node_queue(n->mqtt), n->plan,
                                                on_alarm, n};
    const struct topic_inputs_options topic_inputs = {n->plan, on_input, n};
    int r = readings_new(&readings, &n->readings);
    if (r == 0) {
        r = topic_inputs_new(&topic_inputs, &n->topic_inputs);
    }
    if (r == 0) {
        r = device_topics_new(&devices, &n->devices);
    }
    if (r == 0) {
        r = rule_topics_new(&rules, &n->rules);
    }
    if (r == 0) {
        r = controller_topics_new(&controllers, &n->controllers);
    }
    if (r == 0) {
        r = alarm_topics_new(&alarms, &n->alarms);
    }
    return r;
}

void node_input_free(struct node *n)
{
    alarm_topics_free(n->alarms);
    controller_topics_free(n->controllers);
    rule_topics_free(n->rules);
    device_topics_free(n->devices);
    topic_inputs_free(n->topic_inputs);
    readings_free(n->readings);
}
