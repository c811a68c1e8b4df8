#include "common/counters.h"

void counters_begin(const struct counter_sink *sink, const char *group)
{
    sink->begin(sink->context, group, NULL);
}

void counters_begin_by(const struct counter_sink *sink, const char *group, const char *label)
{
    sink->begin(sink->context, group, label);
}

void counter_tell(const struct counter_sink *sink, const char *name, uint64_t value)
{
    sink->counter(sink->context, name, value);
}

void gauge_tell(const struct counter_sink *sink, const char *name, uint64_t value)
{
    sink->gauge(sink->context, name, value);
}

void number_tell(const struct counter_sink *sink, const char *name, double value)
{
    sink->number(sink->context, name, value);
}

void counters_end(const struct counter_sink *sink)
{
    sink->end(sink->context);
}

void counters_tell(const struct counter_sink *sink, const struct counter *counters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct counter *c = &counters[i];
        (c->is_gauge ? sink->gauge : sink->counter)(sink->context, c->name, c->value);
    }
}

void counters_tell_group(const struct counter_sink *sink, const char *group,
                         const struct counter *counters, size_t count)
{
    counters_begin(sink, group);
    counters_tell(sink, counters, count);
    counters_end(sink);
}
