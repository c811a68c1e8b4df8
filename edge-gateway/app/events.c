#include "edge-gateway/app/events.h"

#include "common/log.h"
#include "edge-gateway/app/frame_log.h"
#include "topics/json_writer.h"
#include "topics/topic.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LOSS_INTERVAL_US (60 * US_PER_S)

#define LANE_SLOTS    16 /* events that can wait for the broker without replacing each other */
#define EARLY_NOTICES 4  /* of the opening: set aside, fault */

/* Losses of one reason that were not told yet: a full log drops at every commit. */
struct loss {
    bool pending;
    uint64_t first;
    uint64_t last;
};

/* A topic on which each message counts: they take turns in some slots of the queue. */
struct lane {
    size_t slots[LANE_SLOTS];
    size_t next;
};

/* What the store told while it was opened; the log that events go to was not there yet. */
struct early_notice {
    enum store_notice_kind kind;
    char text[PAYLOAD_TEXT_MAX_BYTES + 1];
};

struct events {
    struct environment env;
    struct early_notice early[EARLY_NOTICES];
    size_t early_count;
    struct loss losses[SEGMENT_VOID_COUNT];
    struct timer loss_timer;
    struct lane event_lane;
    struct alarms *alarms; /* NULL: not there yet */
    size_t log_alarm;
    char text[PAYLOAD_STATE_MAX_BYTES];
};

static int add_slot(struct events *e, const struct topic *place, size_t *ret_slot)
{
    char text[TOPIC_MAX_BYTES + 1];
    struct topic topic = *place;
    topic.site = e->env.site;
    topic.node = e->env.node;
    int r = topic_format(e->env.prefix, &topic, text, sizeof(text));
    if (r < 0) {
        return r;
    }
    const struct lvq_slot_options options = {text, sizeof(e->text),
                                             topic_traits(topic.kind)->retain == TOPIC_RETAIN_YES};
    return lvq_add(e->env.queue, &options, ret_slot);
}

static int add_lane(struct events *e, enum topic_kind kind, struct lane *ret)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < LANE_SLOTS; i++) {
        r = add_slot(e, &(struct topic){.kind = kind}, &ret->slots[i]);
    }
    return r;
}

static void put(struct events *e, size_t slot, struct json_writer *w, uint64_t seq)
{
    size_t length;
    if (json_writer_finish(w, &length) < 0) {
        return; /* cannot be: texts are bounded */
    }
    const struct lvq_item item = {
        .slot = slot, .payload = e->text, .length = length, .qos = 1, .tag = seq};
    lvq_put(e->env.queue, &item, loop_now_us(e->env.loop));
}

static void put_next(struct events *e, struct lane *lane, struct json_writer *w, uint64_t seq)
{
    put(e, lane->slots[lane->next], w, seq);
    lane->next = (lane->next + 1) % LANE_SLOTS;
}

/* `recording` may be NULL. */
static void end_event(struct json_writer *w, const struct payload_recording *recording)
{
    if (recording != NULL) {
        payload_recording_members(w, recording);
    }
    payload_event_end(w);
}

static uint64_t log_event(struct events *e, const struct payload_event *event,
                          const struct payload_recording *recording)
{
    struct json_writer w;
    size_t length;
    json_writer_init(&w, e->text, sizeof(e->text));
    payload_event_body_begin(&w, event);
    end_event(&w, recording);
    if (e->env.log == NULL || json_writer_finish(&w, &length) < 0) {
        return 0;
    }
    return frame_log_append_event(e->env.log, event->ts_us, e->text, length);
}

static void report(struct events *e, struct payload_event event,
                   const struct payload_recording *recording)
{
    event.ts_us = loop_realtime_us(e->env.loop);
    event.seq = log_event(e, &event, recording);
    struct json_writer w;
    json_writer_init(&w, e->text, sizeof(e->text));
    payload_event_begin(&w, &event);
    end_event(&w, recording);
    put_next(e, &e->event_lane, &w, event.seq);
}

void events_report(struct events *events, enum payload_event_word word, const char *bus,
                   const char *text)
{
    report(events, (struct payload_event){.event = word, .bus = bus, .text = text}, NULL);
}

void events_report_recording(struct events *events, const struct payload_recording *recording)
{
    char text[PAYLOAD_TEXT_MAX_BYTES + 1];
    double seconds = (double)(recording->to_us - recording->from_us) / (double)US_PER_S;
    if (recording->frames == 0) {
        (void)snprintf(text, sizeof(text), "%s: no frame had come, so there is no recording",
                       recording->trigger);
    } else {
        (void)snprintf(text, sizeof(text), "%s: %" PRIu64 " frames of %.1f s were recorded",
                       recording->trigger, recording->frames, seconds);
    }
    log_notice("dash-cam", "%s%s%s", text, recording->path != NULL ? " to " : "",
               recording->path != NULL ? recording->path : "");
    report(events,
           (struct payload_event){
               .event = PAYLOAD_EVENT_RECORDED, .bus = recording->bus, .text = text},
           recording);
}

static void report_range(struct events *e, enum payload_event_word word, uint64_t first,
                         uint64_t last, const char *what)
{
    char text[PAYLOAD_TEXT_MAX_BYTES + 1];
    (void)snprintf(text, sizeof(text), "%s: seq %" PRIu64 " to %" PRIu64, what, first, last);
    log_warning("log", "%s", text);
    events_report(e, word, NULL, text);
}

static void report_loss(struct events *e, enum segment_void reason, const struct loss *loss)
{
    char what[64];
    if (reason == SEGMENT_VOID_THINNED) {
        report_range(e, PAYLOAD_EVENT_LOG_THINNED, loss->first, loss->last,
                     "old readings became summaries");
        return;
    }
    (void)snprintf(what, sizeof(what), "readings were dropped (%s)", segment_void_text(reason));
    report_range(e, PAYLOAD_EVENT_LOG_DROPPED, loss->first, loss->last, what);
}

static void report_losses(struct events *e)
{
    for (int i = 0; i < SEGMENT_VOID_COUNT; i++) {
        struct loss *loss = &e->losses[i];
        if (loss->pending) {
            loss->pending = false;
            loop_timer_after(e->env.loop, &e->loss_timer, LOSS_INTERVAL_US);
            report_loss(e, (enum segment_void)i, loss);
        }
    }
}

static void on_loss_timer(void *context)
{
    report_losses(context);
}

/* At once, then once a minute with all that came together. */
static void on_loss(struct events *e, const struct store_notice *notice)
{
    struct loss *loss = &e->losses[notice->reason];
    loss->first = loss->pending && loss->first < notice->first ? loss->first : notice->first;
    loss->last = loss->pending && loss->last > notice->last ? loss->last : notice->last;
    loss->pending = true;
    if (!timer_is_armed(&e->loss_timer)) {
        report_losses(e);
    }
}

/* What they are called in the queue does not change. */
int events_claim(struct events *events)
{
    return add_lane(events, TOPIC_EVENT, &events->event_lane);
}

int events_new(const struct environment *environment, struct events **ret)
{
    struct events *e = calloc(1, sizeof(*e));
    if (e == NULL) {
        return -ENOMEM;
    }
    e->env = *environment;
    e->loss_timer = (struct timer){.fn = on_loss_timer, .context = e};
    int r = events_claim(e);
    if (r < 0) {
        events_free(e);
        return r;
    }
    *ret = e;
    return 0;
}

void events_free(struct events *events)
{
    if (events != NULL) {
        loop_timer_cancel(events->env.loop, &events->loss_timer);
        free(events);
    }
}

static void tell(struct events *events, const struct store_notice *notice)
{
    switch (notice->kind) {
    case STORE_NOTICE_FAULT:
        log_error("log", "readings are not stored: %s; live values go on", notice->text);
        alarms_tell(events->alarms, events->log_alarm, true, notice->text);
        events_report(events, PAYLOAD_EVENT_LOG_FAULT, NULL, notice->text);
        break;
    case STORE_NOTICE_RECOVERED:
        log_notice("log", "%s", notice->text);
        alarms_tell(events->alarms, events->log_alarm, false, NULL);
        events_report(events, PAYLOAD_EVENT_LOG_RECOVERED, NULL, notice->text);
        break;
    case STORE_NOTICE_SET_ASIDE:
        log_error("log", "the database could not be used, a new one was begun: %s", notice->text);
        events_report(events, PAYLOAD_EVENT_LOG_SET_ASIDE, NULL, notice->text);
        break;
    case STORE_NOTICE_DROPPED:
    case STORE_NOTICE_THINNED:
        on_loss(events, notice);
        break;
    case STORE_NOTICE_CLOCK:
        log_notice("log", "%s", notice->text);
        events_report(events, PAYLOAD_EVENT_CLOCK_SET, NULL, notice->text);
        break;
    }
}

static void keep_for_later(struct events *e, const struct store_notice *notice)
{
    assert(e->early_count < EARLY_NOTICES); /* the store tells no more before it is there */
    struct early_notice *early = &e->early[e->early_count++];
    early->kind = notice->kind;
    (void)snprintf(early->text, sizeof(early->text), "%s", notice->text);
}

void events_on_notice(struct events *events, const struct store_notice *notice)
{
    if (events->env.log == NULL) {
        keep_for_later(events, notice);
    } else {
        tell(events, notice);
    }
}

void events_use_log(struct events *events, struct frame_log *log, struct alarms *alarms,
                    size_t alarm)
{
    events->env.log = log;
    events->alarms = alarms;
    events->log_alarm = alarm;
    for (size_t i = 0; i < events->early_count; i++) {
        const struct early_notice *early = &events->early[i];
        tell(events, &(struct store_notice){.kind = early->kind, .text = early->text});
    }
    events->early_count = 0;
}
