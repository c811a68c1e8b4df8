/*
 * Why a device does what it does, what would change that, and what a rule would do. All of it looks
 * only: nothing in the engine changes. It allocates while it looks; instants are monotonic.
 */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_EXPLAIN_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_EXPLAIN_H

#include "automation-node/engine/arbiter_claims.h"
#include "automation-node/engine/device_inspect.h"
#include "automation-node/engine/engine.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENGINE_CHANGE_SIZE 512

struct device_state engine_device_state(const struct engine *engine, size_t device);
struct device_round engine_device_round(const struct engine *engine, size_t device);

/* Who may speak for a device, from the highest class to the lowest: places from 0 on. */
size_t engine_claim_count(const struct engine *engine, size_t device);
/* False: whoever has that place asks for nothing now. */
bool engine_claim_at(const struct engine *engine, size_t device, size_t place, struct claim *ret);

/* The inputs that count: those of the winner, then those without which the device falls back. Each
 * once, `max` at most; returns how many. */
size_t engine_counting_inputs(const struct engine *engine, size_t device, size_t *inputs,
                              size_t max);

/* Something that would change what the device does. */
struct engine_change {
    char what[ENGINE_CHANGE_SIZE]; /* "temperature <= 24 °C (now 26.1 °C): then OFF" */
    int64_t at_us;                 /* DEADLINE_NONE: nobody knows when */
};

/* `max` at most; returns how many, or -ENOMEM. */
int engine_changes(const struct engine *engine, size_t device, struct engine_change *changes,
                   size_t max);

/* What a rule is about now, or why it is about nothing: "it holds: ...", "it is disabled". `rule`
 * as in engine_enable_rule(). 0 or -ENOMEM. */
EDGE_MUST_CHECK int engine_rule_account(const struct engine *engine, size_t rule, char *text,
                                        size_t size);

/* The newest run of a rule of events, NULL if there was none; valid until the engine is called. */
const struct run *engine_newest_run(const struct engine *engine, size_t rule,
                                    enum run_result *ret_result);

struct engine_dry_run {
    bool enabled;
    enum truth holds;             /* its condition */
    bool runs;                    /* were it triggered now; of `while`: it is in force */
    char why[ENGINE_CHANGE_SIZE]; /* the condition, with what it reads */
    struct value value;           /* of `while`: what it asks of its device; VALUE_NONE = nothing */
    /* Of events: the steps up to where it would wait, or its end. */
    struct step_record trace[SCRIPT_TRACE_MAX];
    size_t traced; /* may exceed SCRIPT_TRACE_MAX */
    enum run_result result;
};

/* 0 or -ENOMEM. */
EDGE_MUST_CHECK int engine_dry_run(const struct engine *engine, size_t rule,
                                   struct engine_dry_run *ret);

/* Whether a rule would have its way with a device now; else who is above, or there before. */
bool engine_rule_would_win(const struct engine *engine, size_t rule, size_t device,
                           struct claim *ret_above);

#endif
