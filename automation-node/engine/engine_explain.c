#include "automation-node/engine/engine_explain.h"

#include "automation-node/engine/engine_calls.h"
#include "automation-node/engine/event_rule_inspect.h"
#include "automation-node/expression/line.h"
#include "automation-node/input/deadline.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_SIZE (ENGINE_CHANGE_SIZE - 80) /* leaves room for ": then " and a value */

struct device_state engine_device_state(const struct engine *engine, size_t device)
{
    assert(device < engine->unit_count);
    return device_state(engine->units[device].device);
}

struct device_round engine_device_round(const struct engine *engine, size_t device)
{
    assert(device < engine->unit_count);
    return device_round(engine->units[device].device);
}

/* ---- who speaks -------------------------------------------------------------------------- */

static bool is_above(const struct arbiter *arbiter, size_t slot, size_t other)
{
    enum priority a = arbiter_class(arbiter, slot);
    enum priority b = arbiter_class(arbiter, other);
    return a < b || (a == b && slot < other);
}

size_t engine_claim_count(const struct engine *engine, size_t device)
{
    assert(device < engine->unit_count);
    return arbiter_slot_count(engine->units[device].arbiter);
}

/* The slot that has so many above it. */
static size_t slot_at(const struct arbiter *arbiter, size_t place)
{
    size_t count = arbiter_slot_count(arbiter);
    for (size_t slot = 0; slot < count; slot++) {
        size_t above = 0;
        for (size_t other = 0; other < count; other++) {
            above += is_above(arbiter, other, slot) ? 1 : 0;
        }
        if (above == place) {
            return slot;
        }
    }
    return ARBITER_NO_SLOT;
}

bool engine_claim_at(const struct engine *engine, size_t device, size_t place, struct claim *ret)
{
    assert(place < engine_claim_count(engine, device));
    const struct arbiter *arbiter = engine->units[device].arbiter;
    return arbiter_claim(arbiter, slot_at(arbiter, place), engine->now_us, ret);
}

static bool has_seat(const struct seat *seat, size_t device, size_t slot)
{
    return seat->unit == device && seat->slot == slot;
}

#define NOBODY SIZE_MAX

/* Index of the controller, rule, schedule with that seat; NOBODY if it is none's. */
static size_t controller_of(const struct engine *engine, size_t device, size_t slot)
{
    for (size_t i = 0; i < engine->controller_count; i++) {
        const struct controller_unit *controller = &engine->controllers[i];
        for (size_t seat = 0; seat < controller->seat_count; seat++) {
            if (has_seat(&controller->seats[seat], device, slot)) {
                return i;
            }
        }
    }
    return NOBODY;
}

static size_t rule_of(const struct engine *engine, size_t device, size_t slot)
{
    for (size_t i = 0; i < engine->rule_count; i++) {
        if (has_seat(&engine->rules[i].seat, device, slot)) {
            return i;
        }
    }
    return NOBODY;
}

static size_t schedule_of(const struct engine *engine, size_t device, size_t slot)
{
    for (size_t i = 0; i < engine->schedule_count; i++) {
        if (engine->schedules[i].has_seat && has_seat(&engine->schedules[i].seat, device, slot)) {
            return i;
        }
    }
    return NOBODY;
}

/* ---- what counts ------------------------------------------------------------------------- */

struct collection {
    size_t *inputs;
    size_t count;
    size_t max;
};

static void collect(struct collection *c, size_t input)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->inputs[i] == input) {
            return;
        }
    }
    if (c->count < c->max) {
        c->inputs[c->count++] = input;
    }
}

static void collect_condition(struct collection *c, const struct expression *condition)
{
    size_t count = 0;
    const size_t *inputs = condition != NULL ? expression_inputs(condition, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        collect(c, inputs[i]);
    }
}

size_t engine_counting_inputs(const struct engine *engine, size_t device, size_t *inputs,
                              size_t max)
{
    assert(device < engine->unit_count);
    const struct device_unit *unit = &engine->units[device];
    const struct decision *decision = arbiter_decision(unit->arbiter);
    struct collection c = {.inputs = inputs, .max = max};
    size_t controller = controller_of(engine, device, decision->slot);
    size_t rule = rule_of(engine, device, decision->slot);
    size_t input;
    if (controller != NOBODY) {
        collect(&c, engine->controllers[controller].input);
    }
    if (rule != NOBODY) {
        collect_condition(&c, engine->rules[rule].condition);
    }
    if (decision->slot == unit->action_slot && unit->action_rule != ENGINE_NO_RULE) {
        collect_condition(&c, event_rule_condition(engine->events[unit->action_rule]));
    }
    if (decision->cause.input[0] != '\0' &&
        input_table_find(engine->inputs, decision->cause.input, &input) == 0) {
        collect(&c, input);
    }
    for (size_t i = 0; i < unit->required_count; i++) {
        collect(&c, unit->required[i]);
    }
    return c.count;
}

/* ---- what would change it ---------------------------------------------------------------- */

struct gathering {
    const struct engine *engine;
    size_t device;
    const struct device_unit *unit;
    const struct decision *decision;
    struct expression_view view;
    struct engine_change *changes;
    size_t count;
    size_t max;
    int result;
};

static void add(struct gathering *g, int64_t at_us, const struct value *then, const char *text)
{
    if (g->count == g->max) {
        return;
    }
    struct engine_change *change = &g->changes[g->count++];
    char value[VALUE_TEXT_SIZE];
    (void)value_format(then, value, sizeof(value));
    struct line line = line_begin(change->what, sizeof(change->what));
    line_append(&line, text);
    line_append(&line, value[0] != '\0' ? ": then " : "");
    line_append(&line, value);
    change->at_us = at_us;
}

EDGE_PRINTF(4, 5)
static void add_text(struct gathering *g, int64_t at_us, const struct value *then,
                     const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    add(g, at_us, then, text);
}

/* What is left when the winner asks for nothing any more. */
static struct value without_winner(const struct gathering *g)
{
    enum priority priority;
    return arbiter_wanted(g->unit->arbiter, g->decision->slot, g->engine->now_us, &priority);
}

static void add_thermostat(struct gathering *g, const struct thermostat *thermostat,
                           const struct input *input)
{
    char text[TEXT_SIZE];
    struct line line = line_begin(text, sizeof(text));
    double at;
    bool upwards;
    if (!thermostat_turns_at(thermostat, &at, &upwards)) {
        add_text(g, DEADLINE_NONE, &(struct value){0}, "%s is good again", input->id);
        return;
    }
    bool calling = thermostat_state(thermostat) == THERMOSTAT_STATE_CALLING;
    line_append(&line, input->id);
    /* It ends at the limit, that one included, and begins beyond it. */
    line_append(&line, upwards ? (calling ? " >= " : " > ") : (calling ? " <= " : " < "));
    line_append_number(&line, at, input->unit);
    line_append(&line, " (now ");
    line_append_value(&line, input);
    line_append(&line, ")");
    add(g, DEADLINE_NONE, thermostat_value(thermostat, !calling), text);
}

/* What it proposes for the device in question. */
static const struct thermostat *thermostat_of(const struct gathering *g,
                                              const struct controller_unit *controller)
{
    if (controller->climate == NULL) {
        return controller->thermostat;
    }
    bool heats = controller->seats[CLIMATE_HEATER].unit == g->device;
    return climate_side(controller->climate, heats ? CLIMATE_HEATER : CLIMATE_COOLER);
}

static void add_pid(struct gathering *g, const struct controller_unit *controller,
                    const struct input *input)
{
    char text[TEXT_SIZE];
    struct line line = line_begin(text, sizeof(text));
    line_printf(&line, "%s moves (now ", input->id);
    line_append_value(&line, input);
    line_append(&line, ", set point ");
    line_append_number(&line, pid_setpoint(controller->pid), input->unit);
    line_append(&line, ")");
    add(g, DEADLINE_NONE, &(struct value){0}, text);
    if (pid_next_deadline(controller->pid) != DEADLINE_NONE) {
        add_text(g, pid_next_deadline(controller->pid), &(struct value){0},
                 "the auto-tuning is over, or has taken too long");
    }
    if (controller->pwm != NULL && pwm_next_deadline(controller->pwm) != DEADLINE_NONE) {
        add_text(g, pwm_next_deadline(controller->pwm), &(struct value){0},
                 pwm_is_on_value(controller->pwm, &pwm_proposal(controller->pwm)->value)
                     ? "its time on in this period is over"
                     : "its next period begins");
    }
}

static void add_controller(struct gathering *g, size_t index)
{
    const struct controller_unit *controller = &g->engine->controllers[index];
    const struct input *input = input_table_at(g->engine->inputs, controller->input);
    if (controller->pid != NULL) {
        add_pid(g, controller, input);
    } else {
        add_thermostat(g, thermostat_of(g, controller), input);
    }
    for (size_t i = 0; i < g->engine->schedule_count; i++) {
        const struct schedule_unit *schedule = &g->engine->schedules[i];
        struct schedule_change next = schedule_next(schedule->schedule);
        if (!schedule->has_seat && schedule->controller == index && next.at_s != CALENDAR_NEVER) {
            add_text(g, schedule_until(schedule->schedule), &(struct value){0},
                     "%s sets another set point",
                     schedule_proposal(schedule->schedule)->cause.source);
        }
    }
}

static void add_rule(struct gathering *g, size_t index, const char *before, bool takes_over)
{
    const struct level_rule *rule = g->engine->rules[index].rule;
    char text[TEXT_SIZE];
    size_t length = strlen(before);
    (void)snprintf(text, sizeof(text), "%s", before);
    int r = level_rule_otherwise(rule, &g->view, text + length, sizeof(text) - length);
    if (r < 0) {
        g->result = r;
        return;
    }
    const struct value *then = level_rule_value(rule, level_rule_state(rule) != LEVEL_YES);
    const struct value left = without_winner(g);
    add(g, level_rule_next_deadline(rule), then->kind == VALUE_NONE && !takes_over ? &left : then,
        text);
}

static void add_schedule(struct gathering *g, size_t index)
{
    const struct schedule *schedule = g->engine->schedules[index].schedule;
    struct schedule_change next = schedule_next(schedule);
    struct value then = next.value.kind != VALUE_NONE ? next.value : without_winner(g);
    if (next.at_s != CALENDAR_NEVER) {
        add_text(g, schedule_until(schedule), &then, "%s goes on to its next block",
                 schedule_proposal(schedule)->cause.source);
    }
}

static void add_interlock(struct gathering *g)
{
    const struct group_unit *group = &g->engine->groups[g->unit->group];
    const struct value left = without_winner(g);
    size_t holder = interlock_holder(group->interlock);
    if (holder == INTERLOCK_NOBODY) {
        add_text(g, interlock_next_deadline(group->interlock), &left,
                 "the others of %s have been off for their dead time", group->source);
    } else {
        struct device_state state = device_state(g->engine->units[group->members[holder]].device);
        add_text(g, DEADLINE_NONE, &left,
                 "%s lets it: the one that may be on now (because of %s) is off", group->source,
                 state.cause.source);
    }
}

/* The winner asks for something else, or for nothing. */
static void add_winner(struct gathering *g)
{
    size_t slot = g->decision->slot;
    if (slot == ARBITER_NO_SLOT) {
        return; /* nobody asks */
    }
    size_t controller = controller_of(g->engine, g->device, slot);
    size_t rule = rule_of(g->engine, g->device, slot);
    size_t schedule = schedule_of(g->engine, g->device, slot);
    const struct value left = without_winner(g);
    struct claim claim;
    bool is_claimed = arbiter_claim(g->unit->arbiter, slot, g->engine->now_us, &claim);
    if (slot == SLOT_FAIL_SAFE && g->unit->lost_input != ENGINE_NO_INPUT) {
        add_text(g, DEADLINE_NONE, &left, "%s is good again",
                 input_table_at(g->engine->inputs, g->unit->lost_input)->id);
    } else if (slot == SLOT_INTERLOCK) {
        add_interlock(g);
    } else if (slot == SLOT_MANUAL && is_claimed) {
        add(g, claim.until_us, &left,
            claim.until_us != DEADLINE_NONE ? "the wish ends, or is taken back"
                                            : "the wish is taken back");
    } else if (slot == g->unit->action_slot && is_claimed) {
        add_text(g, claim.until_us, &left,
                 claim.until_us != DEADLINE_NONE ? "the time that %s asked for is over"
                                                 : "%s sets or releases it",
                 claim.proposal->cause.source);
    } else if (controller != NOBODY) {
        add_controller(g, controller);
    } else if (rule != NOBODY) {
        add_rule(g, rule, "", false);
    } else if (schedule != NOBODY) {
        add_schedule(g, schedule);
    }
}

/* Somebody who asks for nothing now, and is above the winner, begins to. */
static void add_challenger(struct gathering *g, size_t slot)
{
    size_t rule = rule_of(g->engine, g->device, slot);
    size_t schedule = schedule_of(g->engine, g->device, slot);
    if (rule != NOBODY && level_rule_state(g->engine->rules[rule].rule) != LEVEL_DISABLED) {
        char before[CAUSE_SOURCE_SIZE + 16];
        (void)snprintf(before, sizeof(before),
                       "%s: ", level_rule_proposal(g->engine->rules[rule].rule)->cause.source);
        add_rule(g, rule, before, true);
    } else if (schedule != NOBODY) {
        add_schedule(g, schedule);
    }
}

static void add_challengers(struct gathering *g)
{
    const struct arbiter *arbiter = g->unit->arbiter;
    size_t winner = g->decision->slot;
    for (size_t slot = SLOT_FIRST_FREE; slot < arbiter_slot_count(arbiter); slot++) {
        struct claim claim;
        bool above = winner == ARBITER_NO_SLOT || is_above(arbiter, slot, winner);
        if (slot != winner && above && !arbiter_claim(arbiter, slot, g->engine->now_us, &claim)) {
            add_challenger(g, slot);
        }
    }
}

/* An input without which it falls back goes silent. */
static void add_fallback(struct gathering *g)
{
    for (size_t i = 0; g->unit->lost_input == ENGINE_NO_INPUT && i < g->unit->required_count; i++) {
        const struct input *input = input_table_at(g->engine->inputs, g->unit->required[i]);
        int64_t at_us = input_next_deadline(input, g->engine->now_us);
        if (at_us != DEADLINE_NONE) {
            add_text(g, at_us, &g->unit->fail_safe, "no reading of %s until then", input->id);
        }
    }
}

int engine_changes(const struct engine *engine, size_t device, struct engine_change *changes,
                   size_t max)
{
    assert(device < engine->unit_count);
    const struct device_unit *unit = &engine->units[device];
    struct gathering g = {.engine = engine,
                          .device = device,
                          .unit = unit,
                          .decision = arbiter_decision(unit->arbiter),
                          .view = engine_view(engine, EXPRESSION_NO_INPUT),
                          .changes = changes,
                          .max = max};
    if (g.decision->hold != HOLD_NONE) {
        add_text(&g, g.decision->until_us, &g.decision->wanted, "%s is over",
                 hold_name(g.decision->hold));
    }
    add_winner(&g);
    if (arbiter_max_on_ends(unit->arbiter) != DEADLINE_NONE) {
        add(&g, arbiter_max_on_ends(unit->arbiter), &unit->off, "it has been on for its max_on");
    }
    add_challengers(&g);
    add_fallback(&g);
    return g.result < 0 ? g.result : (int)g.count;
}

bool engine_rule_would_win(const struct engine *engine, size_t rule, size_t device,
                           struct claim *ret_above)
{
    assert(device < engine->unit_count);
    const struct device_unit *unit = &engine->units[device];
    size_t own = rule < engine->rule_count ? engine->rules[rule].seat.slot : unit->action_slot;
    for (size_t place = 0; place < engine_claim_count(engine, device); place++) {
        size_t slot = slot_at(unit->arbiter, place);
        if (slot == own) {
            return true;
        }
        if (arbiter_claim(unit->arbiter, slot, engine->now_us, ret_above)) {
            return false;
        }
    }
    return true;
}
