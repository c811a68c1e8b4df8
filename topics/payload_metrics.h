/*
 * Counters in named groups, since the node's start:
 *
 *   {"ts":1795423160.5,"uptime_s":3600,"frames":{"received":1000,"unknown":3},
 *    "dropped":{"offline":0}}
 */
#ifndef EDGE_TOPICS_PAYLOAD_METRICS_H
#define EDGE_TOPICS_PAYLOAD_METRICS_H

#include "topics/json_writer.h"

#include <stdint.h>

void payload_metrics_begin(struct json_writer *w, int64_t ts_us, uint64_t uptime_s);

/* Member by member; groups may nest (one per bus, say). `w` is a struct json_writer: so these are
 * the functions of a sink of counters. The label says what the members of the group differ in,
 * which the payload has no need of. */
void payload_metrics_group_begin(void *w, const char *name, const char *label);
void payload_metrics_counter(void *w, const char *name, uint64_t value);
void payload_metrics_number(void *w, const char *name, double value);
void payload_metrics_group_end(void *w);

void payload_metrics_end(struct json_writer *w);

#endif
