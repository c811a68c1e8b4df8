/* Commands on their way out: before all else that engine_take() gives, and again when they could
 * not leave (device_delivery.h). */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_DELIVERY_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_DELIVERY_H

#include "automation-node/engine/engine.h"

/* The next command, as engine_take() would give it, ahead of every state; false when there is none.
 * The rest is to be taken before the engine is called again. */
EDGE_MUST_CHECK bool engine_take_command(struct engine *engine, size_t *ret_device,
                                         struct device_command *ret);

/* The command for that device that was taken last could not leave. */
void engine_note_undelivered(struct engine *engine, size_t device);

/* Commands can leave again: those devices are told what is wanted of them now. */
void engine_tell_again(struct engine *engine, int64_t now_us);

#endif
