#include "topics/payload_metrics.h"

void payload_metrics_begin(struct json_writer *w, int64_t ts_us, uint64_t uptime_s)
{
    json_object_begin(w, NULL);
    json_time_us(w, "ts", ts_us);
    json_u64(w, "uptime_s", uptime_s);
}

void payload_metrics_group(struct json_writer *w, const char *name,
                           const struct payload_counter *counters, size_t count)
{
    payload_metrics_group_begin(w, name);
    for (size_t i = 0; i < count; i++) {
        payload_metrics_counter(w, counters[i].name, counters[i].value);
    }
    payload_metrics_group_end(w);
}

void payload_metrics_group_begin(struct json_writer *w, const char *name)
{
    json_object_begin(w, name);
}

void payload_metrics_counter(struct json_writer *w, const char *name, uint64_t value)
{
    json_u64(w, name, value);
}

void payload_metrics_number(struct json_writer *w, const char *name, double value)
{
    json_double(w, name, value);
}

void payload_metrics_group_end(struct json_writer *w)
{
    json_object_end(w);
}

void payload_metrics_end(struct json_writer *w)
{
    json_object_end(w);
}
