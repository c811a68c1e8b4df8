#include "edge-gateway/app/alarm_metrics.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void metrics_tell_alarms(const struct counter_sink *sink, const struct alarms_stats *stats,
                         const struct alarm_wishes_stats *wishes)
{
    const struct counter counters[] = {
        GAUGE("configured", stats->configured),
        GAUGE("active", stats->figures.active),
        GAUGE("unacknowledged", stats->figures.unacknowledged),
        GAUGE("shelved", stats->figures.shelved),
        GAUGE("suppressed", stats->figures.suppressed),
        GAUGE("out_of_service", stats->figures.out_of_service),
        GAUGE("chattering", stats->figures.chattering),
        GAUGE("stale", stats->figures.old),
        GAUGE("raised_10min", stats->raised_10min),
        GAUGE("flood", stats->flood),
        COUNTER("transitions", stats->messages.transitions),
        COUNTER("superseded", stats->messages.superseded),
        GAUGE("waiting", stats->messages.waiting),
        COUNTER("wished", wishes->wished),
        COUNTER("done", wishes->done),
        COUNTER("unanswered", wishes->unanswered),
    };
    counters_begin(sink, "alarms");
    counters_tell(sink, counters, COUNT(counters));
    counters_begin_by(sink, "refused", "reason");
    for (int i = 0; i < ALARM_REFUSAL_COUNT; i++) {
        counter_tell(sink, alarm_refusal_text((enum alarm_refusal)i), wishes->refused[i]);
    }
    counters_end(sink);
    counters_end(sink);
}
