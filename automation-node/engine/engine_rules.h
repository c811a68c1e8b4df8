/* Rules of events and schedules in the engine, and what all rules tell: for engine*.c only. */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_RULES_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_RULES_H

#include "automation-node/engine/engine_calls.h"

/* A rule, counted as in engine_enable_rule(), or a schedule, counted after these, or a controller,
 * counted after those, or an alarm, counted last, has something to tell. */
void engine_note_news(struct engine *engine, size_t item);
void engine_note_controller(struct engine *engine, size_t controller);
void engine_note_alarm(struct engine *engine, size_t alarm);
void engine_note_all_news(struct engine *engine);

void engine_evaluate_event(struct engine *engine, size_t index, size_t changed, bool start);
void engine_set_clock_of_event(struct engine *engine, size_t index);
void engine_evaluate_schedule(struct engine *engine, size_t index);

/* What rules have to tell; false if nothing. */
bool engine_take_from_rules(struct engine *engine, struct engine_output *ret);

#endif
