/*
 * The engine of the automation node: readings, wishes and the time go in, commands and device
 * states come out, and nothing else happens. It reads no clock and does no I/O, so the same engine
 * runs live, in tests with virtual time, and over recorded days.
 *
 * `now_us` is monotonic and never goes back. Indices are those of the arrays of the options. After
 * each call, take the outputs until there are none. Nothing is allocated after engine_new().
 *
 * Outputs wait per device, one command and one state at most: a newer one replaces an older one
 * that was not taken, so nothing can overflow and nobody acts on an outdated decision.
 */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_H

#include "automation-node/engine/controller_state.h"
#include "automation-node/engine/device.h"
#include "automation-node/engine/domain.h"
#include "automation-node/engine/engine_options.h"
#include "automation-node/engine/engine_rule_state.h"
#include "automation-node/input/input.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine;

/* What a person asks of a device; it overrides controllers and rules for a time. */
struct wish {
    struct value value;      /* VALUE_NONE = gives the device back to them */
    int64_t for_us;          /* 0 = the device's default; negative is refused */
    const char *transaction; /* echoed in the command; NULL = none */
};

enum engine_output_kind {
    ENGINE_COMMAND,    /* to be sent to the device */
    ENGINE_STATE,      /* of a device, to be published */
    ENGINE_RULE_STATE, /* to be published */
    ENGINE_RULE_TRACE, /* a run is over */
    ENGINE_SCHEDULE_STATE,
    ENGINE_CONTROLLER_STATE,
    ENGINE_ALARM_STATE,
    ENGINE_ALARM_EVENT, /* a transition */
    ENGINE_MESSAGE      /* a step wants that message to be published */
};

struct engine_output {
    enum engine_output_kind kind;
    size_t device; /* command, state */
    size_t rule;   /* rule state, trace; as in engine_enable_rule() */
    size_t schedule;
    size_t controller; /* thermostats, then PID controllers, then climates */
    size_t alarm;
    union {
        struct device_command command;
        struct device_state state;
        struct engine_rule_state rule_state;
        struct engine_schedule_state schedule_state;
        struct engine_controller_state controller_state;
        struct engine_alarm_state alarm_state;
        struct engine_alarm_event alarm_event; /* its texts are valid that long, too */
        struct run_report trace;               /* valid until the engine is called again */
        size_t message;
    };
};

/* Every input is unseen at first, so fail-safe values apply at once: there are outputs already.
 * -EINVAL (values outside a device's domain, bad numbers), -ENOENT (an id that names nothing),
 * -EEXIST (two equal ids of inputs or of devices), -ENAMETOOLONG, -ENOMEM. */
EDGE_MUST_CHECK int engine_new(const struct engine_options *options, int64_t now_us,
                               struct engine **ret);
void engine_free(struct engine *engine);

/* A reading of one input. Evaluates only what depends on it. */
void engine_input(struct engine *engine, size_t input, const struct reading *reading,
                  int64_t now_us);

/* REFUSAL_NONE, or why it is refused; each is counted. */
EDGE_MUST_CHECK enum refusal engine_wish(struct engine *engine, size_t device,
                                         const struct wish *wish, int64_t now_us);

/* `controller`: the index of a thermostat, or their number plus the index of a PID controller, or
 * both numbers plus the index of a climate. Nothing is changed when it is refused: -EINVAL (a
 * number that is not finite, an output beyond the limits, a band upside down), -ENOTSUP (it has no
 * such mode, band, output or auto-tuning; instead of a thermostat's manual mode there are wishes
 * for its device), or what pid_tune_start() and pid_tune_adopt() say. */
EDGE_MUST_CHECK int engine_set_controller(struct engine *engine, size_t controller,
                                          const struct controller_change *change, int64_t now_us);

/* `rule`: the index of a rule, or the number of these plus the index of a rule of events. Disabled,
 * it takes back what it wishes. */
void engine_enable_rule(struct engine *engine, size_t rule, bool enabled, int64_t now_us);
void engine_enable_schedule(struct engine *engine, size_t schedule, bool enabled, int64_t now_us);

/* A rule of events shall run, because of `trigger`, or, with NULL, because a person asks for it,
 * whatever its condition. -EPERM if it is disabled, -ENOTSUP for another rule. */
EDGE_MUST_CHECK int engine_run_rule(struct engine *engine, size_t rule, const char *trigger,
                                    int64_t now_us);

/* What the wall clock shows, in microseconds since the Unix epoch; EXPRESSION_NO_CLOCK as long as
 * it is not to be trusted, which is so at first. To be told again whenever it jumps; what asks for
 * the time of day is evaluated again. */
void engine_set_clock(struct engine *engine, int64_t wall_us, int64_t now_us);

/* Does what time alone makes due. */
void engine_tick(struct engine *engine, int64_t now_us);

/* The first instant at which engine_tick() has something to do; DEADLINE_NONE if none. */
int64_t engine_next_deadline(const struct engine *engine);

/* The next output; false when there is none. A device's command comes before its state. */
EDGE_MUST_CHECK bool engine_take(struct engine *engine, struct engine_output *ret);

#endif
