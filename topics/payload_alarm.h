/*
 * Alarms as ISA-18.2 (IEC 62682) has them. The state of one, `alarms/<id>`, and its transitions,
 * `alarms/event`:
 *
 *   {"state":"active_unack","since":1795423160.5,"priority":2,"text":"Tank above limit",
 *    "response":"Close the valve","value":91.5,"limit":90,"unit":"%"}
 *   {"ts":1795423160.5,"seq":1234,"alarm":"tank_high","event":"raise","state":"active_unack",
 *    "priority":2,"text":"Tank above limit","value":91.5,"limit":90,"unit":"%"}
 *
 * What an operator wishes of it is read by payload_alarm_set.h.
 */
#ifndef EDGE_TOPICS_PAYLOAD_ALARM_H
#define EDGE_TOPICS_PAYLOAD_ALARM_H

#include "topics/json_writer.h"
#include "topics/payload_value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum payload_alarm_word {
    PAYLOAD_ALARM_NORMAL,
    PAYLOAD_ALARM_ACTIVE_UNACK,
    PAYLOAD_ALARM_ACTIVE_ACK,
    PAYLOAD_ALARM_RETURNED_UNACK,
    PAYLOAD_ALARM_LATCHED_UNACK,
    PAYLOAD_ALARM_LATCHED_ACK,
    PAYLOAD_ALARM_SHELVED,
    PAYLOAD_ALARM_SUPPRESSED,
    PAYLOAD_ALARM_OUT_OF_SERVICE
};

enum {
    PAYLOAD_ALARM_WORD_COUNT = PAYLOAD_ALARM_OUT_OF_SERVICE + 1
};

enum payload_alarm_event_word {
    PAYLOAD_ALARM_RAISE,
    PAYLOAD_ALARM_CLEAR,
    PAYLOAD_ALARM_ACK,
    PAYLOAD_ALARM_RESET,
    PAYLOAD_ALARM_SHELVE,
    PAYLOAD_ALARM_UNSHELVE,
    PAYLOAD_ALARM_SUPPRESS,
    PAYLOAD_ALARM_TAKE_OUT, /* of service */
    PAYLOAD_ALARM_RESTORE
};

enum {
    PAYLOAD_ALARM_EVENT_COUNT = PAYLOAD_ALARM_RESTORE + 1
};

/* "normal", "active_unack", ...; static. */
const char *payload_alarm_word_text(enum payload_alarm_word word);
/* "raise", "clear", "ack", "reset", "shelve", "unshelve", "suppress", "out_of_service", "restore";
 * static. */
const char *payload_alarm_event_text(enum payload_alarm_event_word word);

/* What is NULL, PAYLOAD_NULL or 0 (a time) is left out. */
struct payload_alarm {
    enum payload_alarm_word state;
    int64_t since_us; /* of this state */
    int64_t until_us; /* end of the shelving */
    int priority;     /* 1 (critical) to 4 */
    const char *text; /* what is wrong, for a person */
    const char *consequence;
    const char *response;       /* what a person can do about it */
    struct payload_value value; /* that raised or cleared it */
    bool has_limit;
    double limit;     /* that it passed */
    const char *unit; /* of both */
    const char *by;   /* who acted last */
};

void payload_alarm_write(struct json_writer *w, const struct payload_alarm *alarm);

/* The transition into that state. */
struct payload_alarm_event {
    int64_t ts_us;
    uint64_t seq; /* of the counter that readings have too; 0: not logged, left out */
    const char *alarm;
    enum payload_alarm_event_word event;
    const struct payload_alarm *state;
};

void payload_alarm_event_write(struct json_writer *w, const struct payload_alarm_event *event);

/* As the frame log keeps it, without ts and seq; payload_event_restore() makes it whole again. */
void payload_alarm_event_body(struct json_writer *w, const struct payload_alarm_event *event);
/* Whether a body of the log is one of these, and of that alarm (NULL: of any). */
bool payload_alarm_event_is_of(const char *body, size_t length, const char *alarm);

/*
 * The `data` of the answers to the questions `alarms` and `alarm_history`; see payload_answer.h for
 * how chunks are filled.
 *   "alarms":[{"alarm":"tank_high","state":"normal","since":...,...},...]
 *   "events":[{"ts":...,"seq":...,"alarm":"tank_high","event":"raise",...},...]
 */
void payload_alarms_begin(struct json_writer *w);
void payload_alarms_item(struct json_writer *w, const char *id, const struct payload_alarm *alarm);
void payload_alarms_end(struct json_writer *w);
void payload_alarm_history_begin(struct json_writer *w);
/* `damaged` is that of payload_answer.h. */
void payload_alarm_history_end(struct json_writer *w, uint64_t damaged);

#endif
