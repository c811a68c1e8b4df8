/* What an engine tells of a rule and of a schedule. Instants are monotonic. */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_RULE_STATE_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_RULE_STATE_H

#include "automation-node/engine/schedule.h"
#include "automation-node/input/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine_rule_state {
    bool enabled;
    uint64_t runs;
    uint64_t dropped;   /* triggers that the mode had no room for */
    uint64_t prevented; /* triggers while the condition did not hold */
    size_t active;      /* runs under way; 1 while the condition of `while` holds */
    size_t waiting;
    int64_t last_us;    /* monotonic; INT64_MIN = never ran */
    const char *reason; /* valid until the engine is called again */
};

struct engine_schedule_state {
    bool enabled;
    struct value value;          /* VALUE_NONE = it wishes nothing */
    const char *reason;          /* valid until the engine is called again */
    struct schedule_change next; /* of the value */
};

#endif
