/* Controllers: how they are evaluated, how a person operates them, and what they tell. */
#include "automation-node/engine/engine_controllers.h"

#include "automation-node/engine/engine_book.h"
#include "automation-node/engine/engine_rules.h"
#include "automation-node/input/deadline.h"

#include <assert.h>
#include <errno.h>
#include <math.h>

#define INTEGRAL_DRIFT 0.01 /* of a PID's output range: would be missed after a stop */

/* --- evaluating --- */

const struct proposal *controller_proposal(const struct controller_unit *controller, size_t seat)
{
    if (controller->climate != NULL) {
        return thermostat_proposal(climate_side(controller->climate, (enum climate_side)seat));
    }
    if (controller->pwm != NULL) {
        return pwm_proposal(controller->pwm);
    }
    return controller->pid != NULL ? pid_proposal(controller->pid)
                                   : thermostat_proposal(controller->thermostat);
}

static bool evaluate_pid(struct engine *engine, const struct controller_unit *controller,
                         const struct input *input)
{
    const struct seat *seat = &controller->seats[0];
    const struct decision *decision = arbiter_decision(engine->units[seat->unit].arbiter);
    /* Before anybody has decided, nobody else is in charge either. */
    bool in_charge = decision->value.kind == VALUE_NONE || decision->slot == seat->slot;
    if (controller->pwm == NULL) {
        return pid_evaluate(controller->pid, input, &decision->value, in_charge, engine->now_us);
    }
    const struct value unknown = {.kind = VALUE_NONE}; /* what is on or off now says little */
    (void)pid_evaluate(controller->pid, input, &unknown, in_charge, engine->now_us);
    const struct pwm_view view = {.is_on = pwm_is_on_value(controller->pwm, &decision->value),
                                  .in_charge = in_charge};
    return pwm_step(controller->pwm, pid_proposal(controller->pid), &view, engine->now_us);
}

static bool evaluate(struct engine *engine, const struct controller_unit *controller)
{
    const struct input *input = input_table_at(engine->inputs, controller->input);
    if (controller->thermostat != NULL) {
        return thermostat_evaluate(controller->thermostat, input, engine->now_us);
    }
    return controller->climate != NULL
               ? climate_evaluate(controller->climate, input, engine->now_us)
               : evaluate_pid(engine, controller, input);
}

static int64_t next_deadline(const struct controller_unit *controller)
{
    int64_t deadline_us = pid_next_deadline(controller->pid);
    return controller->pwm != NULL
               ? deadline_earlier(deadline_us, pwm_next_deadline(controller->pwm))
               : deadline_us;
}

void engine_evaluate_controller(struct engine *engine, size_t index)
{
    const struct controller_unit *controller = &engine->controllers[index];
    bool is_pid = controller->pid != NULL;
    size_t item = engine_item(engine, AGENDA_CONTROLLER, index);
    engine->stats.evaluations++;
    enum tuning_state before = is_pid ? pid_tune_report(controller->pid).state : TUNING_NEVER;
    bool changed = evaluate(engine, controller);
    for (size_t seat = 0; changed && seat < controller->seat_count; seat++) {
        engine_vote(engine, &controller->seats[seat], controller_proposal(controller, seat),
                    DEADLINE_NONE);
    }
    bool is_missed = changed;
    if (is_pid) {
        is_missed = (changed && controller->pwm != NULL) ||
                    pid_tune_report(controller->pid).state != before ||
                    pid_drift(controller->pid, false) > INTEGRAL_DRIFT;
        agenda_set(engine->agenda, item, next_deadline(controller));
    }
    if (changed || is_pid) { /* its terms move with each reading */
        engine_note_controller(engine, index);
    }
    engine_note_record(engine, item, is_missed ? RECORD_DUE_NOW : RECORD_DUE_LATER);
}

/* --- operating --- */

static int change_thermostat(struct controller_unit *controller,
                             const struct controller_change *change)
{
    struct thermostat *thermostat = controller->thermostat;
    enum controller_mode own =
        controller->active_mode == THERMOSTAT_HEAT ? CONTROLLER_HEAT : CONTROLLER_COOL;
    bool possible = !change->has_mode || change->mode == CONTROLLER_OFF ||
                    change->mode == CONTROLLER_AUTO || change->mode == own;
    if (!possible || change->has_output || change->has_low || change->has_high ||
        change->tuning != CONTROLLER_TUNING_NONE) {
        return -ENOTSUP;
    }
    enum thermostat_mode mode = thermostat_mode(thermostat);
    if (change->has_mode) {
        mode = change->mode == CONTROLLER_OFF ? THERMOSTAT_OFF : controller->active_mode;
    }
    double setpoint = change->has_setpoint ? change->setpoint : thermostat_setpoint(thermostat);
    return thermostat_set(thermostat, mode, setpoint);
}

/* One end alone that goes past the other takes it along, as a set point takes both: who sends one
 * after the other (Home Assistant: the lower one first) would be stopped by where the band was. */
static struct climate_band band_after(const struct climate_band *before,
                                      const struct controller_change *change)
{
    double width = before->high - before->low;
    struct climate_band band = *before;
    if (change->has_setpoint) {
        band = (struct climate_band){change->setpoint - width / 2, change->setpoint + width / 2};
    }
    band.low = change->has_low ? change->low : band.low;
    band.high = change->has_high ? change->high : band.high;
    if (band.low > band.high && !change->has_setpoint) {
        if (!change->has_high) {
            band.high = band.low + width;
        } else if (!change->has_low) {
            band.low = band.high - width;
        }
    }
    return band;
}

static int change_climate(struct controller_unit *controller,
                          const struct controller_change *change)
{
    const enum climate_mode modes[CONTROLLER_MODE_COUNT] = {
        [CONTROLLER_OFF] = CLIMATE_OFF,
        [CONTROLLER_AUTO] = controller->active_climate_mode,
        [CONTROLLER_HEAT] = CLIMATE_HEAT,
        [CONTROLLER_COOL] = CLIMATE_COOL,
        [CONTROLLER_HEAT_COOL] = CLIMATE_HEAT_COOL,
    };
    struct climate *climate = controller->climate;
    if (change->has_output || change->tuning != CONTROLLER_TUNING_NONE ||
        (change->has_mode && change->mode == CONTROLLER_MANUAL)) {
        return -ENOTSUP;
    }
    const struct climate_band before = climate_band(climate);
    const struct climate_band band = band_after(&before, change);
    return climate_set(climate, change->has_mode ? modes[change->mode] : climate_mode(climate),
                       &band);
}

static int tune(struct pid *pid, enum controller_tuning tuning, int64_t now_us)
{
    switch (tuning) {
    case CONTROLLER_TUNING_START:
        return pid_tune_start(pid, now_us);
    case CONTROLLER_TUNING_CANCEL:
        return pid_tune_cancel(pid);
    case CONTROLLER_TUNING_ADOPT:
        return pid_tune_adopt(pid, true);
    case CONTROLLER_TUNING_REVERT:
        return pid_tune_adopt(pid, false);
    case CONTROLLER_TUNING_NONE:
        break;
    }
    return 0;
}

static int change_pid(struct pid *pid, const struct controller_change *change, int64_t now_us)
{
    static const enum pid_mode modes[] = {
        [CONTROLLER_OFF] = PID_OFF,
        [CONTROLLER_AUTO] = PID_AUTO,
        [CONTROLLER_MANUAL] = PID_MANUAL,
    };
    if (change->has_low || change->has_high ||
        (change->has_mode && change->mode > CONTROLLER_MANUAL)) {
        return -ENOTSUP;
    }
    if (change->has_setpoint && !isfinite(change->setpoint)) {
        return -EINVAL;
    }
    /* What may be refused comes first. */
    int r = tune(pid, change->tuning, now_us);
    if (r == 0 && change->has_output) {
        r = pid_set_output(pid, change->output);
    }
    if (r == 0 && change->has_setpoint) {
        r = pid_set_setpoint(pid, change->setpoint);
    }
    if (r == 0 && change->has_mode) {
        pid_set_mode(pid, modes[change->mode]);
    }
    return r;
}

static int change_any(struct controller_unit *controller, const struct controller_change *change,
                      int64_t now_us)
{
    if (controller->thermostat != NULL) {
        return change_thermostat(controller, change);
    }
    return controller->climate != NULL ? change_climate(controller, change)
                                       : change_pid(controller->pid, change, now_us);
}

int engine_change_controller(struct engine *engine, size_t index,
                             const struct controller_change *change)
{
    int r = change_any(&engine->controllers[index], change, engine->now_us);
    if (r == 0) {
        engine_note_controller(engine, index);
        engine_evaluate_controller(engine, index);
        engine_note_record(engine, engine_item(engine, AGENDA_CONTROLLER, index), RECORD_DUE_NOW);
    }
    return r;
}

int engine_set_controller(struct engine *engine, size_t controller,
                          const struct controller_change *change, int64_t now_us)
{
    assert(controller < engine->controller_count);
    engine->now_us = now_us;
    int r = engine_change_controller(engine, controller, change);
    engine_settle(engine);
    return r;
}

/* --- telling --- */

static void tell_thermostat(const struct controller_unit *controller,
                            struct engine_controller_state *state)
{
    const struct thermostat *thermostat = controller->thermostat;
    bool calls = thermostat_state(thermostat) == THERMOSTAT_STATE_CALLING;
    bool heats = thermostat_mode(thermostat) == THERMOSTAT_HEAT;
    state->mode = thermostat_mode(thermostat) == THERMOSTAT_OFF ? CONTROLLER_OFF : CONTROLLER_AUTO;
    state->setpoint = thermostat_setpoint(thermostat);
    if (calls) {
        state->activity = heats ? CONTROLLER_HEATS : CONTROLLER_COOLS;
    } else if (thermostat_state(thermostat) == THERMOSTAT_STATE_SATISFIED) {
        state->activity = CONTROLLER_IDLE;
    }
}

static void tell_pid(const struct controller_unit *controller,
                     struct engine_controller_state *state)
{
    static const enum controller_mode modes[] = {
        [PID_OFF] = CONTROLLER_OFF, [PID_AUTO] = CONTROLLER_AUTO, [PID_MANUAL] = CONTROLLER_MANUAL};
    state->mode = modes[pid_mode(controller->pid)];
    state->setpoint = pid_setpoint(controller->pid);
    state->has_terms = true;
    state->terms = pid_terms(controller->pid);
    state->gains = pid_gains(controller->pid);
    state->tuning = pid_tune_report(controller->pid);
    state->has_pwm = controller->pwm != NULL;
    if (state->has_pwm) {
        state->switched = pwm_proposal(controller->pwm)->value;
        state->owed_s = pwm_owed_s(controller->pwm);
    }
}

/* The side that calls speaks for both; else the one that is nearer to it, which is the heating one
 * below the middle of the band. */
static enum climate_side speaking_side(const struct climate *climate, const struct value *value)
{
    static const enum climate_side sides[] = {
        [CLIMATE_HEAT] = CLIMATE_HEATER, [CLIMATE_COOL] = CLIMATE_COOLER};
    enum climate_mode mode = climate_mode(climate);
    if (mode == CLIMATE_HEAT || mode == CLIMATE_COOL) {
        return sides[mode];
    }
    const struct thermostat *cooler = climate_side(climate, CLIMATE_COOLER);
    const struct thermostat *heater = climate_side(climate, CLIMATE_HEATER);
    if (thermostat_state(heater) == THERMOSTAT_STATE_CALLING ||
        thermostat_state(cooler) == THERMOSTAT_STATE_CALLING) {
        return thermostat_state(heater) == THERMOSTAT_STATE_CALLING ? CLIMATE_HEATER
                                                                    : CLIMATE_COOLER;
    }
    struct climate_band band = climate_band(climate);
    bool warm = value->kind == VALUE_NUMBER && value->number > (band.low + band.high) / 2;
    return warm ? CLIMATE_COOLER : CLIMATE_HEATER;
}

/* Its side that speaks. */
static size_t tell_climate(const struct controller_unit *controller,
                           struct engine_controller_state *state)
{
    static const enum controller_mode modes[] = {
        [CLIMATE_OFF] = CONTROLLER_OFF,
        [CLIMATE_HEAT] = CONTROLLER_HEAT,
        [CLIMATE_COOL] = CONTROLLER_COOL,
        [CLIMATE_HEAT_COOL] = CONTROLLER_HEAT_COOL,
    };
    enum climate_side side = speaking_side(controller->climate, &state->value);
    enum thermostat_state call = thermostat_state(climate_side(controller->climate, side));
    state->mode = modes[climate_mode(controller->climate)];
    state->has_band = true;
    state->band = climate_band(controller->climate);
    state->setpoint = (state->band.low + state->band.high) / 2;
    if (call == THERMOSTAT_STATE_CALLING) {
        state->activity = side == CLIMATE_HEATER ? CONTROLLER_HEATS : CONTROLLER_COOLS;
    } else if (call == THERMOSTAT_STATE_SATISFIED) {
        state->activity = CONTROLLER_IDLE;
    }
    return side;
}

struct engine_controller_state engine_controller_state(const struct engine *engine, size_t index)
{
    const struct controller_unit *controller = &engine->controllers[index];
    const struct input *input = input_table_at(engine->inputs, controller->input);
    struct engine_controller_state state = {0};
    size_t seat = 0;
    if (input_trust(input, engine->now_us) != INPUT_LOST) {
        state.value = input->value;
    }
    if (controller->pid != NULL) {
        tell_pid(controller, &state);
    } else if (controller->thermostat != NULL) {
        tell_thermostat(controller, &state);
    } else {
        seat = tell_climate(controller, &state);
    }
    const struct proposal *proposal = controller->pid != NULL
                                          ? pid_proposal(controller->pid)
                                          : controller_proposal(controller, seat);
    state.output = proposal->value;
    state.reason = proposal->cause.reason;
    return state;
}
