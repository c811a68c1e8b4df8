/* What an engine learns of its inputs while it runs. */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_STALE_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_STALE_H

#include <stddef.h>
#include <stdint.h>

struct engine;

/* How long an input whose options leave that open (`stale_open`) may be without a reading; 0 = it
 * does not age. Remembered as any other state. */
void engine_set_stale_after(struct engine *engine, size_t input, int64_t span_us, int64_t now_us);

#endif
