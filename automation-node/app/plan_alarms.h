/* Alarms among the parts of the plan: see node_plan.h. */
#ifndef EDGE_AUTOMATION_NODE_APP_PLAN_ALARMS_H
#define EDGE_AUTOMATION_NODE_APP_PLAN_ALARMS_H

#include "automation-node/app/planner.h"

/* What an action does with an alarm, which becomes one of the plan's. 0 or -ENOMEM; `ret` is set
 * unless there is a complaint. */
EDGE_MUST_CHECK int planner_alarm_step(struct planner *p, const struct alarm_action_config *config,
                                       struct step *ret);

#endif
