#include "edge-gateway/app/gateway.h"

#include "common/log.h"
#include "common/lvq.h"
#include "edge-gateway/app/gateway_impl.h"
#include "edge-gateway/app/gateway_metrics.h"
#include "edge-gateway/app/requests.h"
#include "edge-gateway/app/stages.h"
#include "topics/topic.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNTERS_INTERVAL_US US_PER_S
#define WRITER_PATIENCE_US   (10 * 60 * US_PER_S) /* a disk may stall; live values go on */

/* ---- what happens ----------------------------------------------------------------------- */

static void on_message(void *context, const struct mqtt_received *message)
{
    struct gateway *g = context;
    if (g->log == NULL || !frame_log_on_message(g->log, message)) {
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

/* The window has room that no live value needs. */
static void on_room(void *context)
{
    struct gateway *g = context;
    if (g->stages != NULL) {
        stages_go_on(g->stages);
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

static struct environment environment_of(struct gateway *g, const struct gateway_config *config)
{
    return (struct environment){
        .loop = g->loop,
        .queue = mqtt_node_queue(g->node),
        .prefix = config->broker.prefix,
        .site = config->site,
        .node = config->node,
        .log = g->log,
    };
}

/* Wishes and requests are what strangers send us; all else is what we asked the broker for. */
static enum intake_kind kind_of(const char *prefix, const char *text)
{
    struct topic_parsed topic;
    if (topic_parse(prefix, text, &topic) < 0) {
        return INTAKE_OTHER;
    }
    if (topic.kind == TOPIC_REQUEST) {
        return INTAKE_REQUEST;
    }
    return topic_is_wish(topic.kind) ? INTAKE_WISH : INTAKE_OTHER;
}

static const struct mqtt_node_gate gate = {kind_of, topic_for_answer, requests_format_error};

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

static int open_log(struct gateway *g, const struct gateway_plan *plan)
{
    if (!plan->config->store.enabled) {
        return 0;
    }
    const struct environment environment = environment_of(g, plan->config);
    const struct frame_log_handler handler = {on_begun, on_backfill, on_fetched, on_notice, g};
    int r = frame_log_new(plan, &environment, live_max(plan), &handler, &g->log);
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

/* What there is whatever the configuration says; its topics come first after a reconnect. */
static int new_base(struct gateway *g, const struct gateway_plan *plan)
{
    int r = new_node(g, plan->config);
    if (r < 0) {
        return r;
    }
    const struct environment environment = environment_of(g, plan->config);
    r = clock_watch_new(g->loop, on_clock, g, &g->clock);
    r = r < 0 ? r : events_new(&environment, &g->events);
    return r < 0 ? r : open_log(g, plan);
}

int gateway_new(struct loop *loop, const struct config *config, const struct gateway_plan *plan,
                struct gateway **ret)
{
    struct gateway *g = calloc(1, sizeof(*g));
    if (g == NULL) {
        return -ENOMEM;
    }
    g->loop = loop;
    g->metrics_timer = (struct timer){.fn = on_metrics, .context = g};
    g->counters_timer = (struct timer){.fn = on_counters, .context = g};
    int r = new_base(g, plan);
    if (r == 0) {
        const struct environment environment = environment_of(g, plan->config);
        r = stages_new(g, config, plan, &environment, &g->stages);
    }
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
    stages_free(gateway->stages);
    gateway->stages = NULL;
    clock_watch_free(gateway->clock);
    mqtt_node_free(gateway->node);
    backfill_free(gateway->backfill);
    frame_log_free(gateway->log);
    events_free(gateway->events);
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
