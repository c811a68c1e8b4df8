#include "edge-gateway/app/pipeline.h"

#include "edge-gateway/app/frame_log.h"
#include "edge-gateway/dbc/dbc_decode.h"
#include "edge-gateway/dbc/dbc_equal.h"
#include "edge-gateway/publish/reading_encoder.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdlib.h>

/* One message on its way through the stages. */
struct route {
    struct pipeline *pipeline;
    const struct message_plan *plan;
    struct policy *policy;
    size_t *slots;    /* layout message: by branch; layout signal: by signal */
    struct timer due; /* for what the policy holds */
};

struct pipeline {
    const struct bus_plan *plan;
    size_t index;
    struct environment env;
    struct route *routes; /* by dbc_message.index */
    struct dbc_value *values;
    struct policy_value *policy_values;
    char *payload;
    size_t payload_size;
    struct pipeline_tap tap;
    struct pipeline_stats stats;
};

static void put(struct pipeline *p, const struct route *route, size_t slot, size_t length,
                uint64_t tag)
{
    int64_t now_us = loop_now_us(p->env.loop);
    int64_t stale_after_us = route->plan->stale_after_us;
    bool assured = route->plan->delivery == DELIVERY_ASSURED;
    const struct lvq_item item = {
        .slot = slot,
        .payload = p->payload,
        .length = length,
        .qos = assured ? 1 : 0,
        .tag = assured ? tag : 0,
        .expires_us = stale_after_us > 0 ? now_us + stale_after_us : 0,
    };
    lvq_put(p->env.queue, &item, now_us);
}

static void publish_message(struct pipeline *p, const struct route *route,
                            const struct reading *reading, size_t branch)
{
    size_t length;
    /* Cannot fail: the buffer was sized for the largest reading of this bus. */
    if (reading_encode(reading, p->payload, p->payload_size, &length) == 0) {
        put(p, route, route->slots[branch], length, reading->seq);
    }
}

/* The last value carries the reading's acknowledgement: the broker acknowledges in order. */
static void publish_signals(struct pipeline *p, const struct route *route,
                            const struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) {
        size_t length;
        if (signal_encode(&reading->values[i], p->payload, p->payload_size, &length) == 0) {
            put(p, route, route->slots[reading->values[i].signal->index], length,
                i + 1 == reading->count ? reading->seq : 0);
        }
    }
}

static void publish(struct pipeline *p, const struct route *route, const struct frame *frame,
                    size_t count, size_t branch)
{
    struct reading reading = {.ts_us = frame->ts_us, .values = p->values, .count = count};
    bool shows_seq = route->plan->layout == LAYOUT_MESSAGE;
    p->stats.accepted++;
    if (route->plan->delivery == DELIVERY_ASSURED) {
        p->stats.assured++;
        reading.seq = p->env.log != NULL ? frame_log_append(p->env.log, frame, shows_seq) : 0;
    } else {
        p->stats.live_only++;
    }
    if (route->plan->layout == LAYOUT_MESSAGE) {
        publish_message(p, route, &reading, branch);
    } else {
        publish_signals(p, route, &reading);
    }
}

/* The multiplexors' raw values as one number: equal keys mean the same branch (FNV-1a over the
 * values). */
static uint64_t branch_key(const struct dbc_value *values, size_t count)
{
    uint64_t key = 0xcbf29ce484222325u;
    for (size_t i = 0; i < count; i++) {
        if (values[i].signal->multiplexor) {
            key = (key ^ (uint64_t)values[i].raw) * 0x100000001b3u;
        }
    }
    return key;
}

static void arm_due_timer(struct route *route)
{
    int64_t due_us = policy_next_due(route->policy);
    if (due_us == INT64_MAX) {
        loop_timer_cancel(route->pipeline->env.loop, &route->due);
    } else if (!timer_is_armed(&route->due) || route->due.deadline_us != due_us) {
        loop_timer_at(route->pipeline->env.loop, &route->due, due_us);
    }
}

static void publish_due(struct route *route, int64_t until_us)
{
    struct pipeline *p = route->pipeline;
    struct frame frame;
    struct policy_verdict verdict;
    while (policy_take_due(route->policy, until_us, &frame, &verdict)) {
        size_t count = dbc_decode(route->plan->message, frame.data, frame.len, p->values);
        p->stats.held--;
        frame.bus = (uint8_t)p->index; /* it may have been held since before a reload */
        publish(p, route, &frame, count, verdict.branch);
    }
}

static void on_due(void *context)
{
    struct route *route = context;
    publish_due(route, loop_now_us(route->pipeline->env.loop));
    arm_due_timer(route);
}

static void account(struct pipeline *p, const struct policy_verdict *verdict)
{
    if (verdict->replaced) {
        p->stats.held--;
        p->stats.suppressed++;
    }
    if (verdict->action == POLICY_HOLD) {
        p->stats.held++;
    } else if (verdict->action == POLICY_SUPPRESS) {
        p->stats.suppressed++;
    }
}

/* Whether the policy lets it through. */
static void offer(struct pipeline *p, const struct dbc_message *message, const struct frame *frame,
                  size_t count)
{
    struct route *route = &p->routes[message->index];
    for (size_t i = 0; i < count; i++) {
        const struct dbc_value *value = &p->values[i];
        p->policy_values[i] = (struct policy_value){value->signal->index, dbc_value_number(value),
                                                    (uint8_t)value->quality};
    }
    struct policy_verdict verdict =
        policy_offer(route->policy, branch_key(p->values, count), p->policy_values, count, frame,
                     loop_now_us(p->env.loop));
    account(p, &verdict);
    if (verdict.action == POLICY_PUBLISH) {
        publish(p, route, frame, count, verdict.branch);
    }
    if (verdict.action == POLICY_HOLD || verdict.replaced) {
        arm_due_timer(route);
    }
}

static void on_frame(struct pipeline *p, const struct frame *frame)
{
    if ((frame->flags & FRAME_REMOTE) != 0) {
        p->stats.remote++;
        return;
    }
    p->stats.received++;
    bool extended = (frame->flags & FRAME_EXTENDED) != 0;
    const struct dbc_message *message = dbc_find_by_id(p->plan->database, frame->can_id, extended);
    if (p->tap.frame != NULL) {
        p->tap.frame(p->tap.context, frame, message);
    }
    if (message == NULL) {
        p->stats.unknown++;
        return;
    }
    size_t count = dbc_decode(message, frame->data, frame->len, p->values);
    if (count == 0) {
        p->stats.malformed++;
        return;
    }
    offer(p, message, frame, count);
    if (p->tap.reading != NULL) {
        p->tap.reading(p->tap.context, message, p->values, count);
    }
}

void pipeline_tap(struct pipeline *pipeline, const struct pipeline_tap *tap)
{
    pipeline->tap = *tap;
}

void pipeline_frames(struct pipeline *pipeline, const struct frame *frames, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        on_frame(pipeline, &frames[i]);
    }
}

/* `count` slots of one topic. */
static int add_slots(struct pipeline *p, const struct topic *topic, size_t payload_max,
                     size_t *slots, size_t count)
{
    char text[TOPIC_MAX_BYTES + 1];
    int r = topic_format(p->env.prefix, topic, text, sizeof(text));
    const struct lvq_slot_options options = {text, payload_max,
                                             topic_traits(topic->kind)->retain == TOPIC_RETAIN_YES};
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = lvq_add(p->env.queue, &options, &slots[i]);
    }
    return r;
}

/* One slot per branch, so that a branch that waits for the broker is not overwritten by another. */
static int add_message_slots(struct pipeline *p, struct route *route, struct topic *topic)
{
    topic->kind = TOPIC_READING;
    return add_slots(p, topic, route->plan->payload_max, route->slots,
                     route->plan->branch_count + 1);
}

static int add_signal_slots(struct pipeline *p, struct route *route, struct topic *topic)
{
    const struct dbc_message *message = route->plan->message;
    int r = 0;
    topic->kind = TOPIC_SIGNAL;
    for (uint16_t i = 0; r == 0 && i < message->signal_count; i++) {
        topic->signal = message->signals[i].name;
        r = add_slots(p, topic, signal_payload_max(&message->signals[i]), &route->slots[i], 1);
    }
    return r;
}

static int init_route(struct pipeline *p, struct route *route, const struct message_plan *plan)
{
    *route = (struct route){.pipeline = p, .plan = plan, .due = {.fn = on_due, .context = route}};
    const struct policy_options options = {
        .mode = plan->mode,
        .min_interval_us = plan->min_interval_us,
        .max_interval_us = plan->max_interval_us,
        .signal_count = plan->message->signal_count,
        .deadbands = plan->deadbands,
        .branch_count = plan->branch_count,
    };
    int r = policy_new(&options, &route->policy);
    if (r < 0 || plan->mode == POLICY_MODE_NEVER) {
        return r;
    }
    struct topic topic = {.site = p->env.site,
                          .node = p->env.node,
                          .bus = p->plan->config->name,
                          .message = plan->message->name};
    size_t count =
        plan->layout == LAYOUT_MESSAGE ? plan->branch_count + 1 : plan->message->signal_count + 1u;
    route->slots = calloc(count, sizeof(*route->slots));
    if (route->slots == NULL) {
        return -ENOMEM;
    }
    return plan->layout == LAYOUT_MESSAGE ? add_message_slots(p, route, &topic)
                                          : add_signal_slots(p, route, &topic);
}

static int allocate(struct pipeline *p)
{
    size_t signals = 1;
    p->payload_size = 1;
    for (size_t i = 0; i < p->plan->message_count; i++) {
        const struct dbc_message *message = p->plan->messages[i].message;
        size_t payload = p->plan->messages[i].payload_max;
        signals = message->signal_count > signals ? message->signal_count : signals;
        p->payload_size = payload > p->payload_size ? payload : p->payload_size;
    }
    p->routes = calloc(p->plan->message_count + 1, sizeof(struct route));
    p->values = calloc(signals, sizeof(struct dbc_value));
    p->policy_values = calloc(signals, sizeof(struct policy_value));
    p->payload = malloc(p->payload_size);
    return p->routes != NULL && p->values != NULL && p->policy_values != NULL && p->payload != NULL
               ? 0
               : -ENOMEM;
}

int pipeline_new(const struct bus_plan *plan, size_t index, const struct environment *environment,
                 struct pipeline **ret)
{
    struct pipeline *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        return -ENOMEM;
    }
    p->plan = plan;
    p->index = index;
    p->env = *environment;
    int r = allocate(p);
    for (size_t i = 0; r == 0 && i < plan->message_count; i++) {
        r = init_route(p, &p->routes[i], &plan->messages[i]);
    }
    if (r < 0) {
        pipeline_free(p);
        return r;
    }
    *ret = p;
    return 0;
}

void pipeline_free(struct pipeline *pipeline)
{
    if (pipeline == NULL) {
        return;
    }
    for (size_t i = 0; pipeline->routes != NULL && i < pipeline->plan->message_count; i++) {
        loop_timer_cancel(pipeline->env.loop, &pipeline->routes[i].due);
        policy_free(pipeline->routes[i].policy);
        free(pipeline->routes[i].slots);
    }
    free(pipeline->routes);
    free(pipeline->values);
    free(pipeline->policy_values);
    free(pipeline->payload);
    free(pipeline);
}

/* The route of the same message, if it means the same. */
static struct route *find_same(struct pipeline *p, const struct dbc_message *message)
{
    const struct dbc_message *other =
        dbc_find_by_id(p->plan->database, message->can_id, message->extended);
    return other != NULL && dbc_messages_equal(other, message) ? &p->routes[other->index] : NULL;
}

void pipeline_adopt(struct pipeline *pipeline, struct pipeline *from)
{
    struct pipeline *p = pipeline;
    for (size_t i = 0; i < p->plan->message_count; i++) {
        struct route *route = &p->routes[i];
        struct route *old = find_same(from, route->plan->message);
        if (old != NULL && old->plan->layout == route->plan->layout &&
            policy_adopt(route->policy, old->policy)) {
            arm_due_timer(route);
        }
    }
    pipeline_flush(from);
    p->stats = from->stats;
}

void pipeline_flush(struct pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->plan->message_count; i++) {
        publish_due(&pipeline->routes[i], INT64_MAX);
    }
}

struct pipeline_stats pipeline_stats(const struct pipeline *pipeline)
{
    return pipeline->stats;
}
