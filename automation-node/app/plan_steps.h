/* The steps of making a plan: see node_plan.h. */
#ifndef EDGE_AUTOMATION_NODE_APP_PLAN_STEPS_H
#define EDGE_AUTOMATION_NODE_APP_PLAN_STEPS_H

#include "automation-node/app/planner.h"

/* 0 or -ENOMEM; what is wrong is in the diagnostics. In this order. */
int planner_time(struct planner *p);
int planner_inputs(struct planner *p);
int planner_devices(struct planner *p);
int planner_derived(struct planner *p);
int planner_interlocks(struct planner *p);
int planner_conditions(struct planner *p);
int planner_controllers(struct planner *p);
int planner_schedules(struct planner *p);
int planner_alarms(struct planner *p);
int planner_rules(struct planner *p);
int planner_required(struct planner *p);
int planner_origins(struct planner *p);

#endif
