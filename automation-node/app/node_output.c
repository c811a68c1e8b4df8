/* What a node's engine has decided goes out: commands, states, traces, alarms, messages. */
#include "automation-node/app/node_duty.h"
#include "automation-node/app/node_impl.h"
#include "automation-node/engine/engine.h"
#include "automation-node/engine/engine_delivery.h"
#include "automation-node/input/deadline.h"
#include "common/log.h"

#include <errno.h>
#include <string.h>

static void send_command(struct node *n, size_t device, const struct device_command *command)
{
    if (!node_may_drive(n, device)) {
        n->withheld++;
        engine_note_undelivered(n->engine, device);
        return;
    }
    int r = driver_command(n->drivers[device], command);
    if (r < 0) {
        n->undelivered++;
        engine_note_undelivered(n->engine, device);
        log_debug("device", "%s: command not delivered: %s", n->plan->config->devices[device].name,
                  strerror(-r));
    }
    if (command->attempt > 1) {
        log_warning("device", "%s: no confirmation, attempt %u",
                    n->plan->config->devices[device].name, command->attempt);
    }
}

static void tell_decision(struct node *n, size_t device, const struct device_state *state)
{
    if (value_equal(&n->told[device], &state->target)) {
        return;
    }
    n->told[device] = state->target;
    char target[VALUE_TEXT_SIZE];
    (void)value_format(&state->target, target, sizeof(target));
    log_info("device", "%s -> %s (%s: %s)", n->plan->config->devices[device].name, target,
             state->cause.source, state->cause.reason);
}

int node_publish(void *context, const struct mqtt_publish *publish)
{
    struct node *n = context;
    switch (mqtt_link_publish(mqtt_node_link(n->mqtt), publish)) {
    case MQTT_PUBLISHED:
        return 0;
    case MQTT_OFFLINE:
        return -ENOTCONN;
    case MQTT_WINDOW_FULL:
        return -EAGAIN;
    case MQTT_TOO_LARGE:
    case MQTT_FAILED:
        break;
    }
    return -EMSGSIZE;
}

static void send_message(struct node *n, const struct action_config *action)
{
    const char *payload = action->payload != NULL ? action->payload : "";
    const struct mqtt_publish message = {.topic = action->publish,
                                         .payload = payload,
                                         .length = strlen(payload),
                                         .qos = (int)action->qos,
                                         .retain = action->retain};
    int r = node_publish(n, &message);
    if (r < 0) {
        n->messages_undelivered++;
        log_debug("rule", "message to %s not delivered: %s", action->publish, strerror(-r));
    }
}

/* What a node that does not lead decides is nobody's business. */
static bool is_told(const struct node *n, const struct engine_output *output)
{
    bool of_device = output->kind == ENGINE_STATE;
    return n->leads && duty_leads(n->duty) &&
           !(of_device && duty_is_others(n->duty, output->device));
}

static void carry_out(struct node *n, const struct engine_output *output)
{
    if (output->kind != ENGINE_COMMAND && !is_told(n, output)) {
        return;
    }
    switch (output->kind) {
    case ENGINE_COMMAND:
        send_command(n, output->device, &output->command);
        break;
    case ENGINE_STATE:
        tell_decision(n, output->device, &output->state);
        device_record_state(n->record, output->device, &output->state);
        device_topics_publish(n->devices, output->device, &output->state);
        break;
    case ENGINE_RULE_STATE:
        rule_topics_publish_state(n->rules, output->rule, &output->rule_state);
        break;
    case ENGINE_RULE_TRACE:
        rule_topics_publish_trace(n->rules, output->rule, &output->trace);
        break;
    case ENGINE_SCHEDULE_STATE:
        rule_topics_publish_schedule(n->rules, output->schedule, &output->schedule_state);
        break;
    case ENGINE_CONTROLLER_STATE:
        controller_topics_publish(n->controllers, output->controller, &output->controller_state);
        break;
    case ENGINE_ALARM_STATE:
        alarm_topics_publish_state(n->alarms, output->alarm, &output->alarm_state);
        break;
    case ENGINE_ALARM_EVENT:
        alarm_topics_publish_event(n->alarms, output->alarm, &output->alarm_event);
        break;
    case ENGINE_MESSAGE:
        send_message(n, n->plan->messages[output->message]);
        break;
    }
}

void node_tell(struct node *n)
{
    struct engine_output output;
    loop_timer_cancel(n->loop, &n->telling);
    while (engine_take(n->engine, &output)) {
        carry_out(n, &output);
    }
    engine_keeper_look(n->keeper);
}

void node_settle(struct node *n)
{
    size_t device;
    struct device_command command;
    while (engine_take_command(n->engine, &device, &command)) {
        send_command(n, device, &command);
    }
    int64_t deadline_us = engine_next_deadline(n->engine);
    if (deadline_us == DEADLINE_NONE) {
        loop_timer_cancel(n->loop, &n->tick);
    } else {
        loop_timer_at(n->loop, &n->tick, deadline_us);
    }
    loop_timer_after(n->loop, &n->telling, 0);
}
