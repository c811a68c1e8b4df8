/*
 * Counters in named groups, since the node's start:
 *
 *   {"ts":1795423160.5,"uptime_s":3600,"frames":{"received":1000,"unknown":3},
 *    "dropped":{"offline":0}}
 */
#ifndef EDGE_TOPICS_PAYLOAD_METRICS_H
#define EDGE_TOPICS_PAYLOAD_METRICS_H

#include "topics/json_writer.h"

#include <stddef.h>
#include <stdint.h>

struct payload_counter {
    const char *name;
    uint64_t value;
};

void payload_metrics_begin(struct json_writer *w, int64_t ts_us, uint64_t uptime_s);

/* A group that is written at once. */
void payload_metrics_group(struct json_writer *w, const char *name,
                           const struct payload_counter *counters, size_t count);

/* Or member by member; groups may nest (one per bus, say). */
void payload_metrics_group_begin(struct json_writer *w, const char *name);
void payload_metrics_counter(struct json_writer *w, const char *name, uint64_t value);
void payload_metrics_number(struct json_writer *w, const char *name, double value);
void payload_metrics_group_end(struct json_writer *w);

void payload_metrics_end(struct json_writer *w);

#endif
