/*
 * What an engine is built from: plain structs that refer to each other by id. Everything is copied.
 */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_OPTIONS_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_OPTIONS_H

#include "automation-node/engine/climate.h"
#include "automation-node/engine/device.h"
#include "automation-node/engine/engine_alarm.h"
#include "automation-node/engine/engine_snapshot.h"
#include "automation-node/engine/event_rule.h"
#include "automation-node/engine/level_rule.h"
#include "automation-node/engine/pid.h"
#include "automation-node/engine/pwm.h"
#include "automation-node/engine/schedule.h"
#include "automation-node/engine/thermostat.h"
#include "automation-node/input/derived.h"
#include "automation-node/input/input.h"

#include <stddef.h>
#include <stdint.h>

/* What that input shows is computed from others; sources that are derived themselves come before
 * it. */
struct engine_derived {
    size_t input; /* index */
    struct derived_options derived;
};

struct engine_thermostat {
    struct thermostat_options thermostat;
    const char *input;
    const char *device;
};

struct engine_pid {
    struct pid_options pid;
    const struct pwm_options *pwm; /* NULL = the device takes numbers */
    const char *input;
    const char *device; /* takes numbers from the pid's `min` to its `max`, or the pwm's values */
};

/* The devices are in the same interlock. */
struct engine_climate {
    struct climate_options climate;
    const char *input;
    const char *devices[CLIMATE_SIDES];
};

/* The inputs of its condition are indices into the options' inputs. */
struct engine_rule {
    struct level_rule_options rule;
    const char *device;
};

/* Speaks for a device, or gives a controller its set points, which are numbers in the unit of its
 * input; without a wish that keeps the last one. */
struct engine_schedule {
    struct schedule_options schedule;
    const char *device;     /* NULL = a controller */
    const char *controller; /* id of one, whichever kind; NULL = a device */
};

struct engine_device {
    struct device_options device; /* `has_feedback` is set by the engine */
    const char *feedback;         /* the input that shows what it does; NULL = none */
    struct value off;             /* what counts as off */
    struct value rest;            /* when nobody asks; VALUE_NONE = stays as it is */
    int64_t min_on_us;
    int64_t min_off_us;
    int64_t max_on_us; /* 0 = none */
    int64_t pause_us;  /* after it; > 0 with a maximum */
    int64_t min_change_us;
    const char *const *required; /* inputs without which the fail-safe value applies */
    size_t required_count;
    struct value fail_safe; /* VALUE_NONE only when nothing is required */
    int64_t manual_for_us;  /* of a wish that names no time; 0 = until it is released */
    int64_t manual_max_us;  /* a wish for longer is refused; 0 = no limit */
};

/* Steps raise and clear it, or it is active while a device does not obey. */
struct engine_alarm {
    const char *id;
    struct alarm_options alarm;
    int priority;       /* as long as no step says another */
    const char *device; /* NULL = steps */
};

/* Of these devices at most one is on. A device is in one group at most, and its fail-safe value is
 * the one that counts as off. */
struct engine_interlock {
    const char *id;
    const size_t *devices; /* indices; two or more */
    size_t device_count;
    int64_t dead_time_us;
};

/* What else defines things, beyond what the engine is told of them, as a hash each: where an input
 * comes from, how a device is reached, what a message says. NULL = nothing. */
struct engine_origins {
    const uint64_t *inputs;
    const uint64_t *devices;
    const uint64_t *messages;
};

/* Steps name devices and alarms by their index. Whatever is added here belongs to a definition,
 * too: see engine_definition.c. */
struct engine_options {
    const struct calendar *calendar; /* borrowed; may be NULL where no condition asks the time */
    const struct input_options *inputs;
    size_t input_count;
    const bool *stale_open; /* by input: see engine_stale.h; NULL = of none */
    const struct engine_derived *derived;
    size_t derived_count;
    const struct engine_thermostat *thermostats;
    size_t thermostat_count;
    const struct engine_pid *pids;
    size_t pid_count;
    const struct engine_climate *climates;
    size_t climate_count;
    const struct engine_rule *rules;
    size_t rule_count;
    const struct event_rule_options *events;
    size_t event_count;
    size_t message_count; /* what steps may publish */
    const struct engine_alarm *alarms;
    size_t alarm_count;
    const struct engine_schedule *schedules;
    size_t schedule_count;
    const struct engine_device *devices;
    size_t device_count;
    const struct engine_interlock *interlocks;
    size_t interlock_count;
    struct engine_origins origins;
    const struct engine_memory *memory; /* see engine_snapshot.h; NULL = none */
};

#endif
