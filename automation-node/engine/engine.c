#include "automation-node/engine/engine.h"

#include "automation-node/engine/engine_alarms.h"
#include "automation-node/engine/engine_book.h"
#include "automation-node/engine/engine_controllers.h"
#include "automation-node/engine/engine_groups.h"
#include "automation-node/engine/engine_rules.h"
#include "automation-node/engine/engine_stale.h"
#include "automation-node/input/deadline.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* --- evaluating what depends on an input --- */

static struct input *input_of(const struct engine *engine, size_t index)
{
    return input_table_at(engine->inputs, index);
}

void engine_mark_unsettled(struct engine *engine, size_t index)
{
    if (!engine->units[index].unsettled) {
        engine->units[index].unsettled = true;
        engine->dirty[engine->dirty_count++] = index;
    }
}

void engine_vote(struct engine *engine, const struct seat *seat, const struct proposal *proposal,
                 int64_t until_us)
{
    struct device_unit *unit = &engine->units[seat->unit];
    engine_mark_unsettled(engine, seat->unit);
    if (proposal->value.kind == VALUE_NONE) {
        arbiter_withdraw(unit->arbiter, seat->slot);
        return;
    }
    enum refusal refusal =
        arbiter_offer(unit->arbiter, seat->slot, proposal, until_us, engine->now_us);
    assert(refusal == REFUSAL_NONE); /* engine_new() has checked the values */
    (void)refusal;
}

struct expression_view engine_view(const struct engine *engine, size_t changed)
{
    return (struct expression_view){
        .inputs = input_table_count(engine->inputs) > 0 ? input_of(engine, 0) : NULL,
        .calendar = engine->calendar,
        .now_us = engine->now_us,
        .wall_us =
            engine->clock_is_set ? engine->now_us + engine->wall_offset_us : EXPRESSION_NO_CLOCK,
        .changed = changed,
    };
}

/* A rule whose condition came to hold has begun a run. */
static void count_run(struct rule_unit *rule, int64_t now_us)
{
    if (level_rule_state(rule->rule) == LEVEL_YES) {
        rule->runs++;
        rule->last_us = now_us;
    }
}

static void evaluate_rule(struct engine *engine, size_t index, size_t changed)
{
    struct rule_unit *rule = &engine->rules[index];
    const struct expression_view view = engine_view(engine, changed);
    engine->stats.evaluations++;
    uint64_t before = level_rule_digest(rule->rule);
    if (level_rule_evaluate(rule->rule, &view)) {
        count_run(rule, engine->now_us);
        engine_note_news(engine, index);
        engine_vote(engine, &rule->seat, level_rule_proposal(rule->rule), DEADLINE_NONE);
        before = ~level_rule_digest(rule->rule);
    }
    if (level_rule_digest(rule->rule) != before) {
        engine_note_record(engine, engine_item(engine, AGENDA_RULE, index), RECORD_DUE_NOW);
    }
    agenda_set(engine->agenda, engine_item(engine, AGENDA_RULE, index),
               level_rule_next_deadline(rule->rule));
}

static size_t find_lost_input(const struct engine *engine, const struct device_unit *unit)
{
    for (size_t i = 0; i < unit->required_count; i++) {
        const struct input *input = input_of(engine, unit->required[i]);
        if (input_trust(input, engine->now_us) == INPUT_LOST) {
            return unit->required[i];
        }
    }
    return ENGINE_NO_INPUT;
}

static void check_required(struct engine *engine, size_t index)
{
    struct device_unit *unit = &engine->units[index];
    size_t lost = find_lost_input(engine, unit);
    if (lost == unit->lost_input) {
        return;
    }
    unit->lost_input = lost;
    struct proposal proposal = {.cause = {.source = "fail_safe"}};
    if (lost != ENGINE_NO_INPUT) {
        const struct input *input = input_of(engine, lost);
        proposal.value = unit->fail_safe;
        cause_note_reading(&proposal.cause, input);
        input_explain(input, engine->now_us, proposal.cause.reason, sizeof(proposal.cause.reason));
    }
    engine_vote(engine, &(struct seat){.unit = index, .slot = SLOT_FAIL_SAFE}, &proposal,
                DEADLINE_NONE);
}

struct event {
    size_t input;
    size_t changed; /* the same, if its value became another; else EXPRESSION_NO_INPUT */
};

/* While the engine starts without a stop before: that reading was looked at by the one before it,
 * and may be older than a command that is under way. */
static bool is_handed_over(const struct engine *engine, size_t unit, size_t input)
{
    const struct record_book *book = engine->book;
    return book->handing_over && book->restored[engine_item(engine, AGENDA_UNIT, unit)] &&
           input_trust(input_of(engine, input), engine->now_us) != INPUT_LOST;
}

static void evaluate_derived(struct engine *engine, size_t input);

/* A word that was missed would be missed after a stop; numbers come again and again. */
static enum record_due due_of(const struct engine *engine, size_t input, bool changed)
{
    bool missed = changed && input_of(engine, input)->value.kind == VALUE_TEXT;
    return missed ? RECORD_DUE_NOW : RECORD_DUE_LATER;
}

static void react(struct engine *engine, const struct dependant *dependant,
                  const struct event *event)
{
    switch (dependant->kind) {
    case DEPENDANT_DERIVED:
        evaluate_derived(engine, dependant->index);
        engine_note_record(engine, engine_item(engine, AGENDA_INPUT, dependant->index),
                           due_of(engine, event->input, event->changed != EXPRESSION_NO_INPUT));
        break;
    case DEPENDANT_CONTROLLER:
        engine_evaluate_controller(engine, dependant->index);
        break;
    case DEPENDANT_RULE:
        evaluate_rule(engine, dependant->index, event->changed);
        break;
    case DEPENDANT_EVENT:
        engine_evaluate_event(engine, dependant->index, event->changed, false);
        break;
    case DEPENDANT_FEEDBACK:
        if (is_handed_over(engine, dependant->index, event->input)) {
            break;
        }
        device_feedback(engine->units[dependant->index].device, input_of(engine, event->input),
                        engine->now_us);
        engine_mark_unsettled(engine, dependant->index);
        break;
    case DEPENDANT_REQUIRED:
        check_required(engine, dependant->index);
        break;
    case DEPENDANT_KIND_COUNT:
        break;
    }
}

static void note_input(struct engine *engine, size_t input)
{
    const struct input *noted = input_of(engine, input);
    const struct derived *derived = engine->derived[input];
    enum input_trust trust = input_trust(noted, engine->now_us);
    int64_t deadline_us = input_next_deadline(noted, engine->now_us);
    if (derived != NULL) {
        deadline_us = deadline_earlier(deadline_us, derived_next_deadline(derived));
    }
    if (trust != engine->noted_trust[input]) {
        engine_note_record(engine, engine_item(engine, AGENDA_INPUT, input), RECORD_DUE_NOW);
    }
    engine->noted_trust[input] = trust;
    agenda_set(engine->agenda, engine_item(engine, AGENDA_INPUT, input), deadline_us);
}

static void propagate(struct engine *engine, const struct event *event)
{
    note_input(engine, event->input);
    size_t count;
    const struct dependant *dependants = dependency_of(engine->dependency, event->input, &count);
    for (size_t i = 0; i < count; i++) {
        react(engine, &dependants[i], event);
    }
}

/* As deep as inputs are derived from derived ones. */
static void evaluate_derived(struct engine *engine, size_t input)
{
    engine->stats.evaluations++;
    const struct reading reading =
        derived_evaluate(engine->derived[input], input_of(engine, 0), engine->now_us);
    bool changed = input_update(input_of(engine, input), &reading, engine->now_us);
    propagate(engine, &(struct event){input, changed ? input : EXPRESSION_NO_INPUT});
}

/* Time has passed, or counts otherwise. */
static void input_is_due(struct engine *engine, size_t input)
{
    if (engine->derived[input] != NULL) {
        evaluate_derived(engine, input);
        engine_note_record(engine, engine_item(engine, AGENDA_INPUT, input), RECORD_DUE_LATER);
    } else if (input_trust(input_of(engine, input), engine->now_us) != engine->noted_trust[input]) {
        propagate(engine, &(struct event){input, EXPRESSION_NO_INPUT});
    } else {
        note_input(engine, input);
    }
}

/* --- deciding, and collecting what comes of it --- */

static void enqueue(struct engine *engine, size_t index)
{
    if (engine->units[index].queued) {
        return;
    }
    engine->units[index].queued = true;
    engine->ready[(engine->ready_head + engine->ready_count) % engine->unit_count] = index;
    engine->ready_count++;
}

static int64_t unit_deadline(const struct device_unit *unit)
{
    return deadline_earlier(arbiter_next_deadline(unit->arbiter),
                            device_next_deadline(unit->device));
}

/* They may have it decided anew. */
static void tell_followers(struct engine *engine, const struct device_unit *unit)
{
    for (size_t i = unit->first_follower; i != ENGINE_NO_CONTROLLER;
         i = engine->controllers[i].next_follower) {
        engine_evaluate_controller(engine, i);
    }
}

static void settle(struct engine *engine, size_t index)
{
    struct device_unit *unit = &engine->units[index];
    unit->unsettled = false;
    const struct decision *decision = arbiter_decide(unit->arbiter, engine->now_us);
    if (decision->changed) {
        tell_followers(engine, unit);
    }
    const char *transaction = decision->slot == SLOT_MANUAL ? unit->transaction : "";
    device_decide(unit->device, decision, transaction, engine->now_us);
    device_tick(unit->device, engine->now_us);
    agenda_set(engine->agenda, engine_item(engine, AGENDA_UNIT, index), unit_deadline(unit));
    if (unit->group != ENGINE_NO_GROUP) {
        engine->groups[unit->group].touched = true;
    }
    engine_watch_device(engine, index);
    engine_note_record(engine, engine_item(engine, AGENDA_UNIT, index), RECORD_DUE_NOW);
    enqueue(engine, index);
}

/* Interlocks look at what was decided, and may have it decided anew; nothing leaves before all
 * agree. */
void engine_settle(struct engine *engine)
{
    do {
        while (engine->dirty_count > 0) {
            settle(engine, engine->dirty[--engine->dirty_count]);
        }
    } while (engine_step_groups(engine));
}

void engine_start(struct engine *engine, int64_t now_us)
{
    engine->now_us = now_us;
    for (size_t i = 0; i < input_table_count(engine->inputs); i++) {
        propagate(engine, &(struct event){i, EXPRESSION_NO_INPUT});
    }
    for (size_t i = 0; i < engine->rule_count; i++) {
        evaluate_rule(engine, i, EXPRESSION_NO_INPUT); /* those that read no input, too */
    }
    for (size_t i = 0; i < engine->event_count; i++) {
        bool known = engine->book->restored[engine_item(engine, AGENDA_EVENT, i)];
        engine_evaluate_event(engine, i, EXPRESSION_NO_INPUT,
                              !(known && engine->book->handing_over));
    }
    for (size_t i = 0; i < engine->schedule_count; i++) {
        engine_evaluate_schedule(engine, i);
    }
    engine_alarms_are_due(engine);
    engine_note_all_news(engine);
    for (size_t i = 0; i < engine->unit_count; i++) {
        engine_mark_unsettled(engine, i);
    }
    engine_settle(engine);
    engine->book->handing_over = false;
}

/* --- what comes in --- */

void engine_input(struct engine *engine, size_t input, const struct reading *reading,
                  int64_t now_us)
{
    engine->now_us = now_us;
    engine->stats.readings++;
    bool changed = input_update(input_of(engine, input), reading, now_us);
    engine_note_record(engine, engine_item(engine, AGENDA_INPUT, input),
                       due_of(engine, input, changed));
    propagate(engine, &(struct event){input, changed ? input : EXPRESSION_NO_INPUT});
    engine_settle(engine);
}

void engine_set_stale_after(struct engine *engine, size_t input, int64_t span_us, int64_t now_us)
{
    engine->now_us = now_us;
    if (!input_learn_stale_after(input_of(engine, input), span_us)) {
        return;
    }
    engine_note_record(engine, engine_item(engine, AGENDA_INPUT, input), RECORD_DUE_NOW);
    input_is_due(engine, input);
    engine_settle(engine);
}

void engine_set_clock(struct engine *engine, int64_t wall_us, int64_t now_us)
{
    engine->now_us = now_us;
    engine->clock_is_set = wall_us != EXPRESSION_NO_CLOCK;
    engine->wall_offset_us = engine->clock_is_set ? wall_us - now_us : 0;
    bool corrected = engine->clock_is_set && engine_set_record_clock(engine);
    engine_alarms_are_due(engine); /* ends of shelvings may have been put right */
    for (size_t i = 0; i < engine->rule_count; i++) {
        if (corrected || expression_asks_time(engine->rules[i].condition)) {
            evaluate_rule(engine, i, EXPRESSION_NO_INPUT);
        }
    }
    for (size_t i = 0; i < engine->event_count; i++) {
        engine_set_clock_of_event(engine, i);
    }
    for (size_t i = 0; i < engine->schedule_count; i++) {
        engine_evaluate_schedule(engine, i);
    }
    engine_settle(engine);
}

/* When the wish ends, or a refusal. */
static enum refusal find_expiry(const struct device_unit *unit, const struct wish *wish,
                                int64_t now_us, int64_t *ret_until_us)
{
    int64_t for_us = wish->for_us != 0 ? wish->for_us : unit->manual_for_us;
    if (for_us < 0 || (unit->manual_max_us > 0 && for_us > unit->manual_max_us)) {
        return REFUSAL_BAD_EXPIRY;
    }
    *ret_until_us = for_us > 0 ? deadline_after(now_us, for_us) : DEADLINE_NONE;
    return REFUSAL_NONE;
}

static enum refusal take_wish(struct engine *engine, size_t device, const struct wish *wish)
{
    if (device >= engine->unit_count) {
        return REFUSAL_UNKNOWN_DEVICE;
    }
    struct device_unit *unit = &engine->units[device];
    const char *transaction = wish->transaction != NULL ? wish->transaction : "";
    if (strlen(transaction) >= sizeof(unit->transaction)) {
        return REFUSAL_BAD_TRANSACTION;
    }
    if (wish->value.kind == VALUE_NONE) {
        arbiter_withdraw(unit->arbiter, SLOT_MANUAL);
        return REFUSAL_NONE;
    }
    int64_t until_us;
    enum refusal refusal = find_expiry(unit, wish, engine->now_us, &until_us);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    struct proposal proposal = {.value = wish->value,
                                .cause = {.source = "manual", .reason = "asked for"}};
    refusal = arbiter_offer(unit->arbiter, SLOT_MANUAL, &proposal, until_us, engine->now_us);
    if (refusal == REFUSAL_NONE) {
        (void)snprintf(unit->transaction, sizeof(unit->transaction), "%s", transaction);
    }
    return refusal;
}

enum refusal engine_wish(struct engine *engine, size_t device, const struct wish *wish,
                         int64_t now_us)
{
    engine->now_us = now_us;
    engine->stats.wishes++;
    enum refusal refusal = take_wish(engine, device, wish);
    if (refusal != REFUSAL_NONE) {
        engine->stats.refused[refusal]++;
        return refusal;
    }
    engine->stats.accepted++;
    engine_mark_unsettled(engine, device);
    engine_settle(engine);
    return REFUSAL_NONE;
}

void engine_enable_level_rule(struct engine *engine, size_t rule, bool enabled)
{
    level_rule_enable(engine->rules[rule].rule, enabled);
    evaluate_rule(engine, rule, EXPRESSION_NO_INPUT);
    engine_note_news(engine, rule);
}

/* --- time --- */

static void item_is_due(struct engine *engine, size_t item)
{
    size_t first_rule = engine_item(engine, AGENDA_RULE, 0);
    size_t first_event = engine_item(engine, AGENDA_EVENT, 0);
    size_t first_schedule = engine_item(engine, AGENDA_SCHEDULE, 0);
    size_t first_group = engine_item(engine, AGENDA_GROUP, 0);
    size_t first_alarm = engine_item(engine, AGENDA_ALARM, 0);
    size_t first_unit = engine_item(engine, AGENDA_UNIT, 0);
    size_t first_controller = engine_item(engine, AGENDA_CONTROLLER, 0);
    if (item >= first_controller) {
        engine_evaluate_controller(engine, item - first_controller);
    } else if (item >= first_unit) {
        engine_mark_unsettled(engine, item - first_unit);
    } else if (item >= first_alarm) {
        engine_alarm_is_due(engine, item - first_alarm);
    } else if (item >= first_group) {
        engine->groups[item - first_group].touched = true;
    } else if (item >= first_schedule) {
        engine_evaluate_schedule(engine, item - first_schedule);
    } else if (item >= first_event) {
        engine_evaluate_event(engine, item - first_event, EXPRESSION_NO_INPUT, false);
    } else if (item >= first_rule) {
        evaluate_rule(engine, item - first_rule, EXPRESSION_NO_INPUT);
    } else {
        input_is_due(engine, item);
    }
}

void engine_tick(struct engine *engine, int64_t now_us)
{
    engine->now_us = now_us;
    for (size_t item; agenda_take(engine->agenda, now_us, &item);) {
        item_is_due(engine, item);
    }
    engine_settle(engine);
}

int64_t engine_next_deadline(const struct engine *engine)
{
    return agenda_next(engine->agenda);
}

/* --- what goes out --- */

bool engine_take(struct engine *engine, struct engine_output *ret)
{
    /* Devices first: what is told of rules must not hold up a command. */
    while (engine->ready_count > 0) {
        size_t index = engine->ready[engine->ready_head];
        struct device_unit *unit = &engine->units[index];
        if (device_take_command(unit->device, &ret->command)) {
            ret->kind = ENGINE_COMMAND;
            ret->device = index;
            return true;
        }
        if (device_take_state(unit->device, &ret->state)) {
            ret->kind = ENGINE_STATE;
            ret->device = index;
            return true;
        }
        unit->queued = false;
        engine->ready_head = (engine->ready_head + 1) % engine->unit_count;
        engine->ready_count--;
    }
    return engine_take_from_rules(engine, ret);
}
