/* A step of making a plan: see plan_steps.h. */
#ifndef EDGE_AUTOMATION_NODE_APP_PLAN_STANDBY_H
#define EDGE_AUTOMATION_NODE_APP_PLAN_STANDBY_H

#include "automation-node/app/planner.h"

/* What a group of nodes needs. After the devices. */
int planner_standby(struct planner *p);

#endif
