/* Alarms among the parts of the engine: for engine*.c only. */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_ALARMS_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_ALARMS_H

#include "automation-node/engine/engine_calls.h"
#include "automation-node/engine/script.h"

/* 0, -ENOENT (a device that is none), -EEXIST, -EINVAL, -ENAMETOOLONG. */
EDGE_MUST_CHECK int engine_make_alarm(struct engine *engine, const struct engine_options *options,
                                      size_t index, int64_t now_us);

/* A step of a rule raises or clears one. */
void engine_step_alarm(struct engine *engine, size_t event, const struct step *step,
                       const struct cause *cause);

/* That rule is disabled: what it has raised is over. */
void engine_clear_alarms_of(struct engine *engine, size_t event);
/* The same of rules that are configured otherwise since, or gone: after a restore. */
void engine_clear_orphaned_alarms(struct engine *engine);

/* A device obeys, or does not. */
void engine_watch_device(struct engine *engine, size_t unit);

/* The shelving may be over; puts the alarm on the agenda. */
void engine_alarm_is_due(struct engine *engine, size_t alarm);
void engine_alarms_are_due(struct engine *engine);

void engine_archive_alarm(struct engine *engine, size_t alarm, struct archive *a);

/* Transitions in their order; false if there is none. */
EDGE_MUST_CHECK bool engine_take_alarm_event(struct engine *engine, struct engine_output *ret);

#endif
