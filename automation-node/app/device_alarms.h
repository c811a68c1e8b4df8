/*
 * The alarm of each device, `alarms/device-<id>`: active while the device does not obey, though it
 * was told again and again. Its state (retained) is told when it is first known and when it
 * changes, each change as an event, too.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_DEVICE_ALARMS_H
#define EDGE_AUTOMATION_NODE_APP_DEVICE_ALARMS_H

#include "automation-node/app/node_plan.h"
#include "automation-node/engine/device.h"
#include "common/attributes.h"
#include "common/loop.h"
#include "common/lvq.h"

struct device_alarms;

/* Adds the topics to the queue. 0, -EINVAL or -ENOMEM. All is borrowed. */
EDGE_MUST_CHECK int device_alarms_new(struct loop *loop, struct lvq *queue,
                                      const struct node_plan *plan, struct device_alarms **ret);
void device_alarms_free(struct device_alarms *alarms);

/* A device has a new state. */
void device_alarms_note(struct device_alarms *alarms, size_t device,
                        const struct device_state *state);

#endif
