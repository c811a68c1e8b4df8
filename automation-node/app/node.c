#include "automation-node/app/node.h"

#include "automation-node/app/discovery_publish.h"
#include "automation-node/app/node_duty.h"
#include "automation-node/app/node_impl.h"
#include "automation-node/app/node_input.h"
#include "automation-node/app/node_metrics.h"
#include "automation-node/app/node_mqtt.h"
#include "automation-node/app/node_stamp.h"
#include "automation-node/app/node_support.h"
#include "automation-node/app/reload_check.h"
#include "automation-node/engine/engine.h"
#include "automation-node/engine/engine_delivery.h"
#include "common/log.h"
#include "common/mqtt_node_change.h"
#include "common/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_tick(void *context)
{
    struct node *n = context;
    node_tell(n);
    engine_tick(n->engine, loop_now_us(n->loop));
    node_settle(n);
}

static void on_telling(void *context)
{
    node_tell(context);
}

static void on_clock(void *context, bool is_trusted, int64_t wall_us)
{
    struct node *n = context;
    node_tell(n);
    engine_set_clock(n->engine, is_trusted ? wall_us : EXPRESSION_NO_CLOCK, loop_now_us(n->loop));
    engine_keeper_note_clock(n->keeper);
    node_settle(n);
}

/* What could not leave, for want of a connection or of room in it, can now. */
static void on_way_out(void *context)
{
    struct node *n = context;
    node_tell(n);
    engine_tell_again(n->engine, loop_now_us(n->loop));
    node_settle(n);
}

static void on_up(void *context)
{
    struct node *n = context;
    duty_on_link(n->duty, true);
    on_way_out(n);
}

static void on_down(void *context)
{
    struct node *n = context;
    duty_on_link(n->duty, false);
}

static void on_room(void *context)
{
    struct node *n = context;
    on_way_out(n);
    questions_go_on(n->questions);
}

static void on_reload(void *context)
{
    struct node *n = context;
    if (n->reload != NULL) {
        n->reload(n->reload_context);
    }
}

static int on_support(void *context, struct support **ret)
{
    return node_support(context, ret);
}

static void on_message(void *context, const struct mqtt_received *message)
{
    struct node *n = context;
    node_tell(n);
    if (questions_on_message(n->questions, message)) {
        return; /* who asks changes nothing */
    }
    if (node_duty_on_message(n, message)) {
        return;
    }
    if (n->home != NULL && n->leads) {
        (void)home_assistant_on_message(n->home, message); /* may be an input, too */
    }
    if (node_input_on_message(n, message)) {
        node_settle(n);
    }
}

static bool is_asked(const void *context)
{
    const struct node *n = context;
    return questions_are_open(n->questions);
}

static void on_stopped(void *context)
{
    struct node *n = context;
    loop_stop(n->loop, 0);
}

static int publish_command(void *context, const char *topic, const char *payload, size_t length,
                           uint32_t expiry_s)
{
    struct node *n = context;
    const struct mqtt_publish command = {
        .topic = topic, .payload = payload, .length = length, .qos = 1, .expiry_s = expiry_s};
    return node_publish(n, &command);
}

static void on_device_shows(void *context, size_t device, const struct value *value)
{
    struct node *n = context;
    node_tell(n);
    node_input_on_feedback(n, device, value);
    node_settle(n);
}

static void on_metrics(void *context)
{
    struct node *n = context;
    loop_timer_after(n->loop, &n->metrics_timer, n->plan->config->metrics_interval_us);
    node_metrics_publish(n);
}

static struct mqtt_node_handler handler_of(struct node *n)
{
    return (struct mqtt_node_handler){.up = on_up,
                                      .down = on_down,
                                      .message = on_message,
                                      .room = on_room,
                                      .stopped = on_stopped,
                                      .is_asked = is_asked,
                                      .context = n};
}

static int new_mqtt(struct node *n)
{
    const struct mqtt_node_handler handler = handler_of(n);
    return node_mqtt_new(n->loop, n->plan->config, &handler, &n->mqtt);
}

static int new_drivers(struct node *n)
{
    const struct node_config *config = n->plan->config;
    const struct driver_host host = {n->loop,    publish_command, node_master,
                                     node_stamp, on_device_shows, n};
    char error[DRIVER_ERROR_SIZE];
    n->drivers = calloc(config->device_count + 1, sizeof(struct driver *));
    n->told = calloc(config->device_count + 1, sizeof(struct value));
    if (n->drivers == NULL || n->told == NULL) {
        return -ENOMEM;
    }
    struct driver *const *olds = n->predecessor != NULL ? n->predecessor->drivers : NULL;
    size_t old_count = n->predecessor != NULL ? n->predecessor->plan->config->device_count : 0;
    for (size_t i = 0; i < config->device_count; i++) {
        int r = driver_succeed(olds, old_count, &n->plan->drivers[i], &host, &n->drivers[i], error);
        if (r < 0) {
            (void)snprintf(n->fault, sizeof(n->fault), "%s: its driver does not start: %s",
                           config->devices[i].name, error);
            log_error("device", "%s", n->fault);
            return r;
        }
    }
    return 0;
}

static int new_stages(struct node *n)
{
    int r = node_input_new(n);
    if (r == 0) {
        r = node_report_new(n->plan, n->loop, mqtt_node_queue(n->mqtt), &n->report);
    }
    if (r == 0 && n->predecessor == NULL) {
        const struct device_record_source source = {engine_keeper_collect, n->keeper};
        r = device_record_new(n->loop, n->plan, &source, &n->record);
    }
    const struct questions_options questions = {n->loop,
                                                mqtt_node_queue(n->mqtt),
                                                mqtt_node_link(n->mqtt),
                                                {n->loop, n->plan, n->engine},
                                                on_reload,
                                                node_hand_over,
                                                on_support,
                                                n};
    if (r == 0) {
        r = questions_new(&questions, &n->questions);
    }
    r = r == 0 ? node_duty_new(n) : r;
    if (r == 0) {
        r = new_drivers(n);
    }
    return r == 0 ? node_subscribe(n) : r;
}

static int remember(struct node *n)
{
    if (n->predecessor != NULL) {
        node_tell(n->predecessor);
        if (n->leads && !n->predecessor->leads) {
            return node_duty_inherit(n);
        }
        return remembered_take(n->predecessor->engine, loop_now_us(n->loop), &n->remembered);
    }
    bool known = wall_clock_is_trustworthy(n->clock);
    return remembered_load(n->plan->config, known ? loop_realtime_us(n->loop) : EXPRESSION_NO_CLOCK,
                           &n->remembered);
}

/* Restored before anything is connected; whether the clock is known has to be known for that. */
static int new_engine(struct node *n)
{
    const struct wall_clock_options clock = {
        .wait_us = n->plan->config->time.wait_for_sync_us,
        .trusted = n->predecessor != NULL && wall_clock_is_trusted(n->predecessor->clock),
        .changed = on_clock,
        .context = n};
    int r = wall_clock_new(n->loop, &clock, &n->clock);
    if (r == 0) {
        r = remember(n);
    }
    if (r == 0) {
        struct engine_options options = n->plan->engine;
        options.memory = remembered_memory(n->remembered);
        r = engine_new(&options, loop_now_us(n->loop), &n->engine);
    }
    if (r == 0) {
        r = engine_keeper_new(n->loop, n->plan, n->engine, n->remembered, &n->keeper);
    }
    return r;
}

/* What is its predecessor's stays with that. */
static void give_back(struct node *n)
{
    if (n->predecessor != NULL && n->mqtt != NULL) {
        node_unsubscribe_from(n->mqtt, &n->filters, &n->predecessor->filters);
        n->mqtt = NULL;
    }
}

static int take_mqtt(struct node *n)
{
    if (n->predecessor == NULL) {
        return new_mqtt(n);
    }
    n->mqtt = n->predecessor->mqtt;
    return mqtt_node_claim(n->mqtt);
}

/* `reterr` may be NULL. */
static int make(struct loop *loop, const struct config *config, const struct node_plan *plan,
                struct node *predecessor, bool leads, struct node **ret, char *reterr)
{
    struct node *n = calloc(1, sizeof(*n));
    if (n == NULL) {
        return -ENOMEM;
    }
    n->loop = loop;
    n->config_file = config;
    n->plan = plan;
    n->tick = (struct timer){.fn = on_tick, .context = n};
    n->telling = (struct timer){.fn = on_telling, .context = n};
    n->metrics_timer = (struct timer){.fn = on_metrics, .context = n};
    n->predecessor = predecessor;
    n->leads = leads;
    n->stamp_clock = predecessor != NULL ? predecessor->stamp_clock : node_stamp_clock(loop);
    int r = new_engine(n);
    if (r == 0) {
        r = take_mqtt(n);
    }
    if (r == 0) { /* first in the queue, so that it comes before the states when all is repeated */
        r = discovery_publish_new(n->plan, n->loop, mqtt_node_queue(n->mqtt), &n->home);
    }
    if (r == 0) {
        r = new_stages(n);
    }
    if (r < 0) {
        log_error("node", "cannot start: %s", worker_error_text(r));
        if (reterr != NULL) {
            (void)snprintf(reterr, NODE_ERROR_SIZE, "%s",
                           n->fault[0] != '\0' ? n->fault : worker_error_text(r));
        }
        give_back(n);
        node_free(n);
        return r;
    }
    *ret = n;
    return 0;
}

int node_new(struct loop *loop, const struct config *config, const struct node_plan *plan,
             struct node **ret)
{
    return make(loop, config, plan, NULL, plan->config->standby == NULL, ret, NULL);
}

void node_free(struct node *node)
{
    if (node == NULL) {
        return;
    }
    loop_timer_cancel(node->loop, &node->tick);
    loop_timer_cancel(node->loop, &node->telling);
    loop_timer_cancel(node->loop, &node->metrics_timer);
    for (size_t i = 0; node->drivers != NULL && i < node->plan->config->device_count; i++) {
        driver_free(node->drivers[i]);
    }
    wall_clock_free(node->clock);
    questions_free(node->questions);
    device_record_free(node->record); /* the last records still go through the duty's tap */
    engine_keeper_free(node->keeper);
    node_duty_free(node);
    node_report_free(node->report);
    node_input_free(node);
    home_assistant_free(node->home);
    mqtt_node_free(node->mqtt);
    engine_free(node->engine);
    remembered_free(node->remembered);
    filter_list_deinit(&node->filters);
    free(node->drivers);
    free(node->told);
    free(node);
}

static void start_stages(struct node *node)
{
    if (node->home != NULL && node->leads) {
        home_assistant_start(node->home);
    }
    remembered_report(node->remembered, node->engine);
    node_report_info(node->report, config_hash(node->config_file));
    loop_timer_after(node->loop, &node->metrics_timer, 0);
    wall_clock_start(node->clock);
    if (node->leads) {
        engine_keeper_start(node->keeper, node->record);
    }
    node_settle(node);
}

void node_start(struct node *node)
{
    node_duty_start(node);
    mqtt_node_start(node->mqtt);
    start_stages(node);
}

/* From here on nothing can fail. */
static void take_over(struct node *n)
{
    struct node *old = n->predecessor;
    const struct mqtt_node_handler handler = handler_of(n);
    mqtt_node_hand_over(n->mqtt, &handler);
    node_unsubscribe_from(n->mqtt, &old->filters, &n->filters);
    node_report_go_on(n->report, old->report);
    n->record = old->record;
    device_record_hand_over(n->record, n->plan, n->keeper);
    old->record = NULL;
    old->mqtt = NULL;
    n->predecessor = NULL;
    n->build = old->build;
    n->reload = old->reload;
    n->reload_context = old->reload_context;
    n->turn = old->turn;
    n->turn_context = old->turn_context;
    questions_take_over(n->questions, old->questions);
    node_duty_take_over(n, old);
    node_free(old);
    mqtt_node_claim_rest(n->mqtt);
    start_stages(n);
}

static bool can_follow(const struct node *node, const struct node_plan *plan, char *reterr)
{
    struct buf why;
    buf_init(&why, NODE_ERROR_SIZE);
    bool can = reload_check(node->plan->config, plan->config, &why);
    if (!can) {
        (void)snprintf(reterr, NODE_ERROR_SIZE, "%s", buf_ok(&why) ? why.data : "out of memory");
    }
    buf_deinit(&why);
    return can;
}

int node_replace(struct node **node, const struct config *config, const struct node_plan *plan,
                 char *reterr)
{
    struct node *n;
    struct mqtt_node_change *broker = NULL;
    if (!can_follow(*node, plan, reterr)) {
        return -EBUSY;
    }
    int r = mqtt_node_prepare((*node)->mqtt, &(*node)->plan->config->broker, &plan->config->broker,
                              &broker);
    if (r < 0) {
        (void)snprintf(reterr, NODE_ERROR_SIZE, "%s", strerror(-r));
        return r;
    }
    r = make((*node)->loop, config, plan, *node, (*node)->leads, &n, reterr);
    if (r < 0) {
        mqtt_node_drop_change(broker);
        return r;
    }
    take_over(n);
    mqtt_node_change(n->mqtt, broker);
    *node = n;
    return 0;
}

void node_on_turn(struct node *node, void (*turn)(void *context), void *context)
{
    node->turn = turn;
    node->turn_context = context;
}

int node_turn(struct node **node, char *reterr)
{
    struct node *old = *node;
    struct node *n;
    bool leads = duty_leads(old->duty);
    if (leads == old->leads) {
        return 0;
    }
    int r = make(old->loop, old->config_file, old->plan, old, leads, &n, reterr);
    if (r == 0) {
        take_over(n);
        *node = n;
    }
    return r;
}

void node_know_build(struct node *node, const struct build_facts *build)
{
    node->build = build;
}

void node_on_reload(struct node *node, void (*reload)(void *context), void *context)
{
    node->reload = reload;
    node->reload_context = context;
}

void node_answer_reload(struct node *node, const char *error)
{
    const struct reload_outcome outcome = {error, node->remembered, node->engine};
    questions_answer_reload(node->questions, &outcome);
}

const char *node_stuck_part(struct node *node)
{
    const char *writer = device_record_is_stuck(node->record) ? "the writer of decisions" : NULL;
    return mqtt_node_is_stuck(node->mqtt) ? "the link to the broker" : writer;
}

void node_stop(struct node *node)
{
    node_tell(node);
    (void)node_hand_over(node, NULL); /* if there is somebody to take over */
    mqtt_node_stop(node->mqtt);
}
