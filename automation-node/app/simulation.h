/*
 * What the rules would have done: an engine in virtual time, told what was recorded. Devices obey
 * after a moment, whatever was recorded of them; nothing that they do changes what was recorded.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_SIMULATION_H
#define EDGE_AUTOMATION_NODE_APP_SIMULATION_H

#include "automation-node/app/node_plan.h"
#include "automation-node/engine/engine.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

/* A decision that was taken; valid during the call only. */
struct simulated_decision {
    int64_t ts_us; /* wall clock, as recorded */
    size_t device;
    const struct device_state *state;
    const char *losers; /* "rule:vent wants 40"; "" = nobody wanted anything else */
};

struct simulation_options {
    const struct node_plan *plan; /* borrowed */
    int64_t obey_us;              /* how long a device takes */
    /* A device is told something else, or by somebody else. */
    void (*decided)(void *context, const struct simulated_decision *decision);
    void *context;
};

/* Times are of the recording. */
struct simulated_device {
    uint64_t switches; /* to another value than before */
    uint64_t starts;   /* from off to on */
    int64_t on_us;
    int64_t longest_on_us;
    int64_t failed_safe_us; /* its fail-safe value applied */
};

struct simulated_input {
    uint64_t readings;
    int64_t lost_us;    /* it was stale, or never seen */
    int64_t outside_us; /* beyond its limits, as far as is known */
    bool has_range;     /* min and max of good numbers are known */
    double min;
    double max;
};

struct simulated_alarm {
    uint64_t raised;
    int64_t active_us;
    int64_t longest_us;
    bool is_active; /* at the end */
};

struct simulation;

/* 0 or -errno as engine_new(). */
EDGE_MUST_CHECK int simulation_new(const struct simulation_options *options,
                                   struct simulation **ret);
void simulation_free(struct simulation *simulation);

/* Before the first reading; in the unit of the input. */
void simulation_set_limits(struct simulation *simulation, size_t input, double low, double high);

/* The time of the first reading is the start. One that is older than the one before comes at the
 * time of that. */
void simulation_reading(struct simulation *simulation, size_t input, const struct reading *reading);

/* Time passes up to there without a reading. */
void simulation_wait_until(struct simulation *simulation, int64_t ts_us);

int64_t simulation_span_us(const struct simulation *simulation);
struct simulated_device simulation_device(const struct simulation *simulation, size_t device);
struct simulated_input simulation_input(const struct simulation *simulation, size_t input);
/* As the engine counts them, those of devices too. */
struct simulated_alarm simulation_alarm(const struct simulation *simulation, size_t alarm);
uint64_t simulation_rule_runs(const struct simulation *simulation, size_t rule);
uint64_t simulation_messages(const struct simulation *simulation);

#endif
