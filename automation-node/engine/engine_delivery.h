/* Commands that could not leave: see device_delivery.h. */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_DELIVERY_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_DELIVERY_H

#include "automation-node/engine/engine.h"

/* The command for that device that engine_take() gave last could not leave. */
void engine_note_undelivered(struct engine *engine, size_t device);

/* Commands can leave again: those devices are told what is wanted of them now. */
void engine_tell_again(struct engine *engine, int64_t now_us);

#endif
