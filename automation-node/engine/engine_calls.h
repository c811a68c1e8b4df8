/* What the parts of the engine ask of each other, for engine*.c only. */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_CALLS_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_CALLS_H

#include "automation-node/engine/engine_impl.h"

/* --- engine_link.c --- */

/* Finds out who depends on which input. 0, -ENOENT (an index or id that names none) or -ENOMEM. */
EDGE_MUST_CHECK int engine_link_inputs(struct engine *engine, const struct engine_options *options);

/* --- engine.c --- */

/* What conditions see now. `changed`: the input whose value has just become another, or
 * EXPRESSION_NO_INPUT. */
struct expression_view engine_view(const struct engine *engine, size_t changed);

/* The device is decided anew when the call ends. */
void engine_mark_unsettled(struct engine *engine, size_t unit);
void engine_settle(struct engine *engine);

/* Evaluates everything once, as if every input had just been lost. */
void engine_start(struct engine *engine, int64_t now_us);

/* Somebody proposes something, or nothing any more. */
void engine_vote(struct engine *engine, const struct seat *seat, const struct proposal *proposal,
                 int64_t until_us);
void engine_enable_level_rule(struct engine *engine, size_t rule, bool enabled);

#endif
