#include "edge-gateway/app/gateway.h"

#include "common/log.h"
#include "common/lvq.h"
#include "common/metrics_file.h"
#include "common/mqtt_node_change.h"
#include "edge-gateway/app/backfill_batch.h"
#include "edge-gateway/app/dash_cam_setup.h"
#include "edge-gateway/app/gateway_impl.h"
#include "edge-gateway/app/gateway_metrics.h"
#include "edge-gateway/app/gateway_support.h"
#include "edge-gateway/app/reload_check.h"
#include "edge-gateway/app/requests.h"
#include "edge-gateway/app/stages.h"
#include "topics/topic.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNTERS_INTERVAL_US US_PER_S
#define WRITER_PATIENCE_US   (10 * 60 * US_PER_S) /* a disk may stall; live values go on */

/* ---- what happens ----------------------------------------------------------------------- */

static void on_message(void *context, const struct mqtt_received *message)
{
    struct gateway *g = context;
    if ((g->log == NULL || !frame_log_on_message(g->log, message)) &&
        !requests_on_message(g->requests, message)) {
        stages_on_message(g->stages, message);
    }
}

static void on_up(void *context)
{
    struct gateway *g = context;
    if (g->log != NULL) {
        frame_log_on_up(g->log);
    }
}

static void on_settled(void *context, uint64_t seq, enum lvq_outcome outcome)
{
    struct gateway *g = context;
    const struct ledger_range range = {seq, seq};
    bool delivered = outcome == LVQ_ACKNOWLEDGED;
    frame_log_settle(g->log, range, delivered ? FRAME_LOG_DELIVERED : FRAME_LOG_MISSED, 0);
}

/* The window has room that no live value needs: alarms first, then answers, since somebody waits
 * for them. */
static void on_room(void *context)
{
    struct gateway *g = context;
    if (g->stages != NULL) {
        alarms_go_on(g->stages->alarms);
    }
    if (g->requests != NULL) {
        requests_go_on(g->requests);
    }
    if (g->backfill != NULL) {
        backfill_go_on(g->backfill);
    }
}

/* The backfill lane goes on when anything changed that may have held it up. */
static void on_backfill(void *context)
{
    struct gateway *g = context;
    if (g->backfill != NULL) {
        backfill_go_on(g->backfill);
    }
}

static void on_begun(void *context)
{
    struct gateway *g = context;
    if (g->stages != NULL) { /* else the start announces it */
        stages_announce(g->stages);
    }
}

static void on_fetched(void *context, const struct store_fetched *fetched)
{
    struct gateway *g = context;
    backfill_on_fetched(g->backfill, fetched);
}

static void on_acknowledged(void *context, uint64_t token, enum mqtt_fate fate)
{
    struct gateway *g = context;
    backfill_on_acknowledged(g->backfill, token, fate);
}

static void on_notice(void *context, const struct store_notice *notice)
{
    struct gateway *g = context;
    events_on_notice(g->events, notice);
}

static bool is_asked(const void *context)
{
    const struct gateway *g = context;
    return requests_are_open(g->requests);
}

static void on_stopped(void *context)
{
    struct gateway *g = context;
    loop_stop(g->loop, 0);
}

#define CLOCK_EVENT_US US_PER_S /* what NTP steps by now and then is no event */

static void on_clock(void *context, int64_t jump_us)
{
    struct gateway *g = context;
    char text[PAYLOAD_TEXT_MAX_BYTES + 1];
    (void)snprintf(text, sizeof(text), "the clock was set %s by %.3f s",
                   jump_us < 0 ? "back" : "forward", fabs((double)jump_us) / (double)US_PER_S);
    log_notice("clock", "%s", text);
    if (g->log != NULL) {
        store_clock_jumped(frame_log_store(g->log), jump_us);
    }
    if (g->stages != NULL) {
        alarms_on_clock(g->stages->alarms);
    }
    if (jump_us > CLOCK_EVENT_US || jump_us < -CLOCK_EVENT_US) {
        events_report(g->events, PAYLOAD_EVENT_CLOCK_JUMPED, NULL, text);
    }
}

static void on_metrics(void *context)
{
    struct gateway *g = context;
    loop_timer_after(g->loop, &g->metrics_timer, g->stages->plan->config->metrics_interval_us);
    gateway_metrics_publish(g);
}

static void on_counters(void *context)
{
    struct gateway *g = context;
    loop_timer_after(g->loop, &g->counters_timer, COUNTERS_INTERVAL_US);
    gateway_metrics_keep(g);
}

/* ---- beginning and end ------------------------------------------------------------------ */

static struct environment environment_of(struct gateway *g)
{
    return (struct environment){
        .loop = g->loop,
        .queue = mqtt_node_queue(g->node),
        .prefix = g->prefix,
        .site = g->site,
        .node = g->name,
        .log = g->log,
    };
}

static const struct mqtt_node_gate gate = {topic_is_asked, topic_for_answer, requests_format_error};

static int new_node(struct gateway *g, const struct gateway_config *config)
{
    const struct topic status = {.kind = TOPIC_STATUS, .site = config->site, .node = config->node};
    char status_topic[TOPIC_MAX_BYTES + 1];
    int r = topic_format(config->broker.prefix, &status, status_topic, sizeof(status_topic));
    if (r < 0) {
        return r;
    }
    const struct mqtt_node_options options = {
        .broker = &config->broker,
        .site = config->site,
        .node = config->node,
        .status_topic = status_topic,
        .online = payload_status_text(true),
        .offline = payload_status_text(false),
        .ledger_beside = config->store.file,
        .gate = &gate,
    };
    const struct mqtt_node_handler handler = {
        .up = on_up,
        .message = on_message,
        .room = on_room,
        .acknowledged = on_acknowledged,
        .stopped = on_stopped,
        .is_asked = is_asked,
        .context = g,
    };
    return mqtt_node_new(g->loop, &options, &handler, &g->node);
}

/* Readings that the live lane can hold at once: one per topic, and the window. */
static size_t live_max(const struct gateway_plan *plan)
{
    size_t slots = (size_t)plan->config->broker.max_outstanding + plan->alarms.count;
    for (size_t i = 0; i < plan->config->bus_count; i++) {
        for (size_t k = 0; k < plan->buses[i].message_count; k++) {
            slots += plan->buses[i].messages[k].branch_count + 1;
        }
    }
    return slots;
}

static int open_log(struct gateway *g, struct configuration *configuration)
{
    const struct gateway_plan *plan = configuration->loaded.plan;
    if (!plan->config->store.enabled) {
        return 0;
    }
    const struct environment environment = environment_of(g);
    const struct frame_log_handler handler = {on_begun, on_backfill, on_fetched, on_notice, g};
    int r = frame_log_new(plan, configuration, &environment, live_max(plan), &handler, &g->log);
    if (r == 0) {
        lvq_on_settled(mqtt_node_queue(g->node), on_settled, g);
        r = backfill_new(plan, &environment, mqtt_node_link(g->node), g->log, &g->backfill);
    }
    if (r == 0) {
        log_counters_keep(&g->counters, frame_log_store(g->log));
        r = frame_log_subscribe(g->log, mqtt_node_link(g->node));
    }
    return r;
}

/* They do not change while it lives; many parts borrow them. */
static int copy_names(struct gateway *g, const struct gateway_config *config)
{
    g->prefix = strdup(config->broker.prefix);
    g->site = strdup(config->site);
    g->name = strdup(config->node);
    return g->prefix != NULL && g->site != NULL && g->name != NULL ? 0 : -ENOMEM;
}

static void on_reload(void *context)
{
    struct gateway *g = context;
    g->reload(g->reload_context);
}

static int on_support(void *context, struct support **ret)
{
    return gateway_support(context, ret);
}

static int open_requests(struct gateway *g, const struct environment *environment)
{
    const struct requests_options options = {
        .environment = environment,
        .link = mqtt_node_link(g->node),
        .room = g->stages->room,
        .reload = on_reload,
        .support = on_support,
        .context = g,
    };
    int r = requests_new(&options, &g->requests);
    if (r == 0) {
        g->stages->room = NULL;
        r = requests_subscribe(g->requests);
    }
    return r;
}

/* Topics in the order in which they are told after a reconnect. */
static int new_parts(struct gateway *g, struct configuration *configuration)
{
    const struct gateway_config *config = configuration->loaded.plan->config;
    int r = copy_names(g, config);
    r = r < 0 ? r : new_node(g, config);
    r = r < 0 ? r : clock_watch_new(g->loop, on_clock, g, &g->clock);
    r = r < 0 ? r : metrics_file_new(g->loop, g->site, g->name, &g->metrics_file);
    if (r < 0) {
        return r;
    }
    struct environment environment = environment_of(g);
    r = events_new(&environment, &g->events);
    r = r < 0 ? r : open_log(g, configuration);
    environment.log = g->log;
    r = r < 0 ? r : stages_new(g, configuration, &environment, NULL, &g->stages);
    return r < 0 ? r : open_requests(g, &environment);
}

int gateway_new(struct loop *loop, struct configuration *configuration, struct gateway **ret)
{
    struct gateway *g = calloc(1, sizeof(*g));
    if (g == NULL) {
        return -ENOMEM;
    }
    g->loop = loop;
    g->started_us = configuration->prepared.started_us;
    g->metrics_timer = (struct timer){.fn = on_metrics, .context = g};
    g->counters_timer = (struct timer){.fn = on_counters, .context = g};
    int r = new_parts(g, configuration);
    if (r < 0) {
        gateway_free(g);
        return r;
    }
    *ret = g;
    return 0;
}

void gateway_free(struct gateway *gateway)
{
    if (gateway == NULL) {
        return;
    }
    if (timer_is_armed(&gateway->counters_timer)) {
        gateway_metrics_keep(
            gateway); /* the last ones, which are written with the end of the log */
    }
    loop_timer_cancel(gateway->loop, &gateway->counters_timer);
    loop_timer_cancel(gateway->loop, &gateway->metrics_timer);
    metrics_file_free(gateway->metrics_file);
    requests_free(gateway->requests);
    gateway->requests = NULL;
    stages_free(gateway->stages);
    gateway->stages = NULL;
    clock_watch_free(gateway->clock);
    mqtt_node_free(gateway->node);
    backfill_free(gateway->backfill);
    frame_log_free(gateway->log);
    events_free(gateway->events);
    free(gateway->prefix);
    free(gateway->site);
    free(gateway->name);
    free(gateway);
}

int gateway_start(struct gateway *gateway)
{
    struct gateway *g = gateway;
    stages_announce(g->stages); /* whose seqs come now */
    events_report(g->events, PAYLOAD_EVENT_STARTED, NULL, "edge-gateway " EDGE_VERSION);
    int r = stages_start(g->stages);
    if (r < 0) {
        return r;
    }
    mqtt_node_start(g->node);
    if (g->stages->home != NULL) {
        home_assistant_start(g->stages->home);
    }
    loop_timer_after(g->loop, &g->metrics_timer, 0);
    if (g->log != NULL) {
        loop_timer_after(g->loop, &g->counters_timer, 0);
    }
    return 0;
}

const char *gateway_stuck_part(struct gateway *gateway)
{
    if (mqtt_node_is_stuck(gateway->node)) {
        return "the link to the broker";
    }
    if (gateway->log == NULL) {
        return NULL;
    }
    struct store_stats store = store_stats(frame_log_store(gateway->log));
    int64_t still_us =
        standstill_look(&gateway->writer, store.writing, store.commits + store.failed_commits,
                        loop_now_us(gateway->loop));
    return still_us > WRITER_PATIENCE_US ? "the writer of the frame log" : NULL;
}

void gateway_stop(struct gateway *gateway)
{
    events_report(gateway->events, PAYLOAD_EVENT_STOPPED, NULL, "edge-gateway was stopped");
    mqtt_node_stop(gateway->node);
}

/* ---- another configuration -------------------------------------------------------------- */

bool gateway_can_replace(const struct gateway *gateway, const struct configuration *configuration)
{
    const struct dash_cam *dash_cam = gateway->stages->dash_cam;
    return dash_cam == NULL || !dash_cam_is_busy(dash_cam) ||
           dash_cam_setup_suits(dash_cam, configuration->loaded.plan);
}

/* All that can fail, made before anything changes. */
struct replacement {
    struct stages *stages;
    struct frame_log_change *log;
    struct backfill_batch *batch;
    struct mqtt_node_change *broker; /* NULL: it stays as it is */
};

static void drop(struct replacement *replacement)
{
    frame_log_drop_change(replacement->log);
    backfill_batch_free(replacement->batch);
    mqtt_node_drop_change(replacement->broker);
    stages_free(replacement->stages);
}

static int prepare(struct gateway *g, struct configuration *configuration,
                   struct replacement *replacement)
{
    const struct environment environment = environment_of(g);
    const struct gateway_plan *plan = configuration->loaded.plan;
    int r = mqtt_node_prepare(g->node, &g->stages->plan->config->broker, &plan->config->broker,
                              &replacement->broker);
    r = r < 0 ? r : mqtt_node_claim(g->node);
    r = r < 0 ? r : events_claim(g->events);
    r = r < 0 ? r : stages_new(g, configuration, &environment, g->stages, &replacement->stages);
    if (r < 0 || g->log == NULL) {
        return r;
    }
    r = backfill_batch_new(plan, &environment, g->log, &replacement->batch);
    return r < 0 ? r : frame_log_prepare(g->log, plan, configuration, &replacement->log);
}

/* From here on nothing can fail. What was held back is logged under the buses of before. */
static void take_over(struct gateway *g, struct replacement *next)
{
    struct stages *old = g->stages;
    struct stages *stages = next->stages;
    g->stages = stages;
    stages_adopt(stages, old);
    if (g->log != NULL) {
        backfill_change(g->backfill, stages->plan, next->batch);
        frame_log_change(g->log, next->log);
    }
    stages_adopt_rest(stages, old);
    requests_use(g->requests, stages->room);
    stages->room = NULL;
    stages_free(old);
    mqtt_node_claim_rest(g->node);
    mqtt_node_change(g->node, next->broker);
    if (stages->home != NULL) {
        home_assistant_start(stages->home);
    }
    loop_timer_after(g->loop, &g->metrics_timer, 0);
}

int gateway_replace(struct gateway *gateway, struct configuration *configuration,
                    struct buf *reterr)
{
    struct gateway *g = gateway;
    const struct gateway_plan *plan = configuration->loaded.plan;
    struct replacement replacement = {.stages = NULL};
    if (!reload_check(g->stages->plan->config, plan->config, reterr)) {
        return -EBUSY;
    }
    int r = prepare(g, configuration, &replacement);
    if (r < 0) {
        buf_printf(reterr, "it cannot be taken over (%s); the log may say more", strerror(-r));
        drop(&replacement);
        return r;
    }
    take_over(g, &replacement);
    return 0;
}

struct configuration *gateway_configuration(const struct gateway *gateway)
{
    return gateway->stages->configuration;
}

int64_t gateway_started_us(const struct gateway *gateway)
{
    return gateway->started_us;
}

void gateway_know_build(struct gateway *gateway, const struct build_facts *build)
{
    gateway->build = build;
}

void gateway_on_reload(struct gateway *gateway, void (*reload)(void *context), void *context)
{
    gateway->reload = reload;
    gateway->reload_context = context;
}

void gateway_answer_reload(struct gateway *gateway, struct reload_outcome *take)
{
    requests_answer_reload(gateway->requests, take);
}
