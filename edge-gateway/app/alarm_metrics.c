#include "edge-gateway/app/alarm_metrics.h"

#include "topics/payload_metrics.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void metrics_write_alarms(struct json_writer *w, const struct alarms_stats *stats,
                          const struct alarm_wishes_stats *wishes)
{
    const struct payload_counter counters[] = {
        {"configured", stats->configured},
        {"active", stats->figures.active},
        {"unacknowledged", stats->figures.unacknowledged},
        {"shelved", stats->figures.shelved},
        {"suppressed", stats->figures.suppressed},
        {"out_of_service", stats->figures.out_of_service},
        {"chattering", stats->figures.chattering},
        {"stale", stats->figures.old},
        {"raised_10min", stats->raised_10min},
        {"flood", stats->flood},
        {"transitions", stats->messages.transitions},
        {"superseded", stats->messages.superseded},
        {"waiting", stats->messages.waiting},
        {"wished", wishes->wished},
        {"done", wishes->done},
        {"unanswered", wishes->unanswered},
    };
    payload_metrics_group_begin(w, "alarms");
    for (size_t i = 0; i < COUNT(counters); i++) {
        payload_metrics_counter(w, counters[i].name, counters[i].value);
    }
    payload_metrics_group_begin(w, "refused");
    for (int i = 0; i < ALARM_REFUSAL_COUNT; i++) {
        payload_metrics_counter(w, alarm_refusal_text((enum alarm_refusal)i), wishes->refused[i]);
    }
    payload_metrics_group_end(w);
    payload_metrics_group_end(w);
}
