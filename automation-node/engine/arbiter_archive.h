/* What an arbiter remembers over a stop. */
#ifndef EDGE_AUTOMATION_ENGINE_ARBITER_ARCHIVE_H
#define EDGE_AUTOMATION_ENGINE_ARBITER_ARCHIVE_H

#include "automation-node/engine/arbiter.h"
#include "automation-node/state/archive.h"

/* See archive.h: what was decided last, and the clocks of the minimum and maximum times. */
void arbiter_archive(struct arbiter *arbiter, struct archive *a);

/* What a slot holds; a value that the device does not take is not loaded. */
void arbiter_archive_slot(struct arbiter *arbiter, size_t slot, struct archive *a);

/* After both, and after everybody else has offered again: the best slot counts as the winner of the
 * decision that was loaded. */
void arbiter_resume(struct arbiter *arbiter, int64_t now_us);

#endif
