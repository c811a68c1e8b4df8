/* Controllers in the engine: for engine*.c only. */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_CONTROLLERS_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_CONTROLLERS_H

#include "automation-node/engine/engine_impl.h"

void engine_evaluate_controller(struct engine *engine, size_t index);

/* What it says in that seat. */
const struct proposal *controller_proposal(const struct controller_unit *controller, size_t seat);

/* As engine_set_controller(), without settling. */
EDGE_MUST_CHECK int engine_change_controller(struct engine *engine, size_t index,
                                             const struct controller_change *change);
struct engine_controller_state engine_controller_state(const struct engine *engine, size_t index);

#endif
