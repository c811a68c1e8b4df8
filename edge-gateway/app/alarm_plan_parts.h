/* What the parts of alarm_plan.h share; private to them. */
#ifndef EDGE_GATEWAY_APP_ALARM_PLAN_PARTS_H
#define EDGE_GATEWAY_APP_ALARM_PLAN_PARTS_H

#include "common/attributes.h"
#include "edge-gateway/app/alarm_plan.h"
#include "edge-gateway/app/plan.h"

struct alarm_joiner {
    const struct config *config;
    const struct gateway_plan *plan;
    struct diagnostics *d;
    struct alarm_plan *alarms;
    const struct alarm_config *item;
};

/* How many conditions the item has: keys of different types. */
unsigned alarm_condition_count(const struct alarm_config *item);

/* The condition, the unit and the label of the item, which has one; what is wrong is reported. 0;
 * -EINVAL: reported; -ENOMEM. */
EDGE_MUST_CHECK int alarm_condition_join(struct alarm_joiner *j, struct alarm_spec *spec);

/* Its `suppress_when`, if it has one. The same. */
EDGE_MUST_CHECK int alarm_suppression_join(struct alarm_joiner *j, struct alarm_spec *spec);

#endif
