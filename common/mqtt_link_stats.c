#include "common/mqtt_link_stats.h"

void mqtt_link_stats_tell(const struct counter_sink *sink, const struct mqtt_link_stats *stats)
{
    const struct counter counters[] = {
        COUNTER("attempts", stats->attempts),   COUNTER("connects", stats->connects),
        COUNTER("published", stats->published), COUNTER("acknowledged", stats->acknowledged),
        COUNTER("refused", stats->refused),     COUNTER("lost", stats->lost),
        COUNTER("received", stats->received),   GAUGE("outstanding", stats->outstanding),
    };
    counters_tell_group(sink, "mqtt", counters, sizeof(counters) / sizeof(counters[0]));
    counters_begin_by(sink, "mqtt_ends", "reason");
    for (enum mqtt_end end = MQTT_END_UNREACHABLE; end < MQTT_END_COUNT; end++) {
        counter_tell(sink, mqtt_end_name(end), stats->ends[end]);
    }
    counters_end(sink);
}
