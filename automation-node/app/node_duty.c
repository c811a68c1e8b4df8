#include "automation-node/app/node_duty.h"

#include "automation-node/engine/engine_delivery.h"
#include "common/log.h"
#include "common/lvq_retained.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void on_record(void *context, const struct engine_record *record)
{
    struct node *n = context;
    if (n->leads) {
        succession_publish(n->succession, record, duty_stats(n->duty).epoch);
    }
}

static void on_turned(void *context)
{
    struct node *n = context;
    if (n->turn != NULL) {
        n->turn(n->turn_context);
    }
}

static void on_settled(void *context)
{
    struct node *n = context;
    node_tell(n);
    engine_tell_again(n->engine, loop_now_us(n->loop));
    node_settle(n);
}

int node_duty_new(struct node *n)
{
    const struct duty_options options = {.loop = n->loop,
                                         .queue = mqtt_node_queue(n->mqtt),
                                         .link = mqtt_node_link(n->mqtt),
                                         .plan = n->plan,
                                         .turned = on_turned,
                                         .settled = on_settled,
                                         .context = n};
    int r = duty_new(&options, &n->duty);
    if (r < 0 || n->plan->config->standby == NULL) {
        return r;
    }
    r = held_wishes_init(&n->held, n->plan->config->device_count);
    r = r < 0
            ? r
            : succession_new(n->loop, n->plan, mqtt_node_queue(n->mqtt), n->engine, &n->succession);
    if (r == 0) {
        engine_keeper_tap(n->keeper, on_record, n);
    }
    return r;
}

void node_duty_free(struct node *n)
{
    duty_free(n->duty);
    succession_free(n->succession);
    held_wishes_deinit(&n->held);
}

/* Of a node that does not lead the broker keeps nothing that looks as if it did. What the whole
 * group has in common is the leader's business. */
static enum lvq_keeping keeping(void *context, const char *text)
{
    const struct node *n = context;
    struct topic_parsed topic;
    if (topic_parse(n->plan->config->broker.prefix, text, &topic) < 0) {
        return LVQ_DELETE; /* what Home Assistant was told */
    }
    bool of_node = topic.kind == TOPIC_RULE_STATE || topic.kind == TOPIC_SCHEDULE_STATE ||
                   topic.kind == TOPIC_CONTROLLER_STATE || topic.kind == TOPIC_ALARM;
    bool of_group = topic.kind == TOPIC_DEVICE_STATE || topic.kind == TOPIC_MEMORY;
    if (of_node) {
        return LVQ_DELETE;
    }
    return of_group ? LVQ_FORGET : LVQ_KEEP;
}

static void be_silent(struct node *n)
{
    if (!n->leads) {
        lvq_sort_out(mqtt_node_queue(n->mqtt), keeping, n, loop_now_us(n->loop));
    }
}

void node_duty_start(struct node *n)
{
    be_silent(n);
    duty_start(n->duty, NULL);
}

/* The wishes that nobody has carried out, as far as is known. */
static void grant_wishes(struct node *n, struct held_wishes *held, int64_t since_us)
{
    for (size_t i = 0; i < n->plan->config->device_count && i < held->count; i++) {
        struct wish wish;
        if (held_wishes_get(held, i, since_us, loop_now_us(n->loop), &wish)) {
            enum refusal refusal = engine_wish(n->engine, i, &wish, loop_now_us(n->loop));
            log_info("standby", "%s: a wish that came after the last sign of the former leader: %s",
                     n->plan->config->devices[i].name,
                     refusal == REFUSAL_NONE ? "granted" : refusal_name(refusal));
        }
    }
}

void node_duty_take_over(struct node *n, struct node *old)
{
    duty_start(n->duty, old->duty);
    if (n->succession != NULL && old->succession != NULL) {
        succession_take_over(n->succession, old->succession);
    }
    be_silent(n);
    if (n->leads && !old->leads) {
        grant_wishes(n, &old->held, loop_now_us(n->loop) - duty_stats(n->duty).silence_us);
    }
}

bool node_duty_on_message(struct node *n, const struct mqtt_received *message)
{
    return duty_on_message(n->duty, message) ||
           (n->succession != NULL && succession_on_message(n->succession, message));
}

int node_duty_inherit(struct node *n)
{
    const struct node *old = n->predecessor;
    struct engine_record *records;
    const struct duty_stats duty = duty_stats(old->duty);
    struct remembered_estate estate = {.alive_ago_us = duty.silence_us,
                                       .complete = duty.handed_over};
    int r = succession_records(old->succession, &records, &estate.count);
    if (r < 0) {
        return r;
    }
    estate.records = records;
    r = remembered_inherit(old->engine, &estate, loop_now_us(n->loop), &n->remembered);
    log_info("standby", "goes on with %zu records of the former leader", estate.count);
    free(records);
    return r;
}

bool node_may_drive(const struct node *n, size_t device)
{
    return n->leads && duty_may_drive(n->duty, device);
}

const char *node_hand_over(void *context, const char *to)
{
    struct node *n = context;
    if (!n->leads || n->succession == NULL) {
        return "this node leads no group";
    }
    node_tell(n);
    engine_keeper_tap_all(n->keeper); /* before the word that somebody else may lead */
    switch (duty_release(n->duty, to)) {
    case 0:
        return NULL;
    case -ENOENT:
        return to != NULL ? "no such node of the group is there"
                          : "no other node of the group is there";
    default:
        return "this node does not lead";
    }
}

const struct payload_master *node_master(void *context)
{
    struct node *n = context;
    return duty_master(n->duty);
}
