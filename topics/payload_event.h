/*
 * Something that happened to a node, on the topics `event` and `backfill/event`:
 *
 *   {"ts":1795423160.5,"seq":123,"event":"bus_state","bus":"can0","text":"bus-off: ..."}
 *
 * Members of its own (a count, a limit) may follow, plain values only: write them with
 * json_writer.h between begin and end.
 */
#ifndef EDGE_TOPICS_PAYLOAD_EVENT_H
#define EDGE_TOPICS_PAYLOAD_EVENT_H

#include "topics/json_writer.h"

#include <stddef.h>
#include <stdint.h>

enum payload_event_word {
    PAYLOAD_EVENT_STARTED,
    PAYLOAD_EVENT_STOPPED,
    PAYLOAD_EVENT_BUS_STATE,
    PAYLOAD_EVENT_CLOCK_SET,     /* for the first time since the start: earlier stamps were wrong */
    PAYLOAD_EVENT_CLOCK_JUMPED,  /* later, by more than clocks drift */
    PAYLOAD_EVENT_LOG_DROPPED,   /* the frame log gave up readings that were not acknowledged */
    PAYLOAD_EVENT_LOG_THINNED,   /* it kept a summary of them */
    PAYLOAD_EVENT_LOG_FAULT,     /* it cannot store */
    PAYLOAD_EVENT_LOG_RECOVERED, /* it stores again */
    PAYLOAD_EVENT_LOG_SET_ASIDE, /* its database could not be used and was replaced by a new one */
    PAYLOAD_EVENT_RECORDED,      /* the dash-cam has; see payload_recording.h */
    PAYLOAD_EVENT_RECORDING_FAILED /* it could not */
};

/* "started", "stopped", "bus_state", "clock_set", "clock_jumped", "log_dropped", "log_thinned",
 * "log_fault", "log_recovered", "log_set_aside", "recorded", "recording_failed"; static. */
const char *payload_event_word_text(enum payload_event_word word);

struct payload_event {
    int64_t ts_us;
    uint64_t seq; /* of the counter that readings have too; 0: not logged, left out */
    enum payload_event_word event;
    const char *bus;  /* NULL: of the whole node */
    const char *text; /* for a person; not empty */
};

void payload_event_begin(struct json_writer *w, const struct payload_event *event);
void payload_event_end(struct json_writer *w);

/*
 * As the frame log keeps it: an object without ts and seq, which the log knows by itself (a stamp
 * may be corrected later). body_begin, members of its own, event_end; restore puts the two back:
 * `body` is what was written then.
 */
void payload_event_body_begin(struct json_writer *w, const struct payload_event *event);
void payload_event_restore(struct json_writer *w, int64_t ts_us, uint64_t seq, const char *body,
                           size_t length);

#endif
