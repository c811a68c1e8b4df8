#include "edge-gateway/alarm/alarm.h"

#include "common/parse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void alarm_init(struct alarm *alarm, const struct alarm_spec *spec)
{
    *alarm = (struct alarm){.spec = spec, .suppression = ALARM_UNKNOWN};
    for (size_t i = 0; i < ALARM_CHATTER_RAISES; i++) {
        alarm->raises_us[i] = INT64_MIN;
    }
    alarm_detector_init(&alarm->detector, &spec->condition, false);
}

/* ---- by itself -------------------------------------------------------------------------- */

static void add(struct alarm_events *events, enum alarm_event event)
{
    events->events[events->count++] = event;
}

static void apply(struct alarm *a, enum alarm_event event, int64_t wall_us,
                  struct alarm_events *events)
{
    if (alarm_state_apply(&a->state, &a->spec->options, event, wall_us) == ALARM_CHANGED) {
        add(events, event);
    }
}

/* On the edges of the condition only, so that people can overrule it. What is out of service stays
 * so: the condition is looked at again when it is back. */
static void suppress_by_design(struct alarm *a, const struct alarm_input *inputs, int64_t wall_us,
                               struct alarm_events *events)
{
    if (a->spec->suppress_when == NULL || a->state.out_of_service) {
        return;
    }
    enum alarm_truth truth = alarm_expression_evaluate(a->spec->suppress_when, inputs);
    if (truth == ALARM_UNKNOWN || truth == a->suppression) {
        return;
    }
    a->suppression = truth;
    if (truth == ALARM_TRUE && !a->state.suppressed) {
        apply(a, ALARM_EVENT_SUPPRESS, wall_us, events);
    } else if (truth == ALARM_FALSE && a->state.suppressed) {
        apply(a, ALARM_EVENT_RESTORE, wall_us, events);
    }
}

static void note_raise(struct alarm *a, const struct alarm_now *now)
{
    memmove(&a->raises_us[1], &a->raises_us[0],
            (ALARM_CHATTER_RAISES - 1) * sizeof(a->raises_us[0]));
    a->raises_us[0] = now->monotonic_us;
    a->raised_us = now->wall_us;
}

void alarm_step(struct alarm *alarm, const struct alarm_input *inputs, const struct alarm_now *now,
                struct alarm_events *ret)
{
    ret->count = 0;
    if (alarm_state_expire(&alarm->state, &alarm->spec->options, now->wall_us)) {
        add(ret, ALARM_EVENT_UNSHELVE);
    }
    suppress_by_design(alarm, inputs, now->wall_us, ret);
    if (alarm_detector_step(&alarm->detector, &alarm->spec->condition, inputs, now->monotonic_us)) {
        bool raises = alarm->detector.active;
        if (raises) {
            note_raise(alarm, now);
        }
        apply(alarm, raises ? ALARM_EVENT_RAISE : ALARM_EVENT_CLEAR, now->wall_us, ret);
    }
    if (ret->count > 0) {
        alarm->by[0] = '\0';
    }
}

int64_t alarm_next_us(const struct alarm *alarm, const struct alarm_input *inputs,
                      const struct alarm_now *now)
{
    int64_t next_us = alarm_detector_next_us(&alarm->detector, &alarm->spec->condition, inputs);
    int64_t deadline_us = alarm_state_deadline(&alarm->state);
    if (deadline_us == INT64_MAX) {
        return next_us;
    }
    int64_t left_us = deadline_us > now->wall_us ? deadline_us - now->wall_us : 0;
    int64_t unshelve_us = now->monotonic_us + left_us;
    return unshelve_us < next_us ? unshelve_us : next_us;
}

/* ---- by people -------------------------------------------------------------------------- */

static void sign(struct alarm *a, const char *by)
{
    size_t length = strlen(by);
    length = length < ALARM_BY_BYTES ? length : ALARM_BY_BYTES;
    memcpy(a->by, by, length);
    a->by[length] = '\0';
}

enum alarm_verdict alarm_act(struct alarm *alarm, enum alarm_event event, const char *by,
                             int64_t wall_us)
{
    enum alarm_verdict verdict =
        alarm_state_apply(&alarm->state, &alarm->spec->options, event, wall_us);
    if (verdict == ALARM_CHANGED) {
        sign(alarm, by);
    }
    return verdict;
}

enum alarm_verdict alarm_shelve(struct alarm *alarm, int64_t span_us, const char *by,
                                int64_t wall_us)
{
    enum alarm_verdict verdict =
        alarm_state_shelve(&alarm->state, &alarm->spec->options, span_us, wall_us);
    if (verdict == ALARM_CHANGED) {
        sign(alarm, by);
    }
    return verdict;
}

/* ---- what it is like -------------------------------------------------------------------- */

bool alarm_is_chattering(const struct alarm *alarm, int64_t now_us)
{
    int64_t first_us = alarm->raises_us[ALARM_CHATTER_RAISES - 1];
    return first_us != INT64_MIN && now_us - first_us < ALARM_CHATTER_US;
}

bool alarm_is_old(const struct alarm *alarm, int64_t wall_us)
{
    return alarm->state.active && wall_us - alarm->raised_us > ALARM_OLD_US;
}

/* ---- over a restart --------------------------------------------------------------------- */

/* Numbers one after the other, then the name: "1 0 0 0 0 0 0 1795423160500000 1795423160500000
 * Anna".
 */
enum memory {
    MEMORY_ACTIVE,
    MEMORY_UNACKED,
    MEMORY_LATCHED,
    MEMORY_SUPPRESSED,
    MEMORY_OUT_OF_SERVICE,
    MEMORY_SHELVED,
    MEMORY_UNTIL,
    MEMORY_SINCE,
    MEMORY_RAISED,
    MEMORY_COUNT
};

size_t alarm_remember(const struct alarm *alarm, char text[ALARM_MEMORY_BYTES])
{
    const struct alarm_state *s = &alarm->state;
    int length = snprintf(text, ALARM_MEMORY_BYTES,
                          "%d %d %d %d %d %d %" PRId64 " %" PRId64 " %" PRId64 " %s", s->active,
                          s->unacked, s->latched, s->suppressed, s->out_of_service, s->shelved,
                          s->shelved_until_us, s->since_us, alarm->raised_us, alarm->by);
    _Static_assert(ALARM_MEMORY_BYTES > MEMORY_COUNT * 21 + ALARM_BY_BYTES, "it always fits");
    return (size_t)length;
}

/* The numbers; the rest is *text. */
static int read_numbers(const char **text, int64_t numbers[MEMORY_COUNT])
{
    for (int i = 0; i < MEMORY_COUNT; i++) {
        size_t length = strcspn(*text, " ");
        int64_t max = i <= MEMORY_SHELVED ? 1 : INT64_MAX;
        if ((*text)[length] == '\0' || parse_i64(*text, length, 0, max, &numbers[i]) < 0) {
            return -EINVAL;
        }
        *text += length + 1;
    }
    return 0;
}

int alarm_recall(struct alarm *alarm, const char *text)
{
    int64_t numbers[MEMORY_COUNT];
    if (read_numbers(&text, numbers) < 0 || strlen(text) > ALARM_BY_BYTES) {
        return -EINVAL;
    }
    alarm->state = (struct alarm_state){
        .active = numbers[MEMORY_ACTIVE] != 0,
        .unacked = numbers[MEMORY_UNACKED] != 0,
        .latched = numbers[MEMORY_LATCHED] != 0,
        .suppressed = numbers[MEMORY_SUPPRESSED] != 0,
        .out_of_service = numbers[MEMORY_OUT_OF_SERVICE] != 0,
        .shelved = numbers[MEMORY_SHELVED] != 0,
        .shelved_until_us = numbers[MEMORY_UNTIL],
        .since_us = numbers[MEMORY_SINCE],
    };
    alarm->raised_us = numbers[MEMORY_RAISED];
    sign(alarm, text);
    alarm_detector_init(&alarm->detector, &alarm->spec->condition, alarm->state.active);
    return 0;
}

void alarm_adopt(struct alarm *alarm, const struct alarm *from, bool is_same)
{
    const struct alarm_spec *spec = alarm->spec;
    *alarm = *from;
    alarm->spec = spec;
    if (!is_same) {
        alarm->suppression = ALARM_UNKNOWN;
        alarm_detector_init(&alarm->detector, &spec->condition, alarm->state.active);
    }
}
