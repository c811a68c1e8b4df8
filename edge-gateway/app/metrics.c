#include "edge-gateway/app/metrics.h"

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

void metrics_tell_frames(const struct counter_sink *sink, const struct pipeline_stats *stats)
{
    const struct counter counters[] = {
        COUNTER("received", stats->received),     COUNTER("unknown", stats->unknown),
        COUNTER("malformed", stats->malformed),   COUNTER("accepted", stats->accepted),
        COUNTER("suppressed", stats->suppressed), COUNTER("held", stats->held),
        COUNTER("assured", stats->assured),       COUNTER("live_only", stats->live_only),
        COUNTER("remote", stats->remote),
    };
    counters_tell_group(sink, "frames", counters, COUNT(counters));
}

void metrics_tell_bus(const struct counter_sink *sink, const struct bus_stats *stats)
{
    counters_begin(sink, "bus");
    counter_tell(sink, "received", stats->received);
    counter_tell(sink, "malformed", stats->malformed);
    counter_tell(sink, "kernel_dropped", stats->kernel_dropped);
    counter_tell(sink, "sent", stats->sent);
    counter_tell(sink, "send_failed", stats->send_failed);
    counter_tell(sink, "tx_errors", stats->tx_errors);
    counter_tell(sink, "rx_errors", stats->rx_errors);
    counters_begin_by(sink, "error_frames", "class");
    for (int i = 0; i < BUS_ERROR_CLASS_COUNT; i++) {
        counter_tell(sink, bus_error_class_text((enum bus_error_class)i), stats->error_frames[i]);
    }
    counters_end(sink);
    counters_end(sink);
}

void metrics_tell_live(const struct counter_sink *sink, const struct lvq_stats *stats)
{
    const struct counter counters[] = {
        COUNTER("assured", stats->tagged),
        COUNTER("acknowledged", stats->outcomes[LVQ_ACKNOWLEDGED]),
        COUNTER("superseded", stats->outcomes[LVQ_SUPERSEDED]),
        COUNTER("expired", stats->outcomes[LVQ_EXPIRED]),
        COUNTER("refused", stats->outcomes[LVQ_REFUSED]),
        GAUGE("pending", stats->pending),
    };
    counters_tell_group(sink, "live", counters, COUNT(counters));
}

void metrics_tell_readings(const struct counter_sink *sink, const struct frame_log_stats *stats)
{
    counters_begin(sink, "readings");
    counter_tell(sink, "assured", stats->assured);
    counter_tell(sink, "repeated", stats->repeated);
    counter_tell(sink, "acknowledged", stats->acknowledged);
    gauge_tell(sink, "pending", stats->pending);
    counter_tell(sink, "thinned", stats->dropped[SEGMENT_VOID_THINNED]);
    counters_begin_by(sink, "dropped", "reason");
    for (int i = 0; i < SEGMENT_VOID_COUNT; i++) {
        if (i != SEGMENT_VOID_THINNED) {
            counter_tell(sink, segment_void_text((enum segment_void)i), stats->dropped[i]);
        }
    }
    counters_end(sink);
    counter_tell(sink, "newest_seq", stats->ledger.newest);
    counter_tell(sink, "acknowledged_seq", stats->ledger.acknowledged);
    counters_end(sink);
}

void metrics_tell_acks(const struct counter_sink *sink, const struct frame_log_stats *stats)
{
    const struct counter counters[] = {COUNTER("received", stats->sink_messages),
                                       COUNTER("refused", stats->sink_refused)};
    counters_tell_group(sink, "acks", counters, COUNT(counters));
}

void metrics_tell_backfill(const struct counter_sink *sink, const struct backfill_stats *stats)
{
    const struct counter counters[] = {
        COUNTER("readings", stats->readings),
        COUNTER("events", stats->events),
        COUNTER("gaps", stats->gaps),
        COUNTER("messages", stats->messages),
        GAUGE("in_flight", stats->in_flight),
        COUNTER("summaries", stats->summaries),
        COUNTER("summaries_refused", stats->summaries_refused),
    };
    counters_tell_group(sink, "backfill", counters, COUNT(counters));
}

/* How long the log lasts at the present rate, if nobody acknowledged anything any more. */
static double hours_left(const struct store_stats *stats)
{
    uint64_t left =
        stats->quota_bytes > stats->used_bytes ? stats->quota_bytes - stats->used_bytes : 0;
    return (double)left / (double)stats->bytes_per_hour;
}

static void tell_rollups(const struct counter_sink *sink, const struct store_rollup_stats *stats)
{
    const struct counter counters[] = {
        COUNTER("seq", stats->seq),       GAUGE("behind", stats->behind),
        COUNTER("writes", stats->writes), COUNTER("rows", stats->rows),
        COUNTER("bytes", stats->bytes),   COUNTER("faults", stats->faults),
    };
    counters_tell_group(sink, "rollups", counters, COUNT(counters));
}

void metrics_tell_store(const struct counter_sink *sink, const struct store_stats *stats)
{
    const struct counter counters[] = {
        GAUGE("open", stats->open),
        COUNTER("frames", stats->frames),
        COUNTER("events", stats->events),
        COUNTER("without_seq", stats->without_seq),
        COUNTER("recovered", stats->recovered),
        GAUGE("crash_safe", stats->memory_fault == 0),
        COUNTER("expired", stats->expired),
        COUNTER("thinned", stats->thinned),
        COUNTER("committed_seq", stats->committed),
        COUNTER("commits", stats->commits),
        COUNTER("failed_commits", stats->failed_commits),
        GAUGE("commit_us", stats->commit_us),
        GAUGE("commit_max_us", stats->commit_max_us),
        GAUGE("used_bytes", stats->used_bytes),
        GAUGE("wal_bytes", stats->wal_bytes),
        GAUGE("quota_bytes", stats->quota_bytes),
        GAUGE("waiting_bytes", stats->waiting_bytes),
        GAUGE("bytes_per_hour", stats->bytes_per_hour),
    };
    counters_begin(sink, "store");
    counters_tell(sink, counters, COUNT(counters));
    if (stats->quota_bytes > 0) {
        double fill = (double)stats->used_bytes / (double)stats->quota_bytes;
        number_tell(sink, "fill_percent", (double)(int)(fill * 1000) / 10);
        number_tell(sink, "hours_left", hours_left(stats));
    }
    tell_rollups(sink, &stats->rollup);
    counters_end(sink);
}

void metrics_tell_actuations(const struct counter_sink *sink, const struct actuations_stats *stats)
{
    counters_begin(sink, "commands");
    counter_tell(sink, "wished", stats->wished);
    counter_tell(sink, "sent", stats->sent);
    counter_tell(sink, "superseded", stats->superseded);
    gauge_tell(sink, "waiting", stats->waiting);
    counter_tell(sink, "unanswered", stats->unanswered);
    counters_begin_by(sink, "refused", "reason");
    for (int i = COMMAND_ACCEPTED + 1; i < COMMAND_RESULT_COUNT; i++) {
        counter_tell(sink, command_result_text((enum command_result)i), stats->refused[i]);
    }
    counters_end(sink);
    counters_end(sink);
}

void metrics_tell_dash_cam(const struct counter_sink *sink, const struct dash_cam_stats *stats)
{
    const struct counter counters[] = {
        COUNTER("triggers", stats->triggers),
        COUNTER("started", stats->started),
        COUNTER("extended", stats->extended),
        GAUGE("waiting", stats->waiting),
        COUNTER("finished", stats->finished),
        COUNTER("empty", stats->empty),
        COUNTER("failed", stats->failed),
        GAUGE("running", stats->running),
        COUNTER("recovered", stats->recovered),
        COUNTER("frames", stats->frames),
        COUNTER("lost", stats->lost),
        GAUGE("files", stats->files),
        GAUGE("file_bytes", stats->file_bytes),
        COUNTER("files_removed", stats->removed),
        GAUGE("held_frames", stats->held_frames),
        GAUGE("held_bytes", stats->held_bytes),
    };
    counters_begin(sink, "dash_cam");
    counters_tell(sink, counters, COUNT(counters));
    number_tell(sink, "reach_s", (double)(stats->reach_us / US_PER_MS) / 1000.0);
    counters_end(sink);
}
