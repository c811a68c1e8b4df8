/* What becomes of a command that could not leave. It is not kept, since it would be outdated when
 * it could: what is wanted then is told. */
#ifndef EDGE_AUTOMATION_ENGINE_DEVICE_DELIVERY_H
#define EDGE_AUTOMATION_ENGINE_DEVICE_DELIVERY_H

#include "automation-node/engine/device.h"
#include "common/attributes.h"

/* The command that was taken last could not leave: without a connection, say. Where a feedback
 * shows that, the command is repeated anyway. */
void device_note_undelivered(struct device *device);

/* Now one could: the target is commanded, if the last command did not leave and none was sent
 * since. True if so. */
EDGE_MUST_CHECK bool device_tell_again(struct device *device, int64_t now_us);

#endif
