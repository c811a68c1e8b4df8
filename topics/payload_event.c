#include "topics/payload_event.h"
#include "topics/json_core.h"

static const char *const words[] = {
    [PAYLOAD_EVENT_STARTED] = "started",
    [PAYLOAD_EVENT_STOPPED] = "stopped",
    [PAYLOAD_EVENT_BUS_STATE] = "bus_state",
    [PAYLOAD_EVENT_CLOCK_SET] = "clock_set",
    [PAYLOAD_EVENT_CLOCK_JUMPED] = "clock_jumped",
    [PAYLOAD_EVENT_LOG_DROPPED] = "log_dropped",
    [PAYLOAD_EVENT_LOG_THINNED] = "log_thinned",
    [PAYLOAD_EVENT_LOG_FAULT] = "log_fault",
    [PAYLOAD_EVENT_LOG_RECOVERED] = "log_recovered",
    [PAYLOAD_EVENT_LOG_SET_ASIDE] = "log_set_aside",
    [PAYLOAD_EVENT_RECORDED] = "recorded",
    [PAYLOAD_EVENT_RECORDING_FAILED] = "recording_failed",
};
_Static_assert(sizeof(words) / sizeof(words[0]) == PAYLOAD_EVENT_RECORDING_FAILED + 1,
               "a word for every event");

const char *payload_event_word_text(enum payload_event_word word)
{
    return words[word];
}

static void write_stamp(struct json_writer *w, int64_t ts_us, uint64_t seq)
{
    json_object_begin(w, NULL);
    json_time_us(w, "ts", ts_us);
    if (seq > 0) {
        json_u64(w, "seq", seq);
    }
}

static void write_members(struct json_writer *w, const struct payload_event *event)
{
    json_string(w, "event", payload_event_word_text(event->event));
    if (event->bus != NULL) {
        json_string(w, "bus", event->bus);
    }
    json_string(w, "text", event->text);
}

void payload_event_begin(struct json_writer *w, const struct payload_event *event)
{
    write_stamp(w, event->ts_us, event->seq);
    write_members(w, event);
}

void payload_event_body_begin(struct json_writer *w, const struct payload_event *event)
{
    json_object_begin(w, NULL);
    write_members(w, event);
}

void payload_event_restore(struct json_writer *w, int64_t ts_us, uint64_t seq, const char *body,
                           size_t length)
{
    write_stamp(w, ts_us, seq);
    if (length > 2) { /* what is between its braces */
        json_core_append(w, ",", 1);
        json_core_append(w, body + 1, length - 2);
    }
    json_object_end(w);
}

void payload_event_end(struct json_writer *w)
{
    json_object_end(w);
}
