/*
 * What happened to the gateway, told to people and machines: a log line, an event with its seq (in
 * the frame log like any reading), and for a lasting fault an alarm.
 */
#ifndef EDGE_GATEWAY_APP_EVENTS_H
#define EDGE_GATEWAY_APP_EVENTS_H

#include "common/attributes.h"
#include "edge-gateway/app/alarms.h"
#include "edge-gateway/app/environment.h"
#include "edge-gateway/store/store_options.h"
#include "topics/payload_event.h"
#include "topics/payload_recording.h"

struct events;

/* Adds its topics to the queue. 0 or -errno. */
EDGE_MUST_CHECK int events_new(const struct environment *environment, struct events **ret);
/* Adds its topics once more, for another life of the queue (lvq_claim()). 0 or -errno. */
EDGE_MUST_CHECK int events_claim(struct events *events);
/* Events are logged from now on, and `alarm` tells whether the log works; first what it told while
 * it was opened. */
void events_use_log(struct events *events, struct frame_log *log, struct alarms *alarms,
                    size_t alarm);
void events_free(struct events *events);

/* Publishes the event now (`ts_us` and `seq` are set here), and logs it for the backfill lane. */
void events_report(struct events *events, enum payload_event_word word, const char *bus,
                   const char *text);

/* The dash-cam has recorded: an event with all there is to say of it, and a line in the log. */
void events_report_recording(struct events *events, const struct payload_recording *recording);

/* What the frame log has to say about itself; told when it is there. */
void events_on_notice(struct events *events, const struct store_notice *notice);

#endif
