#include "topics/payload_explain.h"

static void write_counted(struct json_writer *w, const char *key,
                          const struct payload_counted *counted)
{
    json_object_begin(w, key);
    json_string(w, "input", counted->input);
    json_string_if(w, "topic", counted->topic);
    json_string_if(w, "signal", counted->signal);
    if (counted->has_value) {
        payload_value_write(w, "value", &counted->value);
        json_string_if(w, "unit", counted->unit);
        json_string(w, "quality", reading_quality_text(counted->quality));
        if (counted->stale_after_s >= 0) {
            json_double(w, "stale_after_s", counted->stale_after_s);
        }
        json_string_if(w, "stale_from", counted->stale_from);
    }
    if (counted->seq > 0) {
        json_u64(w, "seq", counted->seq);
    }
    json_time_us_if(w, "ts", counted->ts_us);
    json_object_end(w);
}

void payload_explain_begin(struct json_writer *w, const struct payload_explained *explained)
{
    json_string(w, "device", explained->device);
    payload_device_state_member(w, "state", &explained->state);
    json_object_begin(w, "decision");
    json_string(w, "source", explained->source);
    json_string(w, "priority", explained->priority);
    payload_value_write(w, "wanted", &explained->wanted);
    json_string_if(w, "hold", explained->hold);
    if (explained->reading != NULL) {
        write_counted(w, "reading", explained->reading);
    }
    json_object_end(w);
}

void payload_explain_readings_begin(struct json_writer *w)
{
    json_array_begin(w, "readings");
}

void payload_explain_reading(struct json_writer *w, const struct payload_counted *reading)
{
    write_counted(w, NULL, reading);
}

void payload_explain_claims_begin(struct json_writer *w)
{
    json_array_begin(w, "claims");
}

void payload_explain_claim(struct json_writer *w, const struct payload_claim *claim)
{
    json_object_begin(w, NULL);
    json_string(w, "source", claim->source);
    json_string(w, "priority", claim->priority);
    payload_value_write(w, "value", &claim->value);
    json_string_if(w, "reason", claim->reason);
    json_time_us_if(w, "until", claim->until_us);
    json_bool(w, "wins", claim->wins);
    json_string_if(w, "lost_to", claim->lost_to);
    json_object_end(w);
}

void payload_explain_command(struct json_writer *w, const struct payload_sent *sent)
{
    json_object_begin(w, "command");
    payload_value_write(w, "value", &sent->value);
    json_string_if(w, "transaction", sent->transaction);
    json_u64(w, "attempt", sent->attempt);
    json_string(w, "phase", sent->phase);
    json_time_us_if(w, "sent", sent->sent_us);
    json_time_us_if(w, "confirmed", sent->confirmed_us);
    if (sent->feedback != NULL) {
        write_counted(w, "feedback", sent->feedback);
    }
    json_object_end(w);
}

void payload_explain_changes_begin(struct json_writer *w)
{
    json_array_begin(w, "changes");
}

void payload_explain_change(struct json_writer *w, const char *what, int64_t at_us)
{
    json_object_begin(w, NULL);
    json_string(w, "what", what);
    json_time_us_if(w, "at", at_us);
    json_object_end(w);
}

void payload_explain_array_end(struct json_writer *w)
{
    json_array_end(w);
}

void payload_explain_end(struct json_writer *w, const char *text)
{
    json_string(w, "text", text);
}
