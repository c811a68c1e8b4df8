/* What a device remembers over a stop, and how far that may be trusted afterwards. */
#ifndef EDGE_AUTOMATION_ENGINE_DEVICE_ARCHIVE_H
#define EDGE_AUTOMATION_ENGINE_DEVICE_ARCHIVE_H

#include "automation-node/engine/device.h"
#include "automation-node/state/archive.h"

/* See archive.h. Take the outputs first: they are not kept. */
void device_archive(struct device *device, struct archive *a);

/* After device_archive() has loaded it: there was a stop. Its feedback is not known until it is
 * seen again; a command that was under way may still be confirmed, and is
 * repeated if it is not: as the device's own, since the wish that it came from was carried out. */
void device_doubt(struct device *device, int64_t now_us);

/* What it is to be was never said: it will be told. */
void device_forget(struct device *device);

bool device_has_feedback(const struct device *device);

enum device_phase device_phase(const struct device *device);

#endif
