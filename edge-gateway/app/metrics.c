#include "edge-gateway/app/metrics.h"

#include "topics/payload_metrics.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void metrics_add_frames(struct pipeline_stats *sum, const struct pipeline_stats *stats)
{
    sum->received += stats->received;
    sum->remote += stats->remote;
    sum->unknown += stats->unknown;
    sum->malformed += stats->malformed;
    sum->accepted += stats->accepted;
    sum->suppressed += stats->suppressed;
    sum->held += stats->held;
    sum->assured += stats->assured;
    sum->live_only += stats->live_only;
}

void metrics_write_frames(struct json_writer *w, const struct pipeline_stats *stats)
{
    const struct payload_counter counters[] = {
        {"received", stats->received},     {"unknown", stats->unknown},
        {"malformed", stats->malformed},   {"accepted", stats->accepted},
        {"suppressed", stats->suppressed}, {"held", stats->held},
        {"assured", stats->assured},       {"live_only", stats->live_only},
        {"remote", stats->remote},
    };
    payload_metrics_group(w, "frames", counters, COUNT(counters));
}

void metrics_write_bus(struct json_writer *w, const struct bus_stats *stats)
{
    payload_metrics_group_begin(w, "bus");
    payload_metrics_counter(w, "received", stats->received);
    payload_metrics_counter(w, "malformed", stats->malformed);
    payload_metrics_counter(w, "kernel_dropped", stats->kernel_dropped);
    payload_metrics_counter(w, "sent", stats->sent);
    payload_metrics_counter(w, "send_failed", stats->send_failed);
    payload_metrics_counter(w, "tx_errors", stats->tx_errors);
    payload_metrics_counter(w, "rx_errors", stats->rx_errors);
    payload_metrics_group_begin(w, "error_frames");
    for (int i = 0; i < BUS_ERROR_CLASS_COUNT; i++) {
        payload_metrics_counter(w, bus_error_class_text((enum bus_error_class)i),
                                stats->error_frames[i]);
    }
    payload_metrics_group_end(w);
    payload_metrics_group_end(w);
}

void metrics_write_readings(struct json_writer *w, const struct lvq_stats *stats)
{
    const struct payload_counter dropped[] = {{"superseded", stats->superseded},
                                              {"expired", stats->expired},
                                              {"refused", stats->refused}};
    payload_metrics_group_begin(w, "readings");
    payload_metrics_counter(w, "assured", stats->counted);
    payload_metrics_counter(w, "acknowledged", stats->acknowledged);
    payload_metrics_counter(w, "pending", stats->pending);
    payload_metrics_group(w, "dropped", dropped, COUNT(dropped));
    payload_metrics_group_end(w);
}

void metrics_write_actuations(struct json_writer *w, const struct actuations_stats *stats)
{
    payload_metrics_group_begin(w, "commands");
    payload_metrics_counter(w, "wished", stats->wished);
    payload_metrics_counter(w, "sent", stats->sent);
    payload_metrics_counter(w, "superseded", stats->superseded);
    payload_metrics_counter(w, "waiting", stats->waiting);
    payload_metrics_counter(w, "unanswered", stats->unanswered);
    payload_metrics_group_begin(w, "refused");
    for (int i = COMMAND_ACCEPTED + 1; i < COMMAND_RESULT_COUNT; i++) {
        payload_metrics_counter(w, command_result_text((enum command_result)i), stats->refused[i]);
    }
    payload_metrics_group_end(w);
    payload_metrics_group_end(w);
}

void metrics_write_link(struct json_writer *w, const struct mqtt_link_stats *stats)
{
    const struct payload_counter counters[] = {
        {"attempts", stats->attempts},   {"connects", stats->connects},
        {"published", stats->published}, {"acknowledged", stats->acknowledged},
        {"refused", stats->refused},     {"lost", stats->lost},
        {"received", stats->received},   {"outstanding", stats->outstanding},
    };
    payload_metrics_group(w, "mqtt", counters, COUNT(counters));
}
