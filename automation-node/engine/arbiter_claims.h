/* Looking at the slots of an arbiter: who asks for what, and who is above whom. */
#ifndef EDGE_AUTOMATION_ENGINE_ARBITER_CLAIMS_H
#define EDGE_AUTOMATION_ENGINE_ARBITER_CLAIMS_H

#include "automation-node/engine/arbiter.h"

/* What is in a slot now. */
struct claim {
    enum priority priority;
    const struct proposal *proposal; /* valid until the arbiter is called again */
    int64_t until_us;
};

size_t arbiter_slot_count(const struct arbiter *arbiter);
enum priority arbiter_class(const struct arbiter *arbiter, size_t slot);
/* False: the slot is empty. */
bool arbiter_claim(const struct arbiter *arbiter, size_t slot, int64_t now_us, struct claim *ret);

/* When the longest time on is over, as of the last decision; DEADLINE_NONE = never. */
int64_t arbiter_max_on_ends(const struct arbiter *arbiter);

#endif
