#include "automation-node/engine/engine_alarms.h"

#include "automation-node/engine/device_inspect.h"
#include "automation-node/engine/engine_book.h"
#include "automation-node/engine/engine_rules.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- making one ---- */

static int find_device(const struct engine_options *options, const char *id, size_t *ret)
{
    for (size_t i = 0; i < options->device_count; i++) {
        if (strcmp(options->devices[i].device.id, id) == 0) {
            *ret = i;
            return 0;
        }
    }
    return -ENOENT;
}

static bool is_taken(const struct engine_options *options, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(options->alarms[i].id, options->alarms[index].id) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_priority(int priority)
{
    return priority >= 1 && priority <= ENGINE_ALARM_PRIORITY_MAX;
}

int engine_make_alarm(struct engine *engine, const struct engine_options *options, size_t index,
                      int64_t now_us)
{
    const struct engine_alarm *source = &options->alarms[index];
    struct alarm_unit *alarm = &engine->alarms[index];
    if (source->id == NULL || !is_priority(source->priority) || source->alarm.shelve_max_us < 0) {
        return -EINVAL;
    }
    if (is_taken(options, index)) {
        return -EEXIST;
    }
    alarm->options = source->alarm;
    alarm->priority = source->priority;
    alarm->raiser = ENGINE_NO_RULE;
    alarm->watches = source->device != NULL;
    alarm->state.since_us = now_us;
    if (!alarm->watches) {
        return 0;
    }
    size_t unit;
    int r = find_device(options, source->device, &unit);
    if (r == 0) {
        engine->units[unit].alarm = index;
    }
    return r;
}

/* ---- what happens to one ---- */

static void queue_event(struct engine *engine, size_t index, enum alarm_event event)
{
    const struct alarm_unit *alarm = &engine->alarms[index];
    if (engine->alarm_event_count == ENGINE_ALARM_EVENTS_MAX) {
        engine->stats.alarm_events_lost++;
        return;
    }
    size_t tail = (engine->alarm_event_head + engine->alarm_event_count) % ENGINE_ALARM_EVENTS_MAX;
    engine->alarm_events[tail] =
        (struct alarm_transition){.alarm = index,
                                  .event = event,
                                  .at_us = engine->now_us,
                                  .status = alarm_state_status(&alarm->state),
                                  .priority = alarm->priority};
    memcpy(engine->alarm_events[tail].text, alarm->text, sizeof(alarm->text));
    memcpy(engine->alarm_events[tail].by, alarm->by, sizeof(alarm->by));
    engine->alarm_event_count++;
}

static void note(struct engine *engine, size_t index)
{
    engine_note_alarm(engine, index);
    engine_note_record(engine, engine_item(engine, AGENDA_ALARM, index), RECORD_DUE_NOW);
    agenda_set(engine->agenda, engine_item(engine, AGENDA_ALARM, index),
               alarm_state_deadline(&engine->alarms[index].state));
}

/* After a transition, by whom. */
static void tell(struct engine *engine, size_t index, enum alarm_event event, const char *by)
{
    struct alarm_unit *alarm = &engine->alarms[index];
    (void)snprintf(alarm->by, sizeof(alarm->by), "%s", by);
    engine->stats.alarms_raised += event == ALARM_EVENT_RAISE ? 1 : 0;
    queue_event(engine, index, event);
    note(engine, index);
}

static void clear(struct engine *engine, size_t index, const char *by)
{
    struct alarm_unit *alarm = &engine->alarms[index];
    enum alarm_verdict verdict =
        alarm_state_apply(&alarm->state, &alarm->options, ALARM_EVENT_CLEAR, engine->now_us);
    alarm->raiser = ENGINE_NO_RULE;
    if (verdict == ALARM_CHANGED) {
        tell(engine, index, ALARM_EVENT_CLEAR, by);
    }
}

/* One that is active already may get another text, or another priority. */
static void raise_alarm(struct engine *engine, size_t index, int priority, const char *text,
                        const char *by)
{
    struct alarm_unit *alarm = &engine->alarms[index];
    bool same = alarm->priority == priority && strcmp(alarm->text, text) == 0;
    alarm->priority = priority;
    (void)snprintf(alarm->text, sizeof(alarm->text), "%s", text);
    enum alarm_verdict verdict =
        alarm_state_apply(&alarm->state, &alarm->options, ALARM_EVENT_RAISE, engine->now_us);
    if (verdict == ALARM_CHANGED) {
        tell(engine, index, ALARM_EVENT_RAISE, by);
    } else if (!same) {
        note(engine, index);
    }
}

/* ---- rules ---- */

void engine_step_alarm(struct engine *engine, size_t event, const struct step *step,
                       const struct cause *cause)
{
    struct alarm_unit *alarm = &engine->alarms[step->alarm];
    if (step->kind == STEP_CLEAR) {
        clear(engine, step->alarm, cause->source);
        return;
    }
    raise_alarm(engine, step->alarm, step->priority,
                step->text != NULL ? step->text : cause->reason, cause->source);
    alarm->raiser = event;
}

void engine_clear_alarms_of(struct engine *engine, size_t event)
{
    char by[CAUSE_SOURCE_SIZE];
    (void)snprintf(by, sizeof(by), "rule:%s",
                   engine->book->names[engine_item(engine, AGENDA_EVENT, event)]);
    for (size_t i = 0; i < engine->alarm_count; i++) {
        if (engine->alarms[i].raiser == event) {
            clear(engine, i, by);
        }
    }
}

void engine_clear_orphaned_alarms(struct engine *engine)
{
    for (size_t i = 0; i < engine->alarm_count; i++) {
        size_t raiser = engine->alarms[i].raiser;
        bool known = raiser != ENGINE_NO_RULE &&
                     engine->book->restored[engine_item(engine, AGENDA_EVENT, raiser)];
        if (!engine->alarms[i].watches && !known) {
            clear(engine, i, "configuration");
        }
    }
}

/* ---- devices ---- */

static void explain(const struct device_state *state, char *text, size_t size)
{
    char target[VALUE_TEXT_SIZE];
    char shown[VALUE_TEXT_SIZE];
    (void)value_format(&state->target, target, sizeof(target));
    (void)value_format(&state->value, shown, sizeof(shown));
    (void)snprintf(text, size, "does not obey: shall be %s, shows %s", target,
                   shown[0] != '\0' ? shown : "nothing");
}

/* While a command is under way nobody knows: it stays as it is. */
void engine_watch_device(struct engine *engine, size_t index)
{
    const struct device_unit *unit = &engine->units[index];
    if (unit->alarm == ENGINE_NO_ALARM) {
        return;
    }
    char by[ENGINE_ALARM_BY_SIZE];
    char text[ENGINE_ALARM_TEXT_SIZE];
    enum device_phase phase = device_phase(unit->device);
    struct alarm_unit *alarm = &engine->alarms[unit->alarm];
    bool failed = phase == DEVICE_FAILED;
    if (phase == DEVICE_PENDING || failed == alarm->state.active) {
        return;
    }
    (void)snprintf(by, sizeof(by), "device:%s",
                   engine->book->names[engine_item(engine, AGENDA_UNIT, index)]);
    if (failed) {
        const struct device_state state = device_state(unit->device);
        explain(&state, text, sizeof(text));
        raise_alarm(engine, unit->alarm, alarm->priority, text, by);
    } else {
        clear(engine, unit->alarm, by);
    }
}

/* ---- people, and time ---- */

enum alarm_verdict engine_operate_alarm(struct engine *engine, size_t alarm,
                                        const struct alarm_action *action, int64_t now_us)
{
    assert(alarm < engine->alarm_count);
    assert(action->event != ALARM_EVENT_RAISE && action->event != ALARM_EVENT_CLEAR);
    struct alarm_unit *unit = &engine->alarms[alarm];
    engine->now_us = now_us;
    enum alarm_verdict verdict =
        action->event == ALARM_EVENT_SHELVE
            ? alarm_state_shelve(&unit->state, &unit->options, action->shelve_us, now_us)
            : alarm_state_apply(&unit->state, &unit->options, action->event, now_us);
    if (verdict == ALARM_CHANGED) {
        tell(engine, alarm, action->event, action->by != NULL ? action->by : "");
    }
    return verdict;
}

void engine_alarm_is_due(struct engine *engine, size_t alarm)
{
    struct alarm_unit *unit = &engine->alarms[alarm];
    if (alarm_state_expire(&unit->state, &unit->options, engine->now_us)) {
        tell(engine, alarm, ALARM_EVENT_UNSHELVE, "time");
    }
    agenda_set(engine->agenda, engine_item(engine, AGENDA_ALARM, alarm),
               alarm_state_deadline(&unit->state));
}

void engine_alarms_are_due(struct engine *engine)
{
    for (size_t i = 0; i < engine->alarm_count; i++) {
        engine_alarm_is_due(engine, i);
    }
}

/* ---- telling and remembering ---- */

struct engine_alarm_state engine_alarm_state(const struct engine *engine, size_t alarm)
{
    assert(alarm < engine->alarm_count);
    const struct alarm_unit *unit = &engine->alarms[alarm];
    return (struct engine_alarm_state){.status = alarm_state_status(&unit->state),
                                       .since_us = unit->state.since_us,
                                       .until_us = alarm_state_deadline(&unit->state),
                                       .priority = unit->priority,
                                       .text = unit->text,
                                       .by = unit->by};
}

bool engine_take_alarm_event(struct engine *engine, struct engine_output *ret)
{
    if (engine->alarm_event_count == 0) {
        return false;
    }
    const struct alarm_transition *transition = &engine->alarm_events[engine->alarm_event_head];
    ret->kind = ENGINE_ALARM_EVENT;
    ret->alarm = transition->alarm;
    ret->alarm_event = (struct engine_alarm_event){
        .event = transition->event,
        .at_us = transition->at_us,
        .state = {.status = transition->status,
                  .since_us = transition->at_us,
                  .until_us = alarm_state_deadline(&engine->alarms[transition->alarm].state),
                  .priority = transition->priority,
                  .text = transition->text,
                  .by = transition->by}};
    engine->alarm_event_head = (engine->alarm_event_head + 1) % ENGINE_ALARM_EVENTS_MAX;
    engine->alarm_event_count--;
    return true;
}

static void archive_raiser(struct engine *engine, struct alarm_unit *alarm, struct archive *a)
{
    char rule[NAME_SIZE] = "";
    size_t first = engine_item(engine, AGENDA_EVENT, 0);
    if (alarm->raiser != ENGINE_NO_RULE) {
        (void)snprintf(rule, sizeof(rule), "%s", engine->book->names[first + alarm->raiser]);
    }
    archive_text(a, "rule", rule, sizeof(rule));
    if (a->mode == ARCHIVE_LOAD) {
        size_t item = engine_find_item(engine, AGENDA_EVENT, rule);
        alarm->raiser = item != SIZE_MAX ? item - first : ENGINE_NO_RULE;
    }
}

void engine_archive_alarm(struct engine *engine, size_t index, struct archive *a)
{
    struct alarm_unit *alarm = &engine->alarms[index];
    struct alarm_state *state = &alarm->state;
    size_t priority = (size_t)alarm->priority;
    archive_flag(a, "active", &state->active);
    archive_flag(a, "unacked", &state->unacked);
    archive_flag(a, "latched", &state->latched);
    archive_flag(a, "suppressed", &state->suppressed);
    archive_flag(a, "out_of_service", &state->out_of_service);
    archive_flag(a, "shelved", &state->shelved);
    archive_time(a, "shelved_until", &state->shelved_until_us);
    archive_time(a, "since", &state->since_us);
    archive_index(a, "priority", &priority, ENGINE_ALARM_PRIORITY_MAX + 1);
    archive_text(a, "text", alarm->text, sizeof(alarm->text));
    archive_text(a, "by", alarm->by, sizeof(alarm->by));
    archive_raiser(engine, alarm, a);
    alarm->priority = priority > 0 ? (int)priority : alarm->priority;
    state->latched = state->latched && !state->active;
}
