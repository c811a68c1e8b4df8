/* Making controllers, and what that has in common with making rules: for engine*.c only. */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_NEW_CONTROLLERS_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_NEW_CONTROLLERS_H

#include "automation-node/engine/engine_impl.h"
#include "automation-node/engine/engine_options.h"

/* Finds the device, and takes its next slot. 0 or -ENOENT. */
EDGE_MUST_CHECK int engine_take_seat(struct engine *engine, const struct engine_options *options,
                                     const char *device, struct seat *ret);
EDGE_MUST_CHECK int engine_find_device(const struct engine_options *options, const char *id,
                                       size_t *ret_index);
EDGE_MUST_CHECK int engine_find_controller(const struct engine_options *options, const char *id,
                                           size_t *ret_index);

/* Whether the device takes that value. */
bool engine_seat_takes(const struct engine_options *options, const struct seat *seat,
                       const struct value *value);

/* All of them: 0 or as engine_new(). */
EDGE_MUST_CHECK int engine_new_controllers(struct engine *engine,
                                           const struct engine_options *options);
void engine_free_controllers(struct engine *engine);

/* Once the interlocks are made: -EINVAL where one lets both devices of a climate be on. */
EDGE_MUST_CHECK int engine_check_climates(const struct engine *engine);

#endif
