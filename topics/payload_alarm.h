/*
 * The state of an alarm, `alarms/<id>`, and its transitions, `alarms/event`:
 *
 *   {"state":"active_unack","since":1795423160.5,"priority":2,"text":"disk full"}
 *   {"ts":1795423160.5,"alarm":"frame_log","event":"raise","state":"active_unack","priority":2,
 *    "text":"disk full"}
 */
#ifndef EDGE_TOPICS_PAYLOAD_ALARM_H
#define EDGE_TOPICS_PAYLOAD_ALARM_H

#include "topics/json_writer.h"

#include <stdbool.h>
#include <stdint.h>

struct payload_alarm {
    bool active;      /* active_unack, else normal */
    int64_t since_us; /* of this state */
    int priority;     /* 1 (critical) to 4 */
    const char *text; /* for a person */
};

void payload_alarm_write(struct json_writer *w, const struct payload_alarm *alarm);

/* The transition into that state. `id` is the alarm's. */
void payload_alarm_event_write(struct json_writer *w, const char *id,
                               const struct payload_alarm *alarm);

#endif
