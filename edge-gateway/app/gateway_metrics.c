#include "edge-gateway/app/gateway_metrics.h"

#include "common/log.h"
#include "common/lvq.h"
#include "common/metrics_file.h"
#include "edge-gateway/app/alarm_metrics.h"
#include "edge-gateway/app/gateway_bus.h"
#include "edge-gateway/app/gateway_impl.h"
#include "edge-gateway/app/metrics.h"

static void tell_buses(const struct counter_sink *sink, const struct stages *s,
                       struct pipeline_stats *sum)
{
    counters_begin_by(sink, "buses", "bus");
    for (size_t i = 0; i < s->plan->config->bus_count; i++) {
        struct pipeline_stats frames = pipeline_stats(s->buses[i].pipeline);
        struct bus_stats bus;
        bus_stats(s->buses[i].bus, &bus);
        metrics_add_frames(sum, &frames);
        counters_begin(sink, s->plan->config->buses[i].name);
        metrics_tell_frames(sink, &frames);
        metrics_tell_bus(sink, &bus);
        counters_end(sink);
    }
    counters_end(sink);
}

static void tell_log(const struct counter_sink *sink, const struct gateway *g)
{
    struct frame_log_stats log = frame_log_stats(g->log);
    struct backfill_stats backfill = backfill_stats(g->backfill);
    metrics_tell_readings(sink, &log);
    metrics_tell_acks(sink, &log);
    metrics_tell_backfill(sink, &backfill);
    metrics_tell_store(sink, &log.store);
}

static void tell(void *context, const struct counter_sink *sink)
{
    const struct gateway *g = context;
    const struct stages *s = g->stages;
    struct pipeline_stats sum = g->gone;
    tell_buses(sink, s, &sum);
    struct lvq_stats live = lvq_stats(mqtt_node_queue(g->node));
    struct responder_stats requests = requests_stats(g->requests);
    struct actuations_stats commands = actuations_stats(s->actuations);
    struct mqtt_node_stats mqtt = mqtt_node_stats(g->node);
    metrics_tell_frames(sink, &sum);
    metrics_tell_live(sink, &live);
    if (g->log != NULL) {
        tell_log(sink, g);
    }
    if (s->dash_cam != NULL) {
        struct dash_cam_stats dash_cam = dash_cam_stats(s->dash_cam);
        metrics_tell_dash_cam(sink, &dash_cam);
    }
    struct alarms_stats alarms = alarms_stats(s->alarms);
    metrics_tell_alarms(sink, &alarms, &s->alarm_wishes.stats);
    metrics_tell_actuations(sink, &commands);
    responder_tell(sink, &requests);
    mqtt_node_tell(sink, &mqtt);
    log_tell(sink);
    metrics_file_tell(sink, g->metrics_file);
}

void gateway_metrics_tell(struct gateway *gateway, const struct counter_sink *sink)
{
    tell(gateway, sink);
}

static void write_file(struct gateway *g, const char *path)
{
    const struct counter_sink sink =
        metrics_file_begin(g->metrics_file, announce_uptime_s(g->stages->announcer));
    gateway_metrics_tell(g, &sink);
    metrics_file_write(g->metrics_file, path);
}

void gateway_metrics_publish(struct gateway *gateway)
{
    struct stages *s = gateway->stages;
    if (s->plan->config->metrics.textfile != NULL) {
        write_file(gateway, s->plan->config->metrics.textfile);
    }
    announce_metrics(s->announcer, tell, gateway);
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
