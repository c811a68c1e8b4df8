/*
 * Gives the store what the engine remembers: at once what would be missed after a stop, numbers
 * that move all the time once a minute, and every few seconds that the node still runs.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_ENGINE_KEEPER_H
#define EDGE_AUTOMATION_NODE_APP_ENGINE_KEEPER_H

#include "automation-node/app/device_record.h"
#include "automation-node/app/node_plan.h"
#include "automation-node/app/remembered.h"
#include "automation-node/engine/engine.h"
#include "common/attributes.h"
#include "common/loop.h"

#include <stdbool.h>

struct engine_keeper;

/* All is borrowed. `remembered` is what the engine was made from: what of it is about nothing any
 * more is deleted. */
EDGE_MUST_CHECK int engine_keeper_new(struct loop *loop, const struct node_plan *plan,
                                      struct engine *engine, const struct remembered *remembered,
                                      struct engine_keeper **ret);
void engine_keeper_free(struct engine_keeper *keeper);

/* From here on it says that the node runs. */
void engine_keeper_start(struct engine_keeper *keeper, struct device_record *record);

/* What else is told of each record, but those of inputs, that goes to the store. */
void engine_keeper_tap(struct engine_keeper *keeper,
                       void (*record)(void *context, const struct engine_record *record),
                       void *context);
/* It is told of all of them now. */
void engine_keeper_tap_all(struct engine_keeper *keeper);

/* The engine was called. */
void engine_keeper_look(struct engine_keeper *keeper);

/* The engine's clock was set. */
void engine_keeper_note_clock(struct engine_keeper *keeper);

/* For device_log_options; the context is the keeper. */
void engine_keeper_collect(void *context, struct record_batch *records, bool final);

#endif
