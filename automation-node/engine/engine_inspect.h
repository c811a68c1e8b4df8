/* Looking into an engine without changing it: counters, and who lost and why. */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_INSPECT_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_INSPECT_H

#include "automation-node/engine/engine.h"

#include <stddef.h>
#include <stdint.h>

/*
 * These hold after every call:
 *   wishes = accepted + sum of refused[]         refused[REFUSAL_NONE] is always 0
 *   sent = confirmed + assumed + timed_out + superseded + pending
 * A repeated command is sent again, and has its own end.
 */
struct engine_stats {
    uint64_t readings;
    uint64_t evaluations; /* of thermostats and rules */
    uint64_t wishes;
    uint64_t accepted;
    uint64_t refused[REFUSAL_COUNT];
    uint64_t sent;
    uint64_t confirmed;
    uint64_t assumed;
    uint64_t timed_out;
    uint64_t superseded;
    uint64_t pending; /* now */
    uint64_t runs;    /* of rules of events */
    uint64_t dropped;
    uint64_t prevented;
    uint64_t messages_lost; /* there was no room for what a step wanted to publish */
    uint64_t alarms_raised;
    uint64_t alarms_active;     /* now */
    uint64_t alarms_unacked;    /* now, hidden ones included */
    uint64_t alarm_events_lost; /* there was no room to tell of a transition */
};

struct engine_stats engine_stats(const struct engine *engine);

/* The decision in force for a device; valid until the next call that changes the engine. */
const struct decision *engine_decision(const struct engine *engine, size_t device);

/* Who lost it, see arbiter_losers(). */
size_t engine_losers(const struct engine *engine, size_t device, char *text, size_t size);

enum device_phase engine_device_phase(const struct engine *engine, size_t device);
const struct input *engine_input_at(const struct engine *engine, size_t input);
const struct thermostat *engine_thermostat_at(const struct engine *engine, size_t thermostat);
/* What ENGINE_RULE_STATE tells; `rule` as in engine_enable_rule(). */
struct engine_rule_state engine_rule_state(const struct engine *engine, size_t rule);

const struct level_rule *engine_rule_at(const struct engine *engine, size_t rule);
/* Of a PID controller, counted as in engine_set_controller(). */
struct pid_terms engine_controller_terms(const struct engine *engine, size_t controller);
const struct event_rule *engine_event_at(const struct engine *engine, size_t event);

#endif
