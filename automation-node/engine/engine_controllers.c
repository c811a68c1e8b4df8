/* Controllers as a person sees them: how they are operated, and what they tell. */
#include "automation-node/engine/engine_book.h"
#include "automation-node/engine/engine_rules.h"

#include <assert.h>
#include <errno.h>
#include <math.h>

static int change_thermostat(struct controller_unit *controller,
                             const struct controller_change *change)
{
    struct thermostat *thermostat = controller->thermostat;
    if (change->has_output || (change->has_mode && change->mode == CONTROLLER_MANUAL)) {
        return -ENOTSUP;
    }
    enum thermostat_mode mode = thermostat_mode(thermostat);
    if (change->has_mode) {
        mode = change->mode == CONTROLLER_OFF ? THERMOSTAT_OFF : controller->active_mode;
    }
    double setpoint = change->has_setpoint ? change->setpoint : thermostat_setpoint(thermostat);
    return thermostat_set(thermostat, mode, setpoint);
}

static int change_pid(struct pid *pid, const struct controller_change *change)
{
    static const enum pid_mode modes[] = {
        [CONTROLLER_OFF] = PID_OFF,
        [CONTROLLER_AUTO] = PID_AUTO,
        [CONTROLLER_MANUAL] = PID_MANUAL,
    };
    if (change->has_setpoint && !isfinite(change->setpoint)) {
        return -EINVAL;
    }
    int r = change->has_output ? pid_set_output(pid, change->output) : 0;
    if (r == 0 && change->has_setpoint) {
        r = pid_set_setpoint(pid, change->setpoint);
    }
    if (r == 0 && change->has_mode) {
        pid_set_mode(pid, modes[change->mode]);
    }
    return r;
}

int engine_change_controller(struct engine *engine, size_t index,
                             const struct controller_change *change)
{
    struct controller_unit *controller = &engine->controllers[index];
    int r = controller->pid != NULL ? change_pid(controller->pid, change)
                                    : change_thermostat(controller, change);
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

struct engine_controller_state engine_controller_state(const struct engine *engine, size_t index)
{
    static const enum controller_mode modes[] = {
        [PID_OFF] = CONTROLLER_OFF, [PID_AUTO] = CONTROLLER_AUTO, [PID_MANUAL] = CONTROLLER_MANUAL};
    const struct controller_unit *controller = &engine->controllers[index];
    const struct input *input = input_table_at(engine->inputs, controller->input);
    struct engine_controller_state state = {.has_terms = controller->pid != NULL};
    const struct proposal *proposal;
    if (controller->pid != NULL) {
        state.mode = modes[pid_mode(controller->pid)];
        state.setpoint = pid_setpoint(controller->pid);
        state.terms = pid_terms(controller->pid);
        proposal = pid_proposal(controller->pid);
    } else {
        bool off = thermostat_mode(controller->thermostat) == THERMOSTAT_OFF;
        state.mode = off ? CONTROLLER_OFF : CONTROLLER_AUTO;
        state.setpoint = thermostat_setpoint(controller->thermostat);
        proposal = thermostat_proposal(controller->thermostat);
    }
    if (input_trust(input, engine->now_us) != INPUT_LOST) {
        state.value = input->value;
    }
    state.output = proposal->value;
    state.reason = proposal->cause.reason;
    return state;
}
