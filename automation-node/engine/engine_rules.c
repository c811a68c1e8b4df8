/* Rules as a person sees them: what they tell, and how they are operated; and what the steps of
 * rules of events do to the engine. */
#include "automation-node/engine/engine_rules.h"

#include "automation-node/engine/engine_alarms.h"
#include "automation-node/engine/engine_book.h"
#include "automation-node/engine/engine_controllers.h"
#include "automation-node/input/deadline.h"

#include <assert.h>
#include <errno.h>

/* --- what steps do --- */

struct actor {
    struct engine *engine;
    size_t event;
};

static bool act_set(void *context, const struct step *step, const struct cause *cause,
                    int64_t until_us)
{
    const struct actor *actor = context;
    struct device_unit *unit = &actor->engine->units[step->device];
    const struct proposal proposal = {.value = step->value, .cause = *cause};
    enum refusal refusal =
        arbiter_offer(unit->arbiter, unit->action_slot, &proposal, until_us, actor->engine->now_us);
    if (refusal != REFUSAL_NONE) {
        return false;
    }
    unit->action_rule = actor->event;
    engine_mark_unsettled(actor->engine, step->device);
    return true;
}

static void act_release(void *context, size_t device)
{
    const struct actor *actor = context;
    struct device_unit *unit = &actor->engine->units[device];
    if (unit->action_rule == actor->event) {
        unit->action_rule = ENGINE_NO_RULE;
        arbiter_withdraw(unit->arbiter, unit->action_slot);
        engine_mark_unsettled(actor->engine, device);
    }
}

static bool act_publish(void *context, size_t message)
{
    struct engine *engine = ((const struct actor *)context)->engine;
    if (engine->message_queued == ENGINE_MESSAGES_MAX) {
        engine->stats.messages_lost++;
        return false;
    }
    size_t tail = (engine->message_head + engine->message_queued) % ENGINE_MESSAGES_MAX;
    engine->messages[tail] = message;
    engine->message_queued++;
    return true;
}

static void act_alarm(void *context, const struct step *step, const struct cause *cause)
{
    const struct actor *actor = context;
    engine_step_alarm(actor->engine, actor->event, step, cause);
}

static struct script_host host_of(struct actor *actor)
{
    return (struct script_host){act_set, act_release, act_publish, act_alarm, actor};
}

/* --- rules of events --- */

/* `before`: its digest before something happened to it. */
static void after_event(struct engine *engine, size_t index, uint64_t before)
{
    struct event_rule *rule = engine->events[index];
    bool news = event_rule_take_news(rule);
    if (news) {
        engine_note_news(engine, engine->rule_count + index);
    }
    bool missed = news || event_rule_digest(rule) != before;
    engine_note_record(engine, engine_item(engine, AGENDA_EVENT, index),
                       missed ? RECORD_DUE_NOW : RECORD_DUE_LATER);
    agenda_set(engine->agenda, engine_item(engine, AGENDA_EVENT, index),
               event_rule_next_deadline(rule));
}

void engine_evaluate_event(struct engine *engine, size_t index, size_t changed, bool start)
{
    struct actor actor = {engine, index};
    const struct script_host host = host_of(&actor);
    const struct expression_view view = engine_view(engine, changed);
    uint64_t before = event_rule_digest(engine->events[index]);
    engine->stats.evaluations++;
    event_rule_evaluate(engine->events[index], &view, &host, start);
    after_event(engine, index, before);
}

void engine_set_clock_of_event(struct engine *engine, size_t index)
{
    struct actor actor = {engine, index};
    const struct script_host host = host_of(&actor);
    const struct expression_view view = engine_view(engine, EXPRESSION_NO_INPUT);
    uint64_t before = event_rule_digest(engine->events[index]);
    event_rule_set_clock(engine->events[index], &view, &host);
    after_event(engine, index, before);
}

static void release_all(struct engine *engine, size_t event)
{
    struct actor actor = {engine, event};
    for (size_t i = 0; i < engine->unit_count; i++) {
        act_release(&actor, i);
    }
}

static void enable_event(struct engine *engine, size_t index, bool enabled)
{
    const struct expression_view view = engine_view(engine, EXPRESSION_NO_INPUT);
    event_rule_enable(engine->events[index], enabled, &view);
    if (!enabled) {
        release_all(engine, index);
        engine_clear_alarms_of(engine, index);
    }
    engine_evaluate_event(engine, index, EXPRESSION_NO_INPUT, false);
}

/* --- schedules --- */

static void set_point(struct engine *engine, size_t index, const struct value *value)
{
    if (value->kind == VALUE_NUMBER) { /* else it keeps the last one */
        const struct controller_change change = {.has_setpoint = true, .setpoint = value->number};
        int r = engine_change_controller(engine, index, &change);
        assert(r == 0); /* a value is finite */
        (void)r;
    }
}

/* Each change once, so that a person may have another set point until the next; without a clock
 * nothing is known to have changed. */
static void apply_to_controller(struct engine *engine, struct schedule_unit *unit,
                                const struct proposal *proposal)
{
    bool known = engine->clock_is_set || !schedule_is_enabled(unit->schedule);
    if (known && !value_equal(&unit->applied, &proposal->value)) {
        unit->applied = proposal->value;
        set_point(engine, unit->controller, &proposal->value);
    }
}

void engine_evaluate_schedule(struct engine *engine, size_t index)
{
    struct schedule_unit *unit = &engine->schedules[index];
    const struct expression_view view = engine_view(engine, EXPRESSION_NO_INPUT);
    bool changed = schedule_evaluate(unit->schedule, &view);
    const struct proposal *proposal = schedule_proposal(unit->schedule);
    engine->stats.evaluations++;
    agenda_set(engine->agenda, engine_item(engine, AGENDA_SCHEDULE, index),
               schedule_next_deadline(unit->schedule));
    if (unit->has_seat) {
        /* Always: the clock may have been set, and with it the time of the next change. */
        engine_vote(engine, &unit->seat, proposal, schedule_until(unit->schedule));
    } else {
        apply_to_controller(engine, unit, proposal);
    }
    if (changed) {
        engine_note_news(engine, engine->rule_count + engine->event_count + index);
    }
    engine_note_record(engine, engine_item(engine, AGENDA_SCHEDULE, index),
                       changed ? RECORD_DUE_NOW : RECORD_DUE_LATER);
}

/* --- operating --- */

void engine_enable_rule(struct engine *engine, size_t rule, bool enabled, int64_t now_us)
{
    assert(rule < engine->rule_count + engine->event_count);
    engine->now_us = now_us;
    if (rule < engine->rule_count) {
        engine_enable_level_rule(engine, rule, enabled);
    } else {
        enable_event(engine, rule - engine->rule_count, enabled);
    }
    engine_settle(engine);
}

void engine_enable_schedule(struct engine *engine, size_t schedule, bool enabled, int64_t now_us)
{
    assert(schedule < engine->schedule_count);
    engine->now_us = now_us;
    schedule_enable(engine->schedules[schedule].schedule, enabled);
    engine_evaluate_schedule(engine, schedule);
    engine_settle(engine);
}

int engine_run_rule(struct engine *engine, size_t rule, const char *trigger, int64_t now_us)
{
    assert(rule < engine->rule_count + engine->event_count);
    engine->now_us = now_us;
    if (rule < engine->rule_count) {
        return -ENOTSUP;
    }
    struct actor actor = {engine, rule - engine->rule_count};
    const struct script_host host = host_of(&actor);
    const struct expression_view view = engine_view(engine, EXPRESSION_NO_INPUT);
    uint64_t before = event_rule_digest(engine->events[actor.event]);
    int r = event_rule_run(engine->events[actor.event], &view, &host, trigger);
    after_event(engine, actor.event, before);
    engine_settle(engine);
    return r;
}

/* --- telling --- */

void engine_note_news(struct engine *engine, size_t item)
{
    if (!engine->has_news[item]) {
        engine->has_news[item] = true;
        engine->news[engine->news_count++] = item;
    }
}

static size_t first_controller(const struct engine *engine)
{
    return engine->rule_count + engine->event_count + engine->schedule_count;
}

void engine_note_controller(struct engine *engine, size_t controller)
{
    engine_note_news(engine, first_controller(engine) + controller);
}

static size_t first_alarm(const struct engine *engine)
{
    return first_controller(engine) + engine->controller_count;
}

void engine_note_alarm(struct engine *engine, size_t alarm)
{
    engine_note_news(engine, first_alarm(engine) + alarm);
}

void engine_note_all_news(struct engine *engine)
{
    for (size_t i = 0; i < first_alarm(engine) + engine->alarm_count; i++) {
        engine_note_news(engine, i);
    }
}

static struct engine_rule_state state_of_level(const struct rule_unit *unit)
{
    enum level_state state = level_rule_state(unit->rule);
    return (struct engine_rule_state){
        .enabled = state != LEVEL_DISABLED,
        .runs = unit->runs,
        .active = state == LEVEL_YES ? 1 : 0,
        .last_us = unit->last_us,
        .reason = level_rule_proposal(unit->rule)->cause.reason,
    };
}

static struct engine_rule_state state_of_event(const struct event_rule *rule)
{
    struct event_rule_stats stats = event_rule_stats(rule);
    struct engine_rule_state state = {
        .enabled = event_rule_is_enabled(rule),
        .runs = stats.runs,
        .dropped = stats.dropped,
        .prevented = stats.prevented,
        .active = stats.active,
        .waiting = stats.waiting,
    };
    state.reason = event_rule_reason(rule, &state.last_us);
    return state;
}

struct engine_rule_state engine_rule_state(const struct engine *engine, size_t rule)
{
    assert(rule < engine->rule_count + engine->event_count);
    return rule < engine->rule_count ? state_of_level(&engine->rules[rule])
                                     : state_of_event(engine->events[rule - engine->rule_count]);
}

static struct engine_schedule_state state_of_schedule(const struct schedule *schedule)
{
    const struct proposal *proposal = schedule_proposal(schedule);
    return (struct engine_schedule_state){
        .enabled = schedule_is_enabled(schedule),
        .value = proposal->value,
        .reason = proposal->cause.reason,
        .next = schedule_next(schedule),
    };
}

/* Of a rule of events first the runs that are over; true if there was one. */
static bool tell_rule(struct engine *engine, size_t rule, struct engine_output *ret)
{
    ret->rule = rule;
    ret->kind = ENGINE_RULE_STATE;
    bool is_event = rule >= engine->rule_count;
    if (is_event &&
        event_rule_take_report(engine->events[rule - engine->rule_count], &ret->trace)) {
        ret->kind = ENGINE_RULE_TRACE;
        return true;
    }
    ret->rule_state = engine_rule_state(engine, rule);
    return false;
}

static void tell(struct engine *engine, size_t item, struct engine_output *ret)
{
    size_t rules = engine->rule_count + engine->event_count;
    if (item >= first_alarm(engine)) {
        ret->kind = ENGINE_ALARM_STATE;
        ret->alarm = item - first_alarm(engine);
        ret->alarm_state = engine_alarm_state(engine, ret->alarm);
    } else if (item >= first_controller(engine)) {
        ret->kind = ENGINE_CONTROLLER_STATE;
        ret->controller = item - first_controller(engine);
        ret->controller_state = engine_controller_state(engine, ret->controller);
    } else if (item >= rules) {
        ret->kind = ENGINE_SCHEDULE_STATE;
        ret->schedule = item - rules;
        ret->schedule_state = state_of_schedule(engine->schedules[ret->schedule].schedule);
    } else if (tell_rule(engine, item, ret)) {
        return; /* there is more of it */
    }
    engine->has_news[item] = false;
    engine->news_count--;
}

bool engine_take_from_rules(struct engine *engine, struct engine_output *ret)
{
    if (engine->message_queued > 0) {
        ret->kind = ENGINE_MESSAGE;
        ret->message = engine->messages[engine->message_head];
        engine->message_head = (engine->message_head + 1) % ENGINE_MESSAGES_MAX;
        engine->message_queued--;
        return true;
    }
    if (engine_take_alarm_event(engine, ret)) {
        return true;
    }
    if (engine->news_count == 0) {
        return false;
    }
    tell(engine, engine->news[engine->news_count - 1], ret);
    return true;
}
