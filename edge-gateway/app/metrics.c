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

void metrics_write_live(struct json_writer *w, const struct lvq_stats *stats)
{
    const struct payload_counter counters[] = {
        {"assured", stats->tagged},
        {"acknowledged", stats->outcomes[LVQ_ACKNOWLEDGED]},
        {"superseded", stats->outcomes[LVQ_SUPERSEDED]},
        {"expired", stats->outcomes[LVQ_EXPIRED]},
        {"refused", stats->outcomes[LVQ_REFUSED]},
        {"pending", stats->pending},
    };
    payload_metrics_group(w, "live", counters, COUNT(counters));
}

void metrics_write_readings(struct json_writer *w, const struct frame_log_stats *stats)
{
    payload_metrics_group_begin(w, "readings");
    payload_metrics_counter(w, "assured", stats->assured);
    payload_metrics_counter(w, "repeated", stats->repeated);
    payload_metrics_counter(w, "acknowledged", stats->acknowledged);
    payload_metrics_counter(w, "pending", stats->pending);
    payload_metrics_counter(w, "thinned", stats->dropped[SEGMENT_VOID_THINNED]);
    payload_metrics_group_begin(w, "dropped");
    for (int i = 0; i < SEGMENT_VOID_COUNT; i++) {
        if (i != SEGMENT_VOID_THINNED) {
            payload_metrics_counter(w, segment_void_text((enum segment_void)i), stats->dropped[i]);
        }
    }
    payload_metrics_group_end(w);
    payload_metrics_counter(w, "newest_seq", stats->ledger.newest);
    payload_metrics_counter(w, "acknowledged_seq", stats->ledger.acknowledged);
    payload_metrics_group_end(w);
}

void metrics_write_acks(struct json_writer *w, const struct frame_log_stats *stats)
{
    const struct payload_counter counters[] = {{"received", stats->sink_messages},
                                               {"refused", stats->sink_refused}};
    payload_metrics_group(w, "acks", counters, COUNT(counters));
}

void metrics_write_backfill(struct json_writer *w, const struct backfill_stats *stats)
{
    const struct payload_counter counters[] = {
        {"readings", stats->readings},
        {"events", stats->events},
        {"gaps", stats->gaps},
        {"messages", stats->messages},
        {"in_flight", stats->in_flight},
        {"summaries", stats->summaries},
        {"summaries_refused", stats->summaries_refused},
    };
    payload_metrics_group(w, "backfill", counters, COUNT(counters));
}

/* How long the log lasts at the present rate, if nobody acknowledged anything any more. */
static double hours_left(const struct store_stats *stats)
{
    uint64_t left =
        stats->quota_bytes > stats->used_bytes ? stats->quota_bytes - stats->used_bytes : 0;
    return (double)left / (double)stats->bytes_per_hour;
}

static void write_rollups(struct json_writer *w, const struct store_rollup_stats *stats)
{
    const struct payload_counter counters[] = {
        {"seq", stats->seq},   {"behind", stats->behind}, {"writes", stats->writes},
        {"rows", stats->rows}, {"bytes", stats->bytes},   {"faults", stats->faults},
    };
    payload_metrics_group(w, "rollups", counters, COUNT(counters));
}

void metrics_write_store(struct json_writer *w, const struct store_stats *stats)
{
    const struct payload_counter counters[] = {
        {"open", stats->open},
        {"frames", stats->frames},
        {"events", stats->events},
        {"without_seq", stats->without_seq},
        {"recovered", stats->recovered},
        {"crash_safe", stats->memory_fault == 0},
        {"expired", stats->expired},
        {"thinned", stats->thinned},
        {"committed_seq", stats->committed},
        {"commits", stats->commits},
        {"failed_commits", stats->failed_commits},
        {"commit_us", (uint64_t)stats->commit_us},
        {"commit_max_us", (uint64_t)stats->commit_max_us},
        {"used_bytes", stats->used_bytes},
        {"wal_bytes", stats->wal_bytes},
        {"quota_bytes", stats->quota_bytes},
        {"waiting_bytes", stats->waiting_bytes},
        {"bytes_per_hour", stats->bytes_per_hour},
    };
    payload_metrics_group_begin(w, "store");
    for (size_t i = 0; i < COUNT(counters); i++) {
        payload_metrics_counter(w, counters[i].name, counters[i].value);
    }
    if (stats->quota_bytes > 0) {
        double fill = (double)stats->used_bytes / (double)stats->quota_bytes;
        payload_metrics_number(w, "fill_percent", (double)(int)(fill * 1000) / 10);
        payload_metrics_number(w, "hours_left", hours_left(stats));
    }
    write_rollups(w, &stats->rollup);
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

void metrics_write_requests(struct json_writer *w, const struct responder_stats *stats)
{
    payload_metrics_group_begin(w, "requests");
    payload_metrics_counter(w, "received", stats->received);
    payload_metrics_counter(w, "answered", stats->answered);
    payload_metrics_counter(w, "abandoned", stats->abandoned);
    payload_metrics_counter(w, "waiting", stats->waiting);
    payload_metrics_counter(w, "running", stats->running);
    payload_metrics_counter(w, "chunks", stats->chunks);
    payload_metrics_counter(w, "unanswered", stats->unanswered);
    payload_metrics_group_begin(w, "refused");
    for (int i = 0; i < RESPONDER_REFUSAL_COUNT; i++) {
        payload_metrics_counter(w, responder_refusal_text((enum responder_refusal)i),
                                stats->refused[i]);
    }
    payload_metrics_group_end(w);
    payload_metrics_group_end(w);
}

void metrics_write_dash_cam(struct json_writer *w, const struct dash_cam_stats *stats)
{
    const struct payload_counter counters[] = {
        {"triggers", stats->triggers},
        {"started", stats->started},
        {"extended", stats->extended},
        {"waiting", stats->waiting},
        {"finished", stats->finished},
        {"empty", stats->empty},
        {"failed", stats->failed},
        {"running", stats->running},
        {"recovered", stats->recovered},
        {"frames", stats->frames},
        {"lost", stats->lost},
        {"files", stats->files},
        {"file_bytes", stats->file_bytes},
        {"files_removed", stats->removed},
        {"held_frames", stats->held_frames},
        {"held_bytes", stats->held_bytes},
    };
    payload_metrics_group_begin(w, "dash_cam");
    for (size_t i = 0; i < COUNT(counters); i++) {
        payload_metrics_counter(w, counters[i].name, counters[i].value);
    }
    payload_metrics_number(w, "reach_s", (double)(stats->reach_us / US_PER_MS) / 1000.0);
    payload_metrics_group_end(w);
}

static void write_retained(struct json_writer *w, const struct retained_ledger_stats *stats)
{
    const struct payload_counter counters[] = {
        {"topics", stats->topics}, {"cleared", stats->cleared}, {"faults", stats->faults}};
    payload_metrics_group(w, "retained", counters, COUNT(counters));
}

static void write_ends(struct json_writer *w, const struct mqtt_link_stats *stats)
{
    payload_metrics_group_begin(w, "mqtt_ends");
    for (enum mqtt_end end = MQTT_END_UNREACHABLE; end < MQTT_END_COUNT; end++) {
        payload_metrics_counter(w, mqtt_end_name(end), stats->ends[end]);
    }
    payload_metrics_group_end(w);
}

void metrics_write_link(struct json_writer *w, const struct mqtt_link_stats *stats,
                        const struct retained_ledger_stats *retained)
{
    const struct payload_counter counters[] = {
        {"attempts", stats->attempts},   {"connects", stats->connects},
        {"published", stats->published}, {"acknowledged", stats->acknowledged},
        {"refused", stats->refused},     {"lost", stats->lost},
        {"received", stats->received},   {"outstanding", stats->outstanding},
    };
    payload_metrics_group(w, "mqtt", counters, COUNT(counters));
    write_ends(w, stats);
    write_retained(w, retained);
}
