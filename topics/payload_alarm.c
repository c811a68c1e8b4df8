#include "topics/payload_alarm.h"

static void write_state(struct json_writer *w, const struct payload_alarm *alarm)
{
    json_string(w, "state", alarm->active ? "active_unack" : "normal");
}

static void write_text(struct json_writer *w, const struct payload_alarm *alarm)
{
    json_i64(w, "priority", alarm->priority);
    json_string(w, "text", alarm->text);
}

void payload_alarm_write(struct json_writer *w, const struct payload_alarm *alarm)
{
    json_object_begin(w, NULL);
    write_state(w, alarm);
    json_time_us(w, "since", alarm->since_us);
    write_text(w, alarm);
    json_object_end(w);
}

void payload_alarm_event_write(struct json_writer *w, const char *id,
                               const struct payload_alarm *alarm)
{
    json_object_begin(w, NULL);
    json_time_us(w, "ts", alarm->since_us);
    json_string(w, "alarm", id);
    json_string(w, "event", alarm->active ? "raise" : "clear");
    write_state(w, alarm);
    write_text(w, alarm);
    json_object_end(w);
}
