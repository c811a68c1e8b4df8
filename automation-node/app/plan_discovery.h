/* A step of making a plan, see plan_steps.h: whether devices can be for Home Assistant what the
 * configuration wants. */
#ifndef EDGE_AUTOMATION_NODE_APP_PLAN_DISCOVERY_H
#define EDGE_AUTOMATION_NODE_APP_PLAN_DISCOVERY_H

#include "automation-node/app/planner.h"

/* Always 0; what is wrong is in the diagnostics. */
int planner_discovery(struct planner *p);

#endif
