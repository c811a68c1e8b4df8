/* Counters and gauges in named groups, told one by one to whoever writes them down: as JSON, or as
 * a file for Prometheus. What counts knows its names and values, and not where they go. */
#ifndef EDGE_COMMON_COUNTERS_H
#define EDGE_COMMON_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names are snake case, but for those of things in the configuration. Groups may nest. */
struct counter_sink {
    /* `label` NULL: the members of this group are things of their own. Otherwise they are one
     * thing, of which each member has its part: "reason" of `refused`, "bus" of `buses`. */
    void (*begin)(void *context, const char *group, const char *label);
    void (*counter)(void *context, const char *name, uint64_t value); /* only rises */
    void (*gauge)(void *context, const char *name, uint64_t value);   /* goes up and down */
    void (*number)(void *context, const char *name, double value);    /* a gauge too */
    void (*end)(void *context);
    void *context;
};

void counters_begin(const struct counter_sink *sink, const char *group);
void counters_begin_by(const struct counter_sink *sink, const char *group, const char *label);
void counter_tell(const struct counter_sink *sink, const char *name, uint64_t value);
void gauge_tell(const struct counter_sink *sink, const char *name, uint64_t value);
void number_tell(const struct counter_sink *sink, const char *name, double value);
void counters_end(const struct counter_sink *sink);

/* Many at once. */
struct counter {
    const char *name;
    uint64_t value;
    bool is_gauge;
};
#define COUNTER(name, value)             \
    {                                    \
        (name), (uint64_t)(value), false \
    }
#define GAUGE(name, value)              \
    {                                   \
        (name), (uint64_t)(value), true \
    }

void counters_tell(const struct counter_sink *sink, const struct counter *counters, size_t count);
void counters_tell_group(const struct counter_sink *sink, const char *group,
                         const struct counter *counters, size_t count);

#endif
