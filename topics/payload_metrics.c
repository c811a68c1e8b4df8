#include "topics/payload_metrics.h"

void payload_metrics_begin(struct json_writer *w, int64_t ts_us, uint64_t uptime_s)
{
    json_object_begin(w, NULL);
    json_time_us(w, "ts", ts_us);
    json_u64(w, "uptime_s", uptime_s);
}

void payload_metrics_group_begin(void *w, const char *name, const char *label)
{
    (void)label;
    json_object_begin(w, name);
}

void payload_metrics_counter(void *w, const char *name, uint64_t value)
{
    json_u64(w, name, value);
}

void payload_metrics_number(void *w, const char *name, double value)
{
    json_double(w, name, value);
}

void payload_metrics_group_end(void *w)
{
    json_object_end(w);
}

void payload_metrics_end(struct json_writer *w)
{
    json_object_end(w);
}
