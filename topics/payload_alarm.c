#include "topics/payload_alarm.h"

#include <string.h>

#define KEY_ALARM "alarm"

static const char *const words[] = {
    [PAYLOAD_ALARM_NORMAL] = "normal",
    [PAYLOAD_ALARM_ACTIVE_UNACK] = "active_unack",
    [PAYLOAD_ALARM_ACTIVE_ACK] = "active_ack",
    [PAYLOAD_ALARM_RETURNED_UNACK] = "returned_unack",
    [PAYLOAD_ALARM_LATCHED_UNACK] = "latched_unack",
    [PAYLOAD_ALARM_LATCHED_ACK] = "latched_ack",
    [PAYLOAD_ALARM_SHELVED] = "shelved",
    [PAYLOAD_ALARM_SUPPRESSED] = "suppressed",
    [PAYLOAD_ALARM_OUT_OF_SERVICE] = "out_of_service",
};
_Static_assert(sizeof(words) / sizeof(words[0]) == PAYLOAD_ALARM_WORD_COUNT,
               "a word for every state");

static const char *const events[] = {
    [PAYLOAD_ALARM_RAISE] = "raise",       [PAYLOAD_ALARM_CLEAR] = "clear",
    [PAYLOAD_ALARM_ACK] = "ack",           [PAYLOAD_ALARM_RESET] = "reset",
    [PAYLOAD_ALARM_SHELVE] = "shelve",     [PAYLOAD_ALARM_UNSHELVE] = "unshelve",
    [PAYLOAD_ALARM_SUPPRESS] = "suppress", [PAYLOAD_ALARM_TAKE_OUT] = "out_of_service",
    [PAYLOAD_ALARM_RESTORE] = "restore",
};
_Static_assert(sizeof(events) / sizeof(events[0]) == PAYLOAD_ALARM_EVENT_COUNT,
               "a word for every event");

const char *payload_alarm_word_text(enum payload_alarm_word word)
{
    return words[word];
}

const char *payload_alarm_event_text(enum payload_alarm_event_word word)
{
    return events[word];
}

static void write_members(struct json_writer *w, const struct payload_alarm *alarm)
{
    json_time_us_if(w, "until", alarm->until_us);
    json_i64(w, "priority", alarm->priority);
    json_string_if(w, "text", alarm->text);
    json_string_if(w, "consequence", alarm->consequence);
    json_string_if(w, "response", alarm->response);
    if (alarm->value.type != PAYLOAD_NULL) {
        payload_value_write(w, "value", &alarm->value);
    }
    if (alarm->has_limit) {
        json_double(w, "limit", alarm->limit);
    }
    json_string_if(w, "unit", alarm->unit);
    json_string_if(w, "by", alarm->by);
}

static void write_state(struct json_writer *w, const struct payload_alarm *alarm)
{
    json_string(w, "state", words[alarm->state]);
    json_time_us(w, "since", alarm->since_us);
    write_members(w, alarm);
}

void payload_alarm_write(struct json_writer *w, const struct payload_alarm *alarm)
{
    json_object_begin(w, NULL);
    write_state(w, alarm);
    json_object_end(w);
}

static void write_event(struct json_writer *w, const struct payload_alarm_event *event)
{
    json_string(w, KEY_ALARM, event->alarm);
    json_string(w, "event", events[event->event]);
    json_string(w, "state", words[event->state->state]);
    write_members(w, event->state);
}

void payload_alarm_event_write(struct json_writer *w, const struct payload_alarm_event *event)
{
    json_object_begin(w, NULL);
    json_time_us(w, "ts", event->ts_us);
    if (event->seq > 0) {
        json_u64(w, "seq", event->seq);
    }
    write_event(w, event);
    json_object_end(w);
}

void payload_alarm_event_body(struct json_writer *w, const struct payload_alarm_event *event)
{
    json_object_begin(w, NULL);
    write_event(w, event);
    json_object_end(w);
}

/* Bodies are written here, so their beginning is known byte for byte; ids need no escapes. */
bool payload_alarm_event_is_of(const char *body, size_t length, const char *alarm)
{
    static const char begin[] = "{\"" KEY_ALARM "\":\"";
    size_t begin_length = sizeof(begin) - 1;
    if (length < begin_length || memcmp(body, begin, begin_length) != 0) {
        return false;
    }
    size_t id_length = alarm != NULL ? strlen(alarm) : 0;
    return alarm == NULL || (length > begin_length + id_length &&
                             memcmp(body + begin_length, alarm, id_length) == 0 &&
                             body[begin_length + id_length] == '"');
}

void payload_alarms_begin(struct json_writer *w)
{
    json_array_begin(w, "alarms");
}

void payload_alarms_item(struct json_writer *w, const char *id, const struct payload_alarm *alarm)
{
    json_object_begin(w, NULL);
    json_string(w, KEY_ALARM, id);
    write_state(w, alarm);
    json_object_end(w);
}

void payload_alarms_end(struct json_writer *w)
{
    json_array_end(w);
}

void payload_alarm_history_begin(struct json_writer *w)
{
    json_array_begin(w, "events");
}

void payload_alarm_history_end(struct json_writer *w, uint64_t damaged)
{
    json_array_end(w);
    if (damaged > 0) {
        json_u64(w, "damaged", damaged);
    }
}
