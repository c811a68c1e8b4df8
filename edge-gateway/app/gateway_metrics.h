/* The counters of a running gateway: published, and kept in the frame log. */
#ifndef EDGE_GATEWAY_APP_GATEWAY_METRICS_H
#define EDGE_GATEWAY_APP_GATEWAY_METRICS_H

struct gateway;

/* Publishes the metrics now, and the state of every bus. */
void gateway_metrics_publish(struct gateway *gateway);

/* Takes the counters that the frame log writes; only with a log. */
void gateway_metrics_keep(struct gateway *gateway);

#endif
