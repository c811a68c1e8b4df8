/* A part of planner_controllers(): see plan_steps.h. */
#ifndef EDGE_AUTOMATION_NODE_APP_PLAN_CLIMATES_H
#define EDGE_AUTOMATION_NODE_APP_PLAN_CLIMATES_H

#include "automation-node/app/planner.h"

EDGE_MUST_CHECK int planner_climates(struct planner *p);

#endif
