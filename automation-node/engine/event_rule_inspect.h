/* Looking into a rule of events without any effect. */
#ifndef EDGE_AUTOMATION_ENGINE_EVENT_RULE_INSPECT_H
#define EDGE_AUTOMATION_ENGINE_EVENT_RULE_INSPECT_H

#include "automation-node/engine/event_rule.h"

/* The run that was triggered last, under way or over; NULL if there was none. */
const struct run *event_rule_newest_run(const struct event_rule *rule, enum run_result *ret_result);

/* What its condition is now, without any effect; true without a condition. `scratch` has as many
 * slots as that needs. */
struct expression_result event_rule_peek(const struct event_rule *rule,
                                         const struct expression_view *view,
                                         struct expression_slot *scratch);
const struct script *event_rule_script(const struct event_rule *rule);
const struct expression *event_rule_condition(const struct event_rule *rule);
/* When the next trigger by the clock comes; CALENDAR_NEVER if none does. */
int64_t event_rule_next_time_s(const struct event_rule *rule);

#endif
