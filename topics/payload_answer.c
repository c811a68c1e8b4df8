#include "topics/payload_answer.h"

#include <math.h>
#include <stdio.h>

static const char *const sources[] = {
    [PAYLOAD_SOURCE_FRAMES] = "frames",
    [PAYLOAD_SOURCE_MINUTES] = "1m",
    [PAYLOAD_SOURCE_HOURS] = "1h",
    [PAYLOAD_SOURCE_SUMMARY] = "summary",
};
_Static_assert(sizeof(sources) / sizeof(sources[0]) == PAYLOAD_SOURCE_SUMMARY + 1,
               "a word for every source");

const char *payload_source_text(enum payload_source source)
{
    return sources[source];
}

static void write_damaged(struct json_writer *w, uint64_t damaged)
{
    if (damaged > 0) {
        json_u64(w, "damaged", damaged);
    }
}

static void write_series(struct json_writer *w, const struct payload_series *series)
{
    const struct payload_path *path = series->signal;
    char text[sizeof(*path)]; /* of the three NULs, two become slashes */
    (void)snprintf(text, sizeof(text), "%s/%s/%s", path->bus, path->message, path->signal);
    json_string(w, "signal", text);
    if (series->unit != NULL) {
        json_string(w, "unit", series->unit);
    }
    json_string(w, "source", payload_source_text(series->source));
    write_damaged(w, series->damaged);
}

void payload_history_begin(struct json_writer *w, const struct payload_series *series,
                           uint64_t count)
{
    write_series(w, series);
    json_u64(w, "count", count);
    json_array_begin(w, "points");
}

void payload_history_point(struct json_writer *w, int64_t ts_us, double value)
{
    json_array_begin(w, NULL);
    json_time_us(w, NULL, ts_us);
    json_double(w, NULL, value);
    json_array_end(w);
}

void payload_history_end(struct json_writer *w)
{
    json_array_end(w);
}

void payload_statistics_begin(struct json_writer *w, const struct payload_series *series,
                              int64_t bucket_us)
{
    write_series(w, series);
    json_time_us(w, "bucket_s", bucket_us);
    json_array_begin(w, "buckets");
}

void payload_statistics_bucket(struct json_writer *w, const struct payload_bucket *bucket)
{
    bool empty = bucket->count == 0;
    json_object_begin(w, NULL);
    json_time_us(w, "ts", bucket->ts_us);
    json_u64(w, "count", bucket->count);
    json_double(w, "min", empty ? NAN : bucket->min);
    json_double(w, "max", empty ? NAN : bucket->max);
    json_double(w, "mean", empty ? NAN : bucket->mean);
    json_double(w, "last", empty ? NAN : bucket->last);
    json_double(w, "weighted_mean", bucket->weighted_mean);
    json_object_end(w);
}

void payload_statistics_end(struct json_writer *w)
{
    json_array_end(w);
}

void payload_messages_begin(struct json_writer *w)
{
    json_array_begin(w, "readings");
}

void payload_messages_end(struct json_writer *w, uint64_t damaged)
{
    json_array_end(w);
    write_damaged(w, damaged);
}
