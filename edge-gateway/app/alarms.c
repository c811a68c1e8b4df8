#include "edge-gateway/app/alarms.h"

#include "common/log.h"
#include "edge-gateway/alarm/alarm_equal.h"
#include "edge-gateway/alarm/alarm_rate.h"
#include "edge-gateway/app/dash_cam.h"
#include "edge-gateway/app/frame_log.h"
#include "edge-gateway/store/store_memo.h"
#include "topics/limits.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_AT_ONCE 16 /* some tenths of a millisecond */

_Static_assert((int)ALARM_BY_BYTES == (int)PAYLOAD_BY_MAX_BYTES, "a name fits");
_Static_assert((int)ALARM_MEMORY_BYTES <= (int)STORE_MEMO_BYTES, "a memory fits");

struct alarm_item {
    struct alarms *owner;
    size_t alarm;
    struct timer timer; /* when it is to be looked at although no value comes */
};

/* One watched signal of a message. */
struct feed {
    const struct dbc_signal *signal;
    size_t input;
};

/* The watched signals of one bus, by message. */
struct bus_feeds {
    size_t *first; /* by message: where its feeds begin; one more for the end */
    struct feed *feeds;
};

struct alarms {
    const struct gateway_plan *gateway_plan;
    const struct alarm_plan *plan;
    size_t bus_count;
    size_t *places; /* by input: where those before had it; NULL: there were none */
    struct environment env;
    struct dash_cam *dash_cam;
    struct alarm_bank *bank;
    struct alarm_item *items;
    struct bus_feeds *buses;
    struct alarm_messages *messages;
    struct alarm_rate rate;
    struct timer rest_timer; /* for those that were touched, and had to wait */
};

static struct alarm_now now_of(const struct alarms *a)
{
    return (struct alarm_now){loop_now_us(a->env.loop), loop_realtime_us(a->env.loop)};
}

/* ---- a transition ----------------------------------------------------------------------- */

static void log_transition(const struct alarms *a, size_t alarm, enum alarm_event event)
{
    struct payload_alarm state;
    alarm_messages_describe(a->messages, alarm, &state);
    const char *word = payload_alarm_event_text((enum payload_alarm_event_word)event);
    if (event == ALARM_EVENT_RAISE && state.priority <= 2) {
        log_warning("alarm", "%s: %s: %s", a->plan->specs[alarm].id, word, state.text);
    } else {
        log_info("alarm", "%s: %s%s%s: %s", a->plan->specs[alarm].id, word,
                 state.by != NULL ? " by " : "", state.by != NULL ? state.by : "", state.text);
    }
}

static void note(struct alarms *a, size_t alarm, enum alarm_event event)
{
    const struct alarm *it = alarm_bank_at(a->bank, alarm);
    bool calls = event == ALARM_EVENT_RAISE && !alarm_state_is_hidden(&it->state);
    if (calls) {
        alarm_rate_add(&a->rate, loop_now_us(a->env.loop));
    }
    if (calls && it->spec->records) {
        dash_cam_trigger(a->dash_cam, NULL, it->spec->id, NULL);
    }
    alarm_messages_transition(a->messages, alarm, event);
    log_transition(a, alarm, event);
}

static void remember(struct alarms *a, size_t alarm)
{
    char text[ALARM_MEMORY_BYTES];
    if (a->env.log != NULL) {
        (void)alarm_remember(alarm_bank_at(a->bank, alarm), text);
        store_set_memo(frame_log_store(a->env.log), alarm, text);
    }
}

static void arm(struct alarms *a, size_t alarm)
{
    struct timer *timer = &a->items[alarm].timer;
    const struct alarm_now now = now_of(a);
    int64_t next_us =
        alarm_next_us(alarm_bank_at(a->bank, alarm), alarm_bank_inputs(a->bank), &now);
    if (next_us == INT64_MAX) {
        loop_timer_cancel(a->env.loop, timer);
    } else if (!timer_is_armed(timer) || timer->deadline_us > next_us) {
        loop_timer_at(a->env.loop, timer, next_us); /* one that is early looks again */
    }
}

static void step(struct alarms *a, size_t alarm)
{
    const struct alarm_now now = now_of(a);
    struct alarm_events events;
    alarm_step(alarm_bank_at(a->bank, alarm), alarm_bank_inputs(a->bank), &now, &events);
    for (size_t i = 0; i < events.count; i++) {
        note(a, alarm, events.events[i]);
    }
    if (events.count > 0) {
        remember(a, alarm);
    }
    arm(a, alarm);
}

/* Some of those that were touched; the others after the frames that wait. */
static void run(struct alarms *a)
{
    size_t alarm;
    for (int i = 0; i < STEPS_AT_ONCE; i++) {
        if (!alarm_bank_take(a->bank, &alarm)) {
            alarm_messages_go_on(a->messages);
            return;
        }
        step(a, alarm);
    }
    alarm_messages_go_on(a->messages);
    loop_timer_at(a->env.loop, &a->rest_timer, loop_now_us(a->env.loop));
}

static void on_rest(void *context)
{
    run(context);
}

static void on_item(void *context)
{
    struct alarm_item *item = context;
    alarm_bank_touch(item->owner->bank, item->alarm);
    run(item->owner);
}

/* ---- what comes in ---------------------------------------------------------------------- */

/* Both are in the order of the message's signals. */
static const struct dbc_value *find_value(const struct dbc_value *values, size_t count,
                                          const struct dbc_signal *signal, size_t *at)
{
    while (*at < count && values[*at].signal->index < signal->index) {
        ++*at;
    }
    return *at < count && values[*at].signal == signal ? &values[*at] : NULL;
}

/* What the value before it touched is looked at first: it counts, too. */
static void feed(struct alarms *a, size_t input, const struct dbc_value *value)
{
    size_t alarm;
    double number = dbc_value_number(value);
    bool known = value->quality != DBC_QUALITY_NOT_AVAILABLE && isfinite(number);
    while (alarm_bank_take_reader(a->bank, input, &alarm)) {
        step(a, alarm);
    }
    alarm_bank_feed(a->bank, input, number, known, loop_now_us(a->env.loop));
}

void alarms_on_reading(struct alarms *alarms, size_t bus, size_t message,
                       const struct dbc_value *values, size_t count)
{
    const struct bus_feeds *feeds = &alarms->buses[bus];
    size_t end = feeds->first[message + 1];
    size_t at = 0;
    if (feeds->first[message] == end) {
        return;
    }
    for (size_t i = feeds->first[message]; i < end; i++) {
        const struct dbc_value *value = find_value(values, count, feeds->feeds[i].signal, &at);
        if (value != NULL) {
            feed(alarms, feeds->feeds[i].input, value);
        }
    }
    run(alarms);
}

void alarms_tell(struct alarms *alarms, size_t alarm, bool is_wrong, const char *detail)
{
    if (alarm == ALARM_PLAN_NONE) {
        return;
    }
    struct payload_alarm before;
    alarm_messages_describe(alarms->messages, alarm, &before);
    if (detail != NULL && strcmp(detail, before.text) != 0) {
        alarm_messages_detail(alarms->messages, alarm, detail);
        alarm_messages_state(alarms->messages, alarm);
    }
    alarm_detector_tell(&alarm_bank_at(alarms->bank, alarm)->detector, is_wrong);
    step(alarms, alarm);
    alarm_messages_go_on(alarms->messages);
}

void alarms_tell_again(struct alarms *alarms, size_t alarm, const char *detail)
{
    alarms_tell(alarms, alarm, false, NULL);
    alarms_tell(alarms, alarm, true, detail);
}

size_t alarms_find(const struct alarms *alarms, const char *id)
{
    for (size_t i = 0; i < alarms->plan->count; i++) {
        if (strcmp(alarms->plan->specs[i].id, id) == 0) {
            return i;
        }
    }
    return ALARM_PLAN_NONE;
}

enum alarm_verdict alarms_act(struct alarms *alarms, size_t alarm, enum alarm_event event,
                              int64_t span_us, const char *by)
{
    struct alarm *a = alarm_bank_at(alarms->bank, alarm);
    int64_t wall_us = loop_realtime_us(alarms->env.loop);
    enum alarm_verdict verdict = event == ALARM_EVENT_SHELVE ? alarm_shelve(a, span_us, by, wall_us)
                                                             : alarm_act(a, event, by, wall_us);
    if (verdict == ALARM_CHANGED) {
        note(alarms, alarm, event);
        remember(alarms, alarm);
        step(alarms, alarm); /* back in service, a design may suppress it */
        alarm_messages_go_on(alarms->messages);
    }
    return verdict;
}

void alarms_go_on(struct alarms *alarms)
{
    alarm_messages_go_on(alarms->messages);
}

void alarms_on_clock(struct alarms *alarms)
{
    for (size_t i = 0; i < alarms->plan->count; i++) {
        alarm_bank_touch(alarms->bank, i);
    }
    run(alarms);
}

/* ---- what it is like -------------------------------------------------------------------- */

bool alarms_describe(const struct alarms *alarms, size_t alarm, const char **ret_id,
                     struct payload_alarm *ret)
{
    if (alarm >= alarms->plan->count) {
        return false;
    }
    *ret_id = alarms->plan->specs[alarm].id;
    alarm_messages_describe(alarms->messages, alarm, ret);
    return true;
}

struct alarms_stats alarms_stats(struct alarms *alarms)
{
    const struct alarm_now now = now_of(alarms);
    uint64_t raised = alarm_rate_count(&alarms->rate, now.monotonic_us);
    return (struct alarms_stats){
        .configured = alarms->plan->count,
        .figures = alarm_bank_figures(alarms->bank, &now),
        .raised_10min = raised,
        .flood = raised > ALARM_RATE_FLOOD,
        .messages = alarm_messages_stats(alarms->messages),
    };
}

/* ---- beginning and end ------------------------------------------------------------------ */

static size_t find_input(const struct alarm_plan *plan, size_t bus, const struct dbc_signal *signal)
{
    for (size_t i = 0; i < plan->source_count; i++) {
        if (plan->sources[i].bus == bus && plan->sources[i].signal == signal) {
            return i;
        }
    }
    return ALARM_PLAN_NONE;
}

static int add_feeds(struct alarms *a, const struct bus_plan *plan, size_t bus)
{
    struct bus_feeds *feeds = &a->buses[bus];
    size_t count = 0;
    feeds->first = calloc(plan->message_count + 1, sizeof(*feeds->first));
    feeds->feeds = calloc(a->plan->source_count + 1, sizeof(*feeds->feeds));
    if (feeds->first == NULL || feeds->feeds == NULL) {
        return -ENOMEM;
    }
    for (size_t m = 0; m < plan->message_count; m++) {
        const struct dbc_message *message = plan->messages[m].message;
        feeds->first[m] = count;
        for (uint16_t i = 0; i < message->signal_count; i++) {
            size_t input = find_input(a->plan, bus, &message->signals[i]);
            if (input != ALARM_PLAN_NONE) {
                feeds->feeds[count++] = (struct feed){&message->signals[i], input};
            }
        }
    }
    feeds->first[plan->message_count] = count;
    return 0;
}

static int new_parts(struct alarms *a, const struct alarms_options *options)
{
    const struct gateway_plan *plan = options->plan;
    a->items = calloc(a->plan->count + 1, sizeof(*a->items));
    a->buses = calloc(a->bus_count + 1, sizeof(*a->buses));
    int r = a->items != NULL && a->buses != NULL
                ? alarm_bank_new(a->plan->specs, a->plan->count, a->plan->source_count,
                                 loop_now_us(a->env.loop), &a->bank)
                : -ENOMEM;
    for (size_t i = 0; r == 0 && i < a->plan->count; i++) {
        a->items[i] = (struct alarm_item){a, i, {.fn = on_item, .context = &a->items[i]}};
        alarm_bank_at(a->bank, i)->state.since_us = loop_realtime_us(a->env.loop);
    }
    for (size_t i = 0; r == 0 && i < a->bus_count; i++) {
        r = add_feeds(a, &plan->buses[i], i);
    }
    if (r < 0) {
        return r;
    }
    const struct alarm_messages_options messages = {
        .bank = a->bank,
        .environment = &a->env,
        .link = options->link,
        .reserve = (size_t)plan->config->broker.max_outstanding / 4,
    };
    return alarm_messages_new(&messages, &a->messages);
}

static void on_memo(void *context, const char *name, const char *text)
{
    struct alarms *a = context;
    size_t alarm = alarms_find(a, name);
    if (alarm != ALARM_PLAN_NONE && alarm_recall(alarm_bank_at(a->bank, alarm), text) < 0) {
        log_warning("alarm", "%s: what was remembered of it cannot be read: '%s'", name, text);
    }
}

static void recall(struct alarms *a, const struct gateway_plan *plan)
{
    int r = store_memo_read(plan->config->store.file, on_memo, a);
    if (r < 0) {
        log_warning("alarm", "what was remembered of alarms cannot be read: %s", strerror(-r));
    }
}

static int find_places(struct alarms *a, const struct alarms *from)
{
    a->places = calloc(a->plan->source_count + 1, sizeof(*a->places));
    if (a->places == NULL) {
        return -ENOMEM;
    }
    alarm_plan_places(a->gateway_plan, from->gateway_plan, a->places);
    return 0;
}

int alarms_new(const struct alarms_options *options, struct alarms **ret)
{
    struct alarms *a = calloc(1, sizeof(*a));
    if (a == NULL) {
        return -ENOMEM;
    }
    a->gateway_plan = options->plan;
    a->plan = &options->plan->alarms;
    a->bus_count = options->plan->config->bus_count;
    a->env = *options->environment;
    a->dash_cam = options->dash_cam;
    a->rest_timer = (struct timer){.fn = on_rest, .context = a};
    int r = new_parts(a, options);
    if (r == 0 && options->from != NULL) {
        r = find_places(a, options->from);
    }
    if (r < 0) {
        alarms_free(a);
        return r;
    }
    if (a->env.log != NULL && options->from == NULL) {
        recall(a, options->plan);
    }
    *ret = a;
    return 0;
}

void alarms_free(struct alarms *alarms)
{
    if (alarms == NULL) {
        return;
    }
    loop_timer_cancel(alarms->env.loop, &alarms->rest_timer);
    for (size_t i = 0; alarms->bank != NULL && i < alarms->plan->count; i++) {
        loop_timer_cancel(alarms->env.loop, &alarms->items[i].timer);
    }
    for (size_t i = 0; alarms->buses != NULL && i < alarms->bus_count; i++) {
        free(alarms->buses[i].first);
        free(alarms->buses[i].feeds);
    }
    alarm_messages_free(alarms->messages);
    alarm_bank_free(alarms->bank);
    free(alarms->items);
    free(alarms->buses);
    free(alarms->places);
    free(alarms);
}

int alarms_open(struct alarms *alarms)
{
    return alarm_messages_open(alarms->messages);
}

static void adopt_inputs(struct alarms *a, const struct alarms *from)
{
    for (size_t i = 0; i < a->plan->source_count; i++) {
        if (a->places[i] != SIZE_MAX) {
            alarm_bank_set_input(a->bank, i, &alarm_bank_inputs(from->bank)[a->places[i]]);
        }
    }
}

/* They mostly come in the same order. */
static size_t find_after(const struct alarms *a, const char *id, size_t next)
{
    for (size_t n = 0; n < a->plan->count; n++) {
        size_t i = (next + n) % a->plan->count;
        if (strcmp(a->plan->specs[i].id, id) == 0) {
            return i;
        }
    }
    return ALARM_PLAN_NONE;
}

void alarms_adopt(struct alarms *alarms, struct alarms *from)
{
    struct alarms *a = alarms;
    size_t next = 0;
    adopt_inputs(a, from);
    for (size_t i = 0; i < a->plan->count; i++) {
        const struct alarm_spec *spec = &a->plan->specs[i];
        size_t old = find_after(from, spec->id, next);
        if (old != ALARM_PLAN_NONE) {
            bool is_same = alarm_specs_equal(spec, &from->plan->specs[old], a->places);
            alarm_adopt(alarm_bank_at(a->bank, i), alarm_bank_at(from->bank, old), is_same);
            alarm_messages_adopt(a->messages, i, from->messages, old);
            next = old + 1;
        }
    }
    alarm_messages_adopt_rest(a->messages, from->messages);
    a->rate = from->rate;
}

void alarms_use_dash_cam(struct alarms *alarms, struct dash_cam *dash_cam)
{
    alarms->dash_cam = dash_cam;
}

void alarms_start(struct alarms *alarms)
{
    for (size_t i = 0; i < alarms->plan->count; i++) {
        alarm_messages_state(alarms->messages, i);
        alarm_bank_touch(alarms->bank, i);
    }
    run(alarms);
}
