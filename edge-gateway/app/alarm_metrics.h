/* The counters of alarms as a group. */
#ifndef EDGE_GATEWAY_APP_ALARM_METRICS_H
#define EDGE_GATEWAY_APP_ALARM_METRICS_H

#include "common/counters.h"
#include "edge-gateway/app/alarm_wishes.h"
#include "edge-gateway/app/alarms.h"

/* "alarms": how many are what now, and what became of wishes: wished = done + refused. */
void metrics_tell_alarms(const struct counter_sink *sink, const struct alarms_stats *stats,
                         const struct alarm_wishes_stats *wishes);

#endif
