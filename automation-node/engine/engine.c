#include "automation-node/engine/engine.h"

#include "automation-node/engine/engine_impl.h"
#include "automation-node/input/deadline.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* --- evaluating what depends on an input --- */

static struct input *input_of(const struct engine *engine, size_t index)
{
    return input_table_at(engine->inputs, index);
}

static void vote(struct engine *engine, const struct seat *seat, const struct proposal *proposal)
{
    struct device_unit *unit = &engine->units[seat->unit];
    unit->unsettled = true;
    if (proposal->value.kind == VALUE_NONE) {
        arbiter_withdraw(unit->arbiter, seat->slot);
        return;
    }
    enum refusal refusal =
        arbiter_offer(unit->arbiter, seat->slot, proposal, DEADLINE_NONE, engine->now_us);
    assert(refusal == REFUSAL_NONE); /* engine_new() has checked the values */
    (void)refusal;
}

static void evaluate_thermostat(struct engine *engine, size_t index)
{
    struct controller_unit *controller = &engine->controllers[index];
    const struct input *input = input_of(engine, controller->seat.input);
    engine->stats.evaluations++;
    if (thermostat_evaluate(controller->thermostat, input, engine->now_us)) {
        vote(engine, &controller->seat, thermostat_proposal(controller->thermostat));
    }
}

static void evaluate_rule(struct engine *engine, size_t index)
{
    struct rule_unit *rule = &engine->rules[index];
    const struct input *input = input_of(engine, rule->seat.input);
    engine->stats.evaluations++;
    if (threshold_rule_evaluate(rule->rule, input, engine->now_us)) {
        vote(engine, &rule->seat, threshold_rule_proposal(rule->rule));
    }
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
        proposal.cause.seq = input->seq;
        proposal.cause.ts_us = input->ts_us;
        input_explain(input, engine->now_us, proposal.cause.reason, sizeof(proposal.cause.reason));
    }
    vote(engine, &(struct seat){.unit = index, .slot = SLOT_FAIL_SAFE}, &proposal);
}

static void react(struct engine *engine, const struct dependant *dependant, size_t input)
{
    switch (dependant->kind) {
    case DEPENDANT_THERMOSTAT:
        evaluate_thermostat(engine, dependant->index);
        break;
    case DEPENDANT_RULE:
        evaluate_rule(engine, dependant->index);
        break;
    case DEPENDANT_FEEDBACK:
        device_feedback(engine->units[dependant->index].device, input_of(engine, input),
                        engine->now_us);
        engine->units[dependant->index].unsettled = true;
        break;
    case DEPENDANT_REQUIRED:
        check_required(engine, dependant->index);
        break;
    case DEPENDANT_KIND_COUNT:
        break;
    }
}

static void propagate(struct engine *engine, size_t input)
{
    engine->noted_trust[input] = input_trust(input_of(engine, input), engine->now_us);
    size_t count;
    const struct dependant *dependants = dependency_of(engine->dependency, input, &count);
    for (size_t i = 0; i < count; i++) {
        react(engine, &dependants[i], input);
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

static void settle(struct engine *engine, size_t index)
{
    struct device_unit *unit = &engine->units[index];
    if (!unit->unsettled) {
        return;
    }
    unit->unsettled = false;
    const struct decision *decision = arbiter_decide(unit->arbiter, engine->now_us);
    const char *transaction = decision->slot == SLOT_MANUAL ? unit->transaction : "";
    device_decide(unit->device, decision, transaction, engine->now_us);
    enqueue(engine, index);
}

static size_t unit_of(const struct engine *engine, const struct dependant *dependant)
{
    switch (dependant->kind) {
    case DEPENDANT_THERMOSTAT:
        return engine->controllers[dependant->index].seat.unit;
    case DEPENDANT_RULE:
        return engine->rules[dependant->index].seat.unit;
    case DEPENDANT_FEEDBACK:
    case DEPENDANT_REQUIRED:
    case DEPENDANT_KIND_COUNT:
        break;
    }
    return dependant->index;
}

static void settle_all(struct engine *engine)
{
    for (size_t i = 0; i < engine->unit_count; i++) {
        settle(engine, i);
    }
}

void engine_start(struct engine *engine, int64_t now_us)
{
    engine->now_us = now_us;
    for (size_t i = 0; i < input_table_count(engine->inputs); i++) {
        propagate(engine, i);
    }
    for (size_t i = 0; i < engine->unit_count; i++) {
        engine->units[i].unsettled = true;
    }
    settle_all(engine);
}

/* --- what comes in --- */

void engine_input(struct engine *engine, size_t input, const struct reading *reading,
                  int64_t now_us)
{
    engine->now_us = now_us;
    engine->stats.readings++;
    input_update(input_of(engine, input), reading, now_us);
    propagate(engine, input);
    size_t count;
    const struct dependant *dependants = dependency_of(engine->dependency, input, &count);
    for (size_t i = 0; i < count; i++) {
        settle(engine, unit_of(engine, &dependants[i]));
    }
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
    engine->units[device].unsettled = true;
    settle(engine, device);
    return REFUSAL_NONE;
}

int engine_set_thermostat(struct engine *engine, size_t thermostat, enum thermostat_mode mode,
                          double setpoint, int64_t now_us)
{
    assert(thermostat < engine->controller_count);
    engine->now_us = now_us;
    struct controller_unit *controller = &engine->controllers[thermostat];
    int r = thermostat_set(controller->thermostat, mode, setpoint);
    if (r < 0) {
        return r;
    }
    evaluate_thermostat(engine, thermostat);
    settle(engine, controller->seat.unit);
    return 0;
}

void engine_enable_rule(struct engine *engine, size_t rule, bool enabled, int64_t now_us)
{
    assert(rule < engine->rule_count);
    engine->now_us = now_us;
    threshold_rule_enable(engine->rules[rule].rule, enabled);
    evaluate_rule(engine, rule);
    settle(engine, engine->rules[rule].seat.unit);
}

/* --- time --- */

static bool trust_has_moved(const struct engine *engine, size_t input)
{
    return input_trust(input_of(engine, input), engine->now_us) != engine->noted_trust[input];
}

static int64_t unit_deadline(const struct device_unit *unit)
{
    return deadline_earlier(arbiter_next_deadline(unit->arbiter),
                            device_next_deadline(unit->device));
}

void engine_tick(struct engine *engine, int64_t now_us)
{
    engine->now_us = now_us;
    for (size_t i = 0; i < input_table_count(engine->inputs); i++) {
        if (trust_has_moved(engine, i)) {
            propagate(engine, i);
        }
    }
    for (size_t i = 0; i < engine->rule_count; i++) {
        if (now_us >= threshold_rule_next_deadline(engine->rules[i].rule)) {
            evaluate_rule(engine, i);
        }
    }
    for (size_t i = 0; i < engine->unit_count; i++) {
        struct device_unit *unit = &engine->units[i];
        if (now_us >= unit_deadline(unit)) {
            unit->unsettled = true;
        }
    }
    settle_all(engine);
    for (size_t i = 0; i < engine->unit_count; i++) {
        device_tick(engine->units[i].device, now_us);
    }
}

int64_t engine_next_deadline(const struct engine *engine)
{
    int64_t deadline_us = DEADLINE_NONE;
    for (size_t i = 0; i < input_table_count(engine->inputs); i++) {
        if (trust_has_moved(engine, i)) {
            return engine->now_us; /* aged between two calls, and nobody has acted on it yet */
        }
        deadline_us =
            deadline_earlier(deadline_us, input_next_deadline(input_of(engine, i), engine->now_us));
    }
    for (size_t i = 0; i < engine->rule_count; i++) {
        deadline_us =
            deadline_earlier(deadline_us, threshold_rule_next_deadline(engine->rules[i].rule));
    }
    for (size_t i = 0; i < engine->unit_count; i++) {
        deadline_us = deadline_earlier(deadline_us, unit_deadline(&engine->units[i]));
    }
    return deadline_us;
}

/* --- what goes out --- */

bool engine_take(struct engine *engine, struct engine_output *ret)
{
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
    return false;
}
