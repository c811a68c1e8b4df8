/* The interlocks of climates: see planner.h. */
#ifndef EDGE_AUTOMATION_NODE_APP_PLAN_INTERLOCKS_H
#define EDGE_AUTOMATION_NODE_APP_PLAN_INTERLOCKS_H

#include "automation-node/app/planner.h"

/* Makes the two devices of that climate an interlock, unless they are in one already. 0 or -ENOMEM.
 */
EDGE_MUST_CHECK int planner_lock_sides(struct planner *p, const struct climate_config *config);

#endif
