/* Finds a time zone on this machine. */
#ifndef EDGE_AUTOMATION_NODE_APP_TIME_ZONE_H
#define EDGE_AUTOMATION_NODE_APP_TIME_ZONE_H

#include "automation-node/calendar/zone.h"
#include "common/attributes.h"

/* `name`: "Europe/Berlin", a rule of the TZ variable, or NULL for the machine's own zone (UTC where
 * it has none). 0, -ENOENT (no such zone), -EINVAL (a damaged file), -ENOMEM or another -errno. */
EDGE_MUST_CHECK int time_zone_load(const char *name, struct zone **ret);

#endif
