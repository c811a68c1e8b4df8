#include "automation-node/engine/engine_inspect.h"

#include "automation-node/engine/device_archive.h"
#include "automation-node/engine/engine_impl.h"

#include <assert.h>

struct engine_stats engine_stats(const struct engine *engine)
{
    struct engine_stats stats = engine->stats;
    for (size_t i = 0; i < engine->unit_count; i++) {
        struct device_stats device = device_stats(engine->units[i].device);
        stats.sent += device.sent;
        stats.confirmed += device.confirmed;
        stats.assumed += device.assumed;
        stats.timed_out += device.timed_out;
        stats.superseded += device.superseded;
        stats.pending += device.pending;
    }
    for (size_t i = 0; i < engine->event_count; i++) {
        struct event_rule_stats event = event_rule_stats(engine->events[i]);
        stats.runs += event.runs;
        stats.dropped += event.dropped;
        stats.prevented += event.prevented;
    }
    for (size_t i = 0; i < engine->alarm_count; i++) {
        stats.alarms_active += engine->alarms[i].state.active ? 1 : 0;
        stats.alarms_unacked += engine->alarms[i].state.unacked ? 1 : 0;
    }
    return stats;
}

const struct decision *engine_decision(const struct engine *engine, size_t device)
{
    assert(device < engine->unit_count);
    return arbiter_decision(engine->units[device].arbiter);
}

size_t engine_losers(const struct engine *engine, size_t device, char *text, size_t size)
{
    assert(device < engine->unit_count);
    return arbiter_losers(engine->units[device].arbiter, engine->now_us, text, size);
}

enum device_phase engine_device_phase(const struct engine *engine, size_t device)
{
    assert(device < engine->unit_count);
    return device_phase(engine->units[device].device);
}

const struct input *engine_input_at(const struct engine *engine, size_t input)
{
    return input_table_at(engine->inputs, input);
}

const struct thermostat *engine_thermostat_at(const struct engine *engine, size_t thermostat)
{
    assert(thermostat < engine->controller_count);
    return engine->controllers[thermostat].thermostat;
}

const struct level_rule *engine_rule_at(const struct engine *engine, size_t rule)
{
    assert(rule < engine->rule_count);
    return engine->rules[rule].rule;
}

const struct event_rule *engine_event_at(const struct engine *engine, size_t event)
{
    assert(event < engine->event_count);
    return engine->events[event];
}

struct pid_terms engine_controller_terms(const struct engine *engine, size_t controller)
{
    assert(controller < engine->controller_count && engine->controllers[controller].pid != NULL);
    return pid_terms(engine->controllers[controller].pid);
}
