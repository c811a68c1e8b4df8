/* The counters of a running gateway: published, and kept in the frame log. */
#ifndef EDGE_GATEWAY_APP_GATEWAY_METRICS_H
#define EDGE_GATEWAY_APP_GATEWAY_METRICS_H

#include "common/counters.h"

struct gateway;

void gateway_metrics_tell(struct gateway *gateway, const struct counter_sink *sink);

/* Publishes the metrics now, and the state of every bus. */
void gateway_metrics_publish(struct gateway *gateway);

/* Takes the counters that the frame log writes; only with a log. */
void gateway_metrics_keep(struct gateway *gateway);

#endif
