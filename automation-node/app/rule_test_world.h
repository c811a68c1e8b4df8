/* The world of a rule test: an engine in virtual time, whose devices obey and whose inputs go on
 * showing what they showed. A part of rule_test.h. */
#ifndef EDGE_AUTOMATION_NODE_APP_RULE_TEST_WORLD_H
#define EDGE_AUTOMATION_NODE_APP_RULE_TEST_WORLD_H

#include "automation-node/app/node_plan.h"
#include "automation-node/engine/engine.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

struct world_input {
    struct reading reading; /* what it shows; VALUE_NONE with quality good = it is silent */
    int64_t repeat_us;      /* when it shows that again; DEADLINE_NONE = never */
};

struct world_device {
    bool stuck;                /* does not obey */
    struct device_state state; /* as published last */
};

struct world {
    const struct node_plan *plan;
    struct engine *engine;
    int64_t now_us;
    int64_t wall_offset_us; /* wall minus now, once the clock is set */
    bool clock_is_set;
    struct world_input *inputs; /* by input of the engine, feedbacks too */
    struct world_device *devices;
    struct engine_rule_state *rules; /* by rule of the engine, as told last */
    enum alarm_status *alarms;       /* by alarm, as told last */
    size_t *messages;                /* how often each was published since it was asked for */
};

/* 0 or -errno. The plan is borrowed. */
EDGE_MUST_CHECK int world_init(struct world *world, const struct node_plan *plan);
void world_deinit(struct world *world);

/* Time passes, and all that becomes due happens. */
void world_wait_until(struct world *world, int64_t until_us);
void world_set_clock(struct world *world, int64_t wall_us);

/* An input shows something, and goes on doing so; or nothing any more, with VALUE_NONE. */
void world_show(struct world *world, size_t input, const struct reading *reading);

/* What the engine has decided happens: after each call into it. */
void world_carry_out(struct world *world);

#endif
