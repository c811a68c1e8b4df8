#include "topics/payload_event.h"

#include <stddef.h>

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
};
_Static_assert(sizeof(words) / sizeof(words[0]) == PAYLOAD_EVENT_LOG_SET_ASIDE + 1,
               "a word for every event");

const char *payload_event_word_text(enum payload_event_word word)
{
    return words[word];
}

void payload_event_begin(struct json_writer *w, const struct payload_event *event)
{
    json_object_begin(w, NULL);
    json_time_us(w, "ts", event->ts_us);
    if (event->seq > 0) {
        json_u64(w, "seq", event->seq);
    }
    json_string(w, "event", payload_event_word_text(event->event));
    if (event->bus != NULL) {
        json_string(w, "bus", event->bus);
    }
    json_string(w, "text", event->text);
}

void payload_event_end(struct json_writer *w)
{
    json_object_end(w);
}
