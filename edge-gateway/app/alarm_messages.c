#include "edge-gateway/app/alarm_messages.h"

#include "common/mqtt_link.h"
#include "edge-gateway/app/frame_log.h"
#include "topics/json_writer.h"
#include "topics/limits.h"
#include "topics/topic.h"

#include <errno.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

/* The words of the contract stand in the order of the states and events. */
_Static_assert((int)PAYLOAD_ALARM_WORD_COUNT == (int)ALARM_STATUS_COUNT &&
                   (int)PAYLOAD_ALARM_RETURNED_UNACK == (int)ALARM_RETURNED_UNACK &&
                   (int)PAYLOAD_ALARM_OUT_OF_SERVICE == (int)ALARM_OUT_OF_SERVICE,
               "a word for each state");
_Static_assert((int)PAYLOAD_ALARM_EVENT_COUNT == (int)ALARM_EVENT_COUNT &&
                   (int)PAYLOAD_ALARM_ACK == (int)ALARM_EVENT_ACK &&
                   (int)PAYLOAD_ALARM_RESTORE == (int)ALARM_EVENT_RESTORE,
               "a word for each event");

#define NOBODY SIZE_MAX

/* What is to be told of one alarm. */
struct told {
    size_t state_slot;
    size_t event_slot;
    size_t next; /* in the row of those that wait */
    bool waits;
    bool has_event;
    enum alarm_event event;
    int64_t ts_us;
    uint64_t seq;
    bool has_value; /* at the last transition that a value made */
    double value;
    bool has_limit;
    double limit;
    char *detail; /* NULL: none */
};

struct alarm_messages {
    struct alarm_bank *bank;
    struct environment env;
    struct mqtt_link *link;
    size_t reserve;
    bool is_open;
    struct told *told; /* by alarm */
    size_t first;      /* that waits; NOBODY = none */
    size_t last;
    struct alarm_messages_stats stats;
    char text[PAYLOAD_STATE_MAX_BYTES * 2]; /* three texts, each byte of which may take six */
};

int alarm_messages_new(const struct alarm_messages_options *options, struct alarm_messages **ret)
{
    struct alarm_messages *m = calloc(1, sizeof(*m));
    if (m == NULL) {
        return -ENOMEM;
    }
    *m = (struct alarm_messages){.bank = options->bank,
                                 .env = *options->environment,
                                 .link = options->link,
                                 .reserve = options->reserve,
                                 .first = NOBODY,
                                 .last = NOBODY};
    m->told = calloc(alarm_bank_count(options->bank) + 1, sizeof(*m->told));
    if (m->told == NULL) {
        free(m);
        return -ENOMEM;
    }
    *ret = m;
    return 0;
}

void alarm_messages_free(struct alarm_messages *messages)
{
    if (messages == NULL) {
        return;
    }
    for (size_t i = 0; i < alarm_bank_count(messages->bank); i++) {
        free(messages->told[i].detail);
    }
    free(messages->told);
    free(messages);
}

/* ---- what it is ------------------------------------------------------------------------- */

static void describe_value(const struct alarm *alarm, const struct told *told,
                           struct payload_alarm *ret)
{
    if (told->has_value && alarm->spec->label != NULL && alarm->state.active) {
        ret->value = (struct payload_value){.type = PAYLOAD_TEXT, .text = alarm->spec->label};
    } else if (told->has_value) {
        ret->value = (struct payload_value){.type = PAYLOAD_NUMBER, .number = told->value};
        ret->unit = alarm->spec->unit;
    }
    if (told->has_limit) {
        ret->has_limit = true;
        ret->limit = told->limit;
        ret->unit = alarm->spec->unit;
    }
}

void alarm_messages_describe(const struct alarm_messages *messages, size_t alarm,
                             struct payload_alarm *ret)
{
    const struct alarm *a = alarm_bank_at(messages->bank, alarm);
    const struct told *told = &messages->told[alarm];
    *ret = (struct payload_alarm){
        .state = (enum payload_alarm_word)alarm_state_status(&a->state),
        .since_us = a->state.since_us,
        .until_us = a->state.shelved ? a->state.shelved_until_us : 0,
        .priority = a->spec->priority,
        .text = told->detail != NULL ? told->detail : a->spec->text,
        .consequence = a->spec->consequence,
        .response = a->spec->response,
        .by = a->by[0] != '\0' ? a->by : NULL,
    };
    describe_value(a, told, ret);
}

/* ---- what happens ----------------------------------------------------------------------- */

static void wait_in_row(struct alarm_messages *m, size_t alarm)
{
    struct told *told = &m->told[alarm];
    if (told->waits) {
        return;
    }
    told->waits = true;
    told->next = NOBODY;
    if (m->last == NOBODY) {
        m->first = alarm;
    } else {
        m->told[m->last].next = alarm;
    }
    m->last = alarm;
    m->stats.waiting++;
}

/* The transition was not sent yet, and never will be live: a seq has one content. */
static void supersede(struct alarm_messages *m, struct told *told)
{
    if (!told->has_event) {
        return;
    }
    told->has_event = false;
    m->stats.superseded++;
    if (told->seq > 0) {
        frame_log_settle(m->env.log, (struct ledger_range){told->seq, told->seq}, FRAME_LOG_MISSED,
                         0);
    }
}

void alarm_messages_detail(struct alarm_messages *messages, size_t alarm, const char *text)
{
    struct told *told = &messages->told[alarm];
    supersede(messages, told);
    if (text == NULL) {
        free(told->detail);
        told->detail = NULL;
        return;
    }
    if (told->detail == NULL) {
        told->detail = malloc(PAYLOAD_TEXT_MAX_BYTES + 1);
    }
    if (told->detail != NULL) { /* else the configured text has to do */
        size_t length = strnlen(text, PAYLOAD_TEXT_MAX_BYTES);
        memcpy(told->detail, text, length);
        told->detail[length] = '\0';
    }
}

/* The value that made it so. */
static void note_value(struct alarm_messages *m, size_t alarm)
{
    const struct alarm *a = alarm_bank_at(m->bank, alarm);
    const struct alarm_condition *c = &a->spec->condition;
    struct told *told = &m->told[alarm];
    if (c->type == ALARM_TYPE_WHEN || c->type == ALARM_TYPE_TOLD || c->type == ALARM_TYPE_STALE) {
        return;
    }
    const struct alarm_input *input = &alarm_bank_inputs(m->bank)[c->input];
    told->has_value = input->known;
    told->value = input->number;
    told->has_limit = alarm_detector_limit(&a->detector, c, &told->limit);
}

/* The frame log's copy. */
static uint64_t log_event(struct alarm_messages *m, const struct payload_alarm_event *event)
{
    struct json_writer w;
    size_t length;
    json_writer_init(&w, m->text, sizeof(m->text));
    payload_alarm_event_body(&w, event);
    if (m->env.log == NULL || json_writer_finish(&w, &length) < 0) {
        return 0;
    }
    return frame_log_append_event(m->env.log, event->ts_us, m->text, length);
}

static struct payload_alarm_event event_of(const struct alarm_messages *m, size_t alarm,
                                           const struct payload_alarm *state)
{
    const struct told *told = &m->told[alarm];
    return (struct payload_alarm_event){
        .ts_us = told->ts_us,
        .seq = told->seq,
        .alarm = alarm_bank_at(m->bank, alarm)->spec->id,
        .event = (enum payload_alarm_event_word)told->event,
        .state = state,
    };
}

void alarm_messages_transition(struct alarm_messages *messages, size_t alarm,
                               enum alarm_event event)
{
    struct alarm_messages *m = messages;
    struct told *told = &m->told[alarm];
    m->stats.transitions++;
    supersede(m, told);
    if (event == ALARM_EVENT_RAISE || event == ALARM_EVENT_CLEAR) {
        note_value(m, alarm);
    }
    told->has_event = true;
    told->event = event;
    told->ts_us = loop_realtime_us(m->env.loop);
    told->seq = 0;
    struct payload_alarm state;
    alarm_messages_describe(m, alarm, &state);
    const struct payload_alarm_event payload = event_of(m, alarm, &state);
    told->seq = log_event(m, &payload);
    wait_in_row(m, alarm);
}

void alarm_messages_state(struct alarm_messages *messages, size_t alarm)
{
    wait_in_row(messages, alarm);
}

/* ---- telling ---------------------------------------------------------------------------- */

static void put(struct alarm_messages *m, size_t slot, struct json_writer *w, uint64_t tag)
{
    size_t length;
    if (json_writer_finish(w, &length) < 0) {
        return; /* cannot be: all parts are bounded */
    }
    const struct lvq_item item = {
        .slot = slot, .payload = m->text, .length = length, .qos = 1, .tag = tag};
    if (tag == 0) { /* after a reload most states are what they were */
        (void)lvq_put_changed(m->env.queue, &item, loop_now_us(m->env.loop));
    } else {
        lvq_put(m->env.queue, &item, loop_now_us(m->env.loop));
    }
}

static void tell(struct alarm_messages *m, size_t alarm)
{
    struct told *told = &m->told[alarm];
    struct payload_alarm state;
    struct json_writer w;
    alarm_messages_describe(m, alarm, &state);
    json_writer_init(&w, m->text, sizeof(m->text));
    payload_alarm_write(&w, &state);
    put(m, told->state_slot, &w, 0);
    if (told->has_event) {
        const struct payload_alarm_event event = event_of(m, alarm, &state);
        told->has_event = false;
        json_writer_init(&w, m->text, sizeof(m->text));
        payload_alarm_event_write(&w, &event);
        put(m, told->event_slot, &w, told->seq);
    }
}

void alarm_messages_go_on(struct alarm_messages *messages)
{
    struct alarm_messages *m = messages;
    while (m->is_open && m->first != NOBODY && !lvq_is_waiting(m->env.queue) &&
           mqtt_link_room(m->link) > m->reserve) {
        size_t alarm = m->first;
        m->first = m->told[alarm].next;
        m->last = m->first == NOBODY ? NOBODY : m->last;
        m->told[alarm].waits = false;
        m->stats.waiting--;
        tell(m, alarm);
    }
}

struct alarm_messages_stats alarm_messages_stats(const struct alarm_messages *messages)
{
    return messages->stats;
}

/* ---- topics ----------------------------------------------------------------------------- */

/* The longest payload that can be of this alarm. */
static size_t payload_max(struct alarm_messages *m, size_t alarm)
{
    char by[ALARM_BY_BYTES + 1];
    memset(by, '"', ALARM_BY_BYTES); /* each takes two */
    by[ALARM_BY_BYTES] = '\0';
    struct payload_alarm state;
    struct json_writer w;
    size_t length;
    alarm_messages_describe(m, alarm, &state);
    state.state = PAYLOAD_ALARM_RETURNED_UNACK;
    state.since_us = PAYLOAD_TIME_MAX_S * US_PER_S - 1;
    state.until_us = state.since_us;
    state.value = (struct payload_value){.type = PAYLOAD_NUMBER, .number = -DBL_MAX};
    state.has_limit = true;
    state.limit = -DBL_MAX;
    state.unit = alarm_bank_at(m->bank, alarm)->spec->unit;
    state.by = by;
    const struct payload_alarm_event event = {.ts_us = state.since_us,
                                              .seq = PAYLOAD_INTEGER_MAX,
                                              .alarm = alarm_bank_at(m->bank, alarm)->spec->id,
                                              .event = PAYLOAD_ALARM_TAKE_OUT,
                                              .state = &state};
    json_writer_init(&w, m->text, sizeof(m->text));
    payload_alarm_event_write(&w, &event);
    bool fits = json_writer_finish(&w, &length) == 0;
    const char *label = alarm_bank_at(m->bank, alarm)->spec->label;
    size_t detail = alarm_bank_at(m->bank, alarm)->spec->condition.type == ALARM_TYPE_TOLD
                        ? 6 * PAYLOAD_TEXT_MAX_BYTES
                        : 0;
    return fits ? length + detail + (label != NULL ? 6 * strlen(label) : 0) : sizeof(m->text);
}

static int add_slot(struct alarm_messages *m, enum topic_kind kind, size_t alarm, size_t size,
                    size_t *ret)
{
    char text[TOPIC_MAX_BYTES + 1];
    const struct topic topic = {.kind = kind,
                                .site = m->env.site,
                                .node = m->env.node,
                                .id = alarm_bank_at(m->bank, alarm)->spec->id};
    int r = topic_format(m->env.prefix, &topic, text, sizeof(text));
    if (r < 0) {
        return r;
    }
    const struct lvq_slot_options options = {text, size,
                                             topic_traits(kind)->retain == TOPIC_RETAIN_YES};
    return lvq_add(m->env.queue, &options, ret);
}

int alarm_messages_open(struct alarm_messages *messages)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < alarm_bank_count(messages->bank); i++) {
        struct told *told = &messages->told[i];
        size_t size = payload_max(messages, i);
        r = add_slot(messages, TOPIC_ALARM, i, size, &told->state_slot);
        r = r < 0 ? r : add_slot(messages, TOPIC_ALARM_EVENT, i, size, &told->event_slot);
    }
    messages->is_open = r == 0;
    return r;
}

/* ---- another configuration -------------------------------------------------------------- */

void alarm_messages_adopt(struct alarm_messages *messages, size_t alarm,
                          struct alarm_messages *from, size_t from_alarm)
{
    struct told *told = &messages->told[alarm];
    struct told *old = &from->told[from_alarm];
    const struct told mine = *told;
    *told = *old;
    told->state_slot = mine.state_slot;
    told->event_slot = mine.event_slot;
    told->waits = false;
    old->has_event = false;
    old->detail = NULL;
    if (told->has_event) {
        wait_in_row(messages, alarm);
    }
}

void alarm_messages_adopt_rest(struct alarm_messages *messages, struct alarm_messages *from)
{
    for (size_t i = 0; i < alarm_bank_count(from->bank); i++) {
        supersede(from, &from->told[i]);
    }
    messages->stats.transitions = from->stats.transitions;
    messages->stats.superseded = from->stats.superseded;
}
