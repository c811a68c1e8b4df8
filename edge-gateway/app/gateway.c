#include "edge-gateway/app/gateway.h"

#include "common/clock_watch.h"
#include "common/log.h"
#include "common/mqtt_node.h"
#include "common/standstill.h"
#include "edge-gateway/app/actuations.h"
#include "edge-gateway/app/alarm_metrics.h"
#include "edge-gateway/app/alarm_wishes.h"
#include "edge-gateway/app/alarms.h"
#include "edge-gateway/app/announce.h"
#include "edge-gateway/app/backfill.h"
#include "edge-gateway/app/bus_health.h"
#include "edge-gateway/app/bus_setup.h"
#include "edge-gateway/app/dash_cam_setup.h"
#include "edge-gateway/app/discovery_publish.h"
#include "edge-gateway/app/events.h"
#include "edge-gateway/app/frame_log.h"
#include "edge-gateway/app/log_counters.h"
#include "edge-gateway/app/metrics.h"
#include "edge-gateway/app/pipeline.h"
#include "edge-gateway/app/requests.h"
#include "edge-gateway/bus/bus.h"
#include "topics/payload_metrics.h"
#include "topics/topic.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLAY_ROOM_LIMIT    64 /* frames handed over at once, so that MQTT gets its turn */
#define COUNTERS_INTERVAL_US US_PER_S
#define WRITER_PATIENCE_US   (10 * 60 * US_PER_S) /* a disk may stall; live values go on */

/* One bus and what hangs on it. */
struct gateway_bus {
    struct gateway *gateway;
    size_t index;
    struct bus *bus;
    struct pipeline *pipeline;
    struct bus_health *health;
};

struct gateway {
    struct loop *loop;
    const struct config *config_file;
    const struct gateway_plan *plan;
    struct mqtt_node *node;
    struct announcer *announcer;
    struct home_assistant *home; /* NULL: not enabled */
    struct events *events;
    struct dash_cam *dash_cam; /* NULL: not enabled */
    struct frame_log *log;     /* NULL: not enabled */
    struct backfill *backfill;
    struct alarms *alarms;
    struct alarm_wishes alarm_wishes;
    struct requests *requests;
    struct actuations *actuations;
    struct gateway_bus *buses;
    struct clock_watch *clock;
    struct timer metrics_timer;
    struct log_counters counters;
    struct timer counters_timer;
    struct standstill writer;
};

static void on_message(void *context, const struct mqtt_received *message)
{
    struct gateway *g = context;
    if ((g->log != NULL && frame_log_on_message(g->log, message)) ||
        (g->home != NULL && home_assistant_on_message(g->home, message)) ||
        requests_on_message(g->requests, message) ||
        alarm_wishes_on_message(&g->alarm_wishes, message)) {
        return;
    }
    (void)actuations_on_message(g->actuations, message); /* only its topics are left */
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
    if (g->alarms != NULL) {
        alarms_go_on(g->alarms);
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

static void on_tapped_frame(void *context, const struct frame *frame,
                            const struct dbc_message *message)
{
    const struct gateway_bus *bus = context;
    bus_health_on_frame(bus->health, frame, message);
}

static void on_tapped_reading(void *context, const struct dbc_message *message,
                              const struct dbc_value *values, size_t count)
{
    const struct gateway_bus *bus = context;
    alarms_on_reading(bus->gateway->alarms, bus->index, message->index, values, count);
}

static void on_frames(void *context, const struct frame *frames, size_t count)
{
    struct gateway_bus *bus = context;
    dash_cam_frames(bus->gateway->dash_cam, frames, count);
    pipeline_frames(bus->pipeline, frames, count);
}

static void on_bus_error(void *context, const struct frame *frame)
{
    const struct gateway_bus *bus = context;
    dash_cam_frames(bus->gateway->dash_cam, frame, 1);
}

/* As many frames as the broker will take, or, should it go away, the log: a replay at full speed
 * loses nothing, and begins when there is somebody to see it. */
static size_t frames_room(void *context)
{
    const struct gateway *g = ((struct gateway_bus *)context)->gateway;
    const struct mqtt_link_stats link = mqtt_link_stats(mqtt_node_link(g->node));
    size_t room = 0;
    if (link.version == MQTT_VERSION_AUTO && link.connects > 0 && g->log != NULL) {
        room = store_room(frame_log_store(g->log));
    } else if (!lvq_is_waiting(mqtt_node_queue(g->node))) {
        room = mqtt_link_room(mqtt_node_link(g->node));
    }
    return room < REPLAY_ROOM_LIMIT ? room : REPLAY_ROOM_LIMIT;
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
    if (g->alarms != NULL) {
        alarms_on_clock(g->alarms);
    }
    if (jump_us > CLOCK_EVENT_US || jump_us < -CLOCK_EVENT_US) {
        events_report(g->events, PAYLOAD_EVENT_CLOCK_JUMPED, NULL, text);
    }
}

static void announce_bus(struct gateway_bus *bus)
{
    struct payload_bus_state state;
    bus_health_describe(bus->health, &state);
    announce_bus_state(bus->gateway->announcer, bus->index, &state);
}

static void on_bus_state(void *context, const struct bus_status *status)
{
    struct gateway_bus *bus = context;
    const char *name = bus->gateway->plan->buses[bus->index].config->name;
    log_notice("bus", "%s is %s: %s", name, bus_state_text(status->state), status->reason);
    bus_health_on_state(bus->health, status);
    announce_bus(bus);
    char text[PAYLOAD_TEXT_MAX_BYTES + 1];
    (void)snprintf(text, sizeof(text), "%s: %s", bus_state_text(status->state), status->reason);
    events_report(bus->gateway->events, PAYLOAD_EVENT_BUS_STATE, name, text);
    if (status->state == BUS_STATE_BUS_OFF && bus->gateway->plan->config->dash_cam.bus_off) {
        dash_cam_trigger(bus->gateway->dash_cam, name, bus_state_text(status->state), NULL);
    }
    if (status->state == BUS_STATE_UP && bus->gateway->actuations != NULL) {
        actuations_on_bus_ready(bus->gateway->actuations, bus->index);
    }
}

static int send_frame(void *context, size_t bus, const struct frame *frame)
{
    struct gateway *g = context;
    int r = bus_send(g->buses[bus].bus, frame);
    if (r == 0) {
        dash_cam_sent(g->dash_cam, bus, frame);
    }
    return r;
}

static void write_metrics(void *context, struct json_writer *w)
{
    struct gateway *g = context;
    struct pipeline_stats sum = {0};
    payload_metrics_group_begin(w, "buses");
    for (size_t i = 0; i < g->plan->config->bus_count; i++) {
        struct pipeline_stats frames = pipeline_stats(g->buses[i].pipeline);
        struct bus_stats bus;
        bus_stats(g->buses[i].bus, &bus);
        metrics_add_frames(&sum, &frames);
        payload_metrics_group_begin(w, g->plan->config->buses[i].name);
        metrics_write_frames(w, &frames);
        metrics_write_bus(w, &bus);
        payload_metrics_group_end(w);
    }
    payload_metrics_group_end(w);
    struct lvq_stats live = lvq_stats(mqtt_node_queue(g->node));
    struct responder_stats requests = requests_stats(g->requests);
    struct actuations_stats commands = actuations_stats(g->actuations);
    struct mqtt_link_stats link = mqtt_link_stats(mqtt_node_link(g->node));
    struct retained_ledger_stats retained = mqtt_node_retained(g->node);
    metrics_write_frames(w, &sum);
    metrics_write_live(w, &live);
    if (g->log != NULL) {
        struct frame_log_stats log = frame_log_stats(g->log);
        struct backfill_stats backfill = backfill_stats(g->backfill);
        metrics_write_readings(w, &log);
        metrics_write_acks(w, &log);
        metrics_write_backfill(w, &backfill);
        metrics_write_store(w, &log.store);
    }
    if (g->dash_cam != NULL) {
        struct dash_cam_stats dash_cam = dash_cam_stats(g->dash_cam);
        metrics_write_dash_cam(w, &dash_cam);
    }
    struct alarms_stats alarms = alarms_stats(g->alarms);
    metrics_write_alarms(w, &alarms, &g->alarm_wishes.stats);
    metrics_write_actuations(w, &commands);
    metrics_write_requests(w, &requests);
    metrics_write_link(w, &link, &retained);
}

static void on_metrics(void *context)
{
    struct gateway *g = context;
    loop_timer_after(g->loop, &g->metrics_timer, g->plan->config->metrics_interval_us);
    announce_metrics(g->announcer, write_metrics, g);
    for (size_t i = 0; i < g->plan->config->bus_count; i++) {
        announce_bus(&g->buses[i]);
    }
}

static void take_counters(struct gateway *g)
{
    struct pipeline_stats sum = {0};
    for (size_t i = 0; i < g->plan->config->bus_count; i++) {
        struct pipeline_stats frames = pipeline_stats(g->buses[i].pipeline);
        metrics_add_frames(&sum, &frames);
    }
    const struct frame_log_stats log = frame_log_stats(g->log);
    log_counters_take(&g->counters, &sum, &log);
}

static void on_counters(void *context)
{
    struct gateway *g = context;
    loop_timer_after(g->loop, &g->counters_timer, COUNTERS_INTERVAL_US);
    take_counters(g);
}

static struct environment environment_of(struct gateway *g)
{
    const struct gateway_config *config = g->plan->config;
    return (struct environment){
        .loop = g->loop,
        .queue = mqtt_node_queue(g->node),
        .prefix = config->broker.prefix,
        .site = config->site,
        .node = config->node,
        .log = g->log,
    };
}

static int new_node(struct gateway *g)
{
    const struct gateway_config *config = g->plan->config;
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

static int open_bus(struct gateway *g, struct gateway_bus *bus,
                    const struct environment *environment)
{
    const struct bus_plan *plan = &g->plan->buses[bus->index];
    int r = pipeline_new(plan, environment, &bus->pipeline);
    if (r < 0) {
        log_error("bus", "%s: a name in its DBC files cannot be a topic: %s", plan->config->name,
                  strerror(-r));
        return r;
    }
    const struct bus_health_options health = {g->loop, g->plan, bus->index, g->alarms};
    r = bus_health_new(&health, &bus->health);
    if (r < 0) {
        return r;
    }
    const struct pipeline_tap tap = {on_tapped_frame, on_tapped_reading, bus};
    pipeline_tap(bus->pipeline, &tap);
    const struct bus_handler handler = {on_frames, on_bus_state, frames_room, on_bus_error, bus};
    r = bus_setup_open(plan, g->loop, bus->index, &handler, &bus->bus);
    if (r < 0) {
        const char *what =
            plan->config->replay.file != NULL ? plan->config->replay.file : plan->config->name;
        log_error("bus", "%s: cannot open %s: %s", plan->config->name, what, strerror(-r));
    }
    return r;
}

static int open_buses(struct gateway *g, const struct environment *environment)
{
    g->buses = calloc(g->plan->config->bus_count, sizeof(struct gateway_bus));
    if (g->buses == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < g->plan->config->bus_count; i++) {
        g->buses[i].gateway = g;
        g->buses[i].index = i;
        int r = open_bus(g, &g->buses[i], environment);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

/* Readings that the live lane can hold at once: one per topic, and the window. */
static size_t live_max(const struct gateway *g)
{
    size_t slots = (size_t)g->plan->config->broker.max_outstanding + g->plan->alarms.count;
    for (size_t i = 0; i < g->plan->config->bus_count; i++) {
        for (size_t k = 0; k < g->plan->buses[i].message_count; k++) {
            slots += g->plan->buses[i].messages[k].branch_count + 1;
        }
    }
    return slots;
}

static int open_log(struct gateway *g)
{
    if (!g->plan->config->store.enabled) {
        return 0;
    }
    const struct environment environment = environment_of(g);
    const struct frame_log_handler handler = {on_backfill, on_fetched, on_notice, g};
    int r = frame_log_new(g->plan, &environment, live_max(g), &handler, &g->log);
    if (r == 0) {
        lvq_on_settled(mqtt_node_queue(g->node), on_settled, g);
        r = backfill_new(g->plan, &environment, mqtt_node_link(g->node), g->log, &g->backfill);
    }
    if (r == 0) {
        log_counters_keep(&g->counters, frame_log_store(g->log));
        r = frame_log_subscribe(g->log, mqtt_node_link(g->node));
    }
    return r;
}

static int open_requests(struct gateway *g, const struct environment *environment)
{
    const struct requests_options options = {
        .plan = g->plan,
        .environment = environment,
        .link = mqtt_node_link(g->node),
        .dash_cam = g->dash_cam,
        .alarms = g->alarms,
    };
    int r = requests_new(&options, &g->requests);
    return r == 0 ? requests_subscribe(g->requests) : r;
}

static int new_alarms(struct gateway *g, const struct environment *environment)
{
    const struct alarms_options options = {
        .plan = g->plan,
        .environment = environment,
        .link = mqtt_node_link(g->node),
        .dash_cam = g->dash_cam,
    };
    int r = alarms_new(&options, &g->alarms);
    if (r < 0) {
        return r;
    }
    alarm_wishes_init(&g->alarm_wishes, g->alarms, environment, mqtt_node_link(g->node));
    if (g->log != NULL) {
        size_t alarm = g->plan->alarms.frame_log;
        alarms_tell(g->alarms, alarm, false, NULL); /* it may have been active before a restart */
        events_use_log(g->events, g->log, g->alarms, alarm);
    }
    return 0;
}

static int open_actuations(struct gateway *g, const struct environment *environment)
{
    const struct actuations_options options = {.plan = g->plan,
                                               .environment = environment,
                                               .link = mqtt_node_link(g->node),
                                               .send = send_frame,
                                               .context = g};
    int r = actuations_new(&options, &g->actuations);
    return r == 0 ? actuations_subscribe(g->actuations) : r;
}

/* Topics in the order in which they are told after a reconnect: readings before alarms. */
static int new_stages(struct gateway *g)
{
    struct environment environment = environment_of(g);
    int r = clock_watch_new(g->loop, on_clock, g, &g->clock);
    r = r < 0 ? r : events_new(&environment, &g->events);
    r = r < 0 ? r : open_log(g);
    environment.log = g->log;
    r = r < 0 ? r : dash_cam_setup(g->plan, g->loop, g->events, &g->dash_cam);
    r = r < 0 ? r : discovery_publish_new(g->plan, &environment, mqtt_node_link(g->node), &g->home);
    r = r < 0 ? r : new_alarms(g, &environment);
    r = r < 0 ? r : announcer_new(g->plan, &environment, &g->announcer);
    r = r < 0 ? r : open_buses(g, &environment);
    r = r < 0 ? r : alarms_open(g->alarms);
    r = r < 0 ? r : alarm_wishes_subscribe(&g->alarm_wishes);
    r = r < 0 ? r : open_actuations(g, &environment);
    return r < 0 ? r : open_requests(g, &environment);
}

int gateway_new(struct loop *loop, const struct config *config, const struct gateway_plan *plan,
                struct gateway **ret)
{
    struct gateway *g = calloc(1, sizeof(*g));
    if (g == NULL) {
        return -ENOMEM;
    }
    g->loop = loop;
    g->config_file = config;
    g->plan = plan;
    g->metrics_timer = (struct timer){.fn = on_metrics, .context = g};
    g->counters_timer = (struct timer){.fn = on_counters, .context = g};
    int r = new_node(g);
    if (r == 0) {
        r = new_stages(g);
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
        take_counters(gateway); /* the last ones, which are written with the end of the log */
    }
    loop_timer_cancel(gateway->loop, &gateway->counters_timer);
    loop_timer_cancel(gateway->loop, &gateway->metrics_timer);
    for (size_t i = 0; gateway->buses != NULL && i < gateway->plan->config->bus_count; i++) {
        bus_free(gateway->buses[i].bus);
        bus_health_free(gateway->buses[i].health);
        pipeline_free(gateway->buses[i].pipeline);
    }
    dash_cam_free(gateway->dash_cam);
    clock_watch_free(gateway->clock);
    requests_free(gateway->requests);
    alarms_free(gateway->alarms);
    actuations_free(gateway->actuations);
    announcer_free(gateway->announcer);
    home_assistant_free(gateway->home);
    mqtt_node_free(gateway->node);
    backfill_free(gateway->backfill);
    frame_log_free(gateway->log);
    events_free(gateway->events);
    free(gateway->buses);
    free(gateway);
}

int gateway_start(struct gateway *gateway)
{
    struct gateway *g = gateway;
    events_report(g->events, PAYLOAD_EVENT_STARTED, NULL, "edge-gateway " EDGE_VERSION);
    announce_info(g->announcer, config_hash(g->config_file));
    int r = announce_catalog(g->announcer);
    if (r < 0) {
        log_error("gateway", "the catalog is too large to publish: %s", strerror(-r));
    }
    for (size_t i = 0; i < g->plan->config->bus_count; i++) {
        bus_health_start(g->buses[i].health, g->buses[i].bus);
        r = bus_start(g->buses[i].bus);
        if (r < 0) {
            log_error("bus", "%s: cannot start: %s", g->plan->config->buses[i].name, strerror(-r));
            return r;
        }
    }
    mqtt_node_start(g->node);
    if (g->home != NULL) {
        home_assistant_start(g->home);
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
