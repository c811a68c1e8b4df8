/* What an interlock has to know of a device: whether it is what it shows, and stays so. */
#ifndef EDGE_AUTOMATION_ENGINE_DEVICE_PROOF_H
#define EDGE_AUTOMATION_ENGINE_DEVICE_PROOF_H

#include "automation-node/engine/device.h"

#include <stdint.h>

/* From when on it is sure that the device stays at that value, if it shows it: before, a command
 * for another one may still be done, and what it shows may be older than that. A feedback that ages
 * has to show it anew after that (DEADLINE_NONE until it does); of one that does not age, silence
 * is word enough. INT64_MIN = in any case, as without a feedback. */
int64_t device_proven_at(const struct device *device, const struct value *value);

/* Somebody else, an earlier run say, may have sent commands up to now that are not known here. */
void device_expect_strays(struct device *device, int64_t now_us);

#endif
