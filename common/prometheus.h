/*
 * Counters as a text for Prometheus (the exposition format of
 * prometheus.io/docs/instrumenting/exposition_formats), from the same telling as the metrics
 * payload:
 *
 *   # HELP edge_commands_refused_total commands.refused of the topic metrics, by reason
 *   # TYPE edge_commands_refused_total counter
 *   edge_commands_refused_total{site="demo",node="gw1",reason="range"} 3
 *
 * A name is made of the groups and the member. Of a group whose members are parts of one thing they
 * are a label: the reason of `refused`, the bus of `buses`. The format wants all samples of one
 * name together, so they are collected and put in order first.
 */
#ifndef EDGE_COMMON_PROMETHEUS_H
#define EDGE_COMMON_PROMETHEUS_H

#include "common/attributes.h"
#include "common/buf.h"
#include "common/counters.h"

struct prometheus;

/* Site and node are labels of every sample; copied. 0 or -ENOMEM. */
EDGE_MUST_CHECK int prometheus_new(const char *site, const char *node, struct prometheus **ret);
void prometheus_free(struct prometheus *prometheus);

/* Forgets what it was told; the sink is for what is told next, and good until the next call. */
struct counter_sink prometheus_begin(struct prometheus *prometheus);

/* Appends what it was told. 0; -ENOMEM; -EOVERFLOW: groups within too many groups. */
EDGE_MUST_CHECK int prometheus_write(struct prometheus *prometheus, struct buf *out);

#endif
