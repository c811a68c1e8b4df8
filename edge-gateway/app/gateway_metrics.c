#include "edge-gateway/app/gateway_metrics.h"

#include "common/lvq.h"
#include "edge-gateway/app/alarm_metrics.h"
#include "edge-gateway/app/gateway_bus.h"
#include "edge-gateway/app/gateway_impl.h"
#include "edge-gateway/app/metrics.h"
#include "topics/payload_metrics.h"

static void write_buses(const struct stages *s, struct json_writer *w, struct pipeline_stats *sum)
{
    payload_metrics_group_begin(w, "buses");
    for (size_t i = 0; i < s->plan->config->bus_count; i++) {
        struct pipeline_stats frames = pipeline_stats(s->buses[i].pipeline);
        struct bus_stats bus;
        bus_stats(s->buses[i].bus, &bus);
        metrics_add_frames(sum, &frames);
        payload_metrics_group_begin(w, s->plan->config->buses[i].name);
        metrics_write_frames(w, &frames);
        metrics_write_bus(w, &bus);
        payload_metrics_group_end(w);
    }
    payload_metrics_group_end(w);
}

static void write_log(const struct gateway *g, struct json_writer *w)
{
    struct frame_log_stats log = frame_log_stats(g->log);
    struct backfill_stats backfill = backfill_stats(g->backfill);
    metrics_write_readings(w, &log);
    metrics_write_acks(w, &log);
    metrics_write_backfill(w, &backfill);
    metrics_write_store(w, &log.store);
}

static void write_verdicts(struct json_writer *w, const char *name, const uint64_t *counts)
{
    payload_metrics_group_begin(w, name);
    for (enum intake_verdict v = INTAKE_TAKEN; v < INTAKE_VERDICT_COUNT; v++) {
        payload_metrics_counter(w, intake_verdict_text(v), counts[v]);
    }
    payload_metrics_group_end(w);
}

static void write_intake(struct json_writer *w, const struct intake_stats *stats)
{
    payload_metrics_group_begin(w, "intake");
    write_verdicts(w, "wishes", stats->wishes);
    write_verdicts(w, "requests", stats->requests);
    payload_metrics_counter(w, "unanswered", stats->unanswered);
    payload_metrics_group_end(w);
}

static void write_metrics(void *context, struct json_writer *w)
{
    struct gateway *g = context;
    struct stages *s = g->stages;
    struct pipeline_stats sum = g->gone;
    write_buses(s, w, &sum);
    struct lvq_stats live = lvq_stats(mqtt_node_queue(g->node));
    struct responder_stats requests = requests_stats(g->requests);
    struct actuations_stats commands = actuations_stats(s->actuations);
    struct mqtt_link_stats link = mqtt_link_stats(mqtt_node_link(g->node));
    struct retained_ledger_stats retained = mqtt_node_retained(g->node);
    metrics_write_frames(w, &sum);
    metrics_write_live(w, &live);
    if (g->log != NULL) {
        write_log(g, w);
    }
    if (s->dash_cam != NULL) {
        struct dash_cam_stats dash_cam = dash_cam_stats(s->dash_cam);
        metrics_write_dash_cam(w, &dash_cam);
    }
    struct alarms_stats alarms = alarms_stats(s->alarms);
    metrics_write_alarms(w, &alarms, &s->alarm_wishes.stats);
    metrics_write_actuations(w, &commands);
    metrics_write_requests(w, &requests);
    metrics_write_link(w, &link, &retained);
    struct intake_stats intake = mqtt_node_intake(g->node);
    write_intake(w, &intake);
}

void gateway_metrics_publish(struct gateway *gateway)
{
    struct stages *s = gateway->stages;
    announce_metrics(s->announcer, write_metrics, gateway);
    for (size_t i = 0; i < s->plan->config->bus_count; i++) {
        gateway_bus_announce(&s->buses[i]);
    }
}

void gateway_metrics_keep(struct gateway *gateway)
{
    const struct stages *s = gateway->stages;
    struct pipeline_stats sum = gateway->gone;
    for (size_t i = 0; i < s->plan->config->bus_count; i++) {
        struct pipeline_stats frames = pipeline_stats(s->buses[i].pipeline);
        metrics_add_frames(&sum, &frames);
    }
    const struct frame_log_stats log = frame_log_stats(gateway->log);
    log_counters_take(&gateway->counters, &sum, &log);
}
