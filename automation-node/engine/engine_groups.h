/* Interlocks in the engine: for engine*.c only. */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_GROUPS_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_GROUPS_H

#include "automation-node/engine/engine_calls.h"

EDGE_MUST_CHECK int engine_make_group(struct engine *engine, const struct engine_options *options,
                                      size_t index);
void engine_free_groups(struct engine *engine);

/* After a stop or a reload who may be on is not forbidden to be, not even until the first step. */
void engine_resume_groups(struct engine *engine);

/* Lets the groups whose members have changed say who may be on; true if a device has to be decided
 * anew. */
bool engine_step_groups(struct engine *engine);

#endif
