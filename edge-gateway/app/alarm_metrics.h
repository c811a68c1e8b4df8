/* The counters of alarms as a group of the metrics payload. */
#ifndef EDGE_GATEWAY_APP_ALARM_METRICS_H
#define EDGE_GATEWAY_APP_ALARM_METRICS_H

#include "edge-gateway/app/alarm_wishes.h"
#include "edge-gateway/app/alarms.h"
#include "topics/json_writer.h"

/* "alarms": how many are what now, and what became of wishes: wished = done + refused. */
void metrics_write_alarms(struct json_writer *w, const struct alarms_stats *stats,
                          const struct alarm_wishes_stats *wishes);

#endif
