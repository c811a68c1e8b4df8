#include "topics/payload_catalog.h"

#include <string.h>

static const char *const layouts[] = {
    [PAYLOAD_LAYOUT_MESSAGE] = "message",
    [PAYLOAD_LAYOUT_SIGNAL] = "signal",
};
_Static_assert(sizeof(layouts) / sizeof(layouts[0]) == PAYLOAD_LAYOUT_SIGNAL + 1,
               "a word for every layout");

void payload_catalog_data_begin(struct json_writer *w, int64_t ts_us)
{
    json_time_us(w, "ts", ts_us);
    json_array_begin(w, "buses");
}

void payload_catalog_data_end(struct json_writer *w)
{
    json_array_end(w);
}

void payload_catalog_begin(struct json_writer *w, int64_t ts_us)
{
    json_object_begin(w, NULL);
    payload_catalog_data_begin(w, ts_us);
}

void payload_catalog_bus_begin(struct json_writer *w, const char *name)
{
    json_object_begin(w, NULL);
    json_string(w, "name", name);
    json_array_begin(w, "messages");
}

void payload_catalog_message_begin(struct json_writer *w,
                                   const struct payload_catalog_message *message)
{
    json_object_begin(w, NULL);
    json_string(w, "name", message->name);
    if (message->topic_id != NULL) {
        json_string(w, "topic_id", message->topic_id);
    }
    json_u64(w, "id", message->can_id);
    json_bool(w, "extended", message->extended);
    if (message->cycle_ms > 0) {
        json_u64(w, "cycle_ms", message->cycle_ms);
    }
    if (message->has_stale) {
        json_u64(w, "stale_ms", message->stale_ms);
    }
    json_string(w, "layout", layouts[message->layout]);
    json_bool(w, "settable", message->settable);
    json_array_begin(w, "signals");
}

void payload_catalog_signal_begin(struct json_writer *w,
                                  const struct payload_catalog_signal *signal)
{
    json_object_begin(w, NULL);
    json_string(w, "name", signal->name);
    if (signal->unit != NULL) {
        json_string(w, "unit", signal->unit);
    }
    if (signal->min != NULL) {
        json_number_text(w, "min", signal->min, strlen(signal->min));
    }
    if (signal->max != NULL) {
        json_number_text(w, "max", signal->max, strlen(signal->max));
    }
    if (signal->decimals >= 0) {
        json_i64(w, "decimals", signal->decimals);
    }
    if (signal->has_labels) {
        json_array_begin(w, "labels");
    }
}

void payload_catalog_label(struct json_writer *w, int64_t value, const char *text)
{
    json_object_begin(w, NULL);
    json_i64(w, "value", value);
    json_string(w, "label", text);
    json_object_end(w);
}

void payload_catalog_signal_end(struct json_writer *w, const struct payload_catalog_signal *signal)
{
    if (signal->has_labels) {
        json_array_end(w);
    }
    json_object_end(w);
}

void payload_catalog_message_end(struct json_writer *w)
{
    json_array_end(w);
    json_object_end(w);
}

void payload_catalog_bus_end(struct json_writer *w)
{
    json_array_end(w);
    json_object_end(w);
}

void payload_catalog_end(struct json_writer *w)
{
    payload_catalog_data_end(w);
    json_object_end(w);
}
