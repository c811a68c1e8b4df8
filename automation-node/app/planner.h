/* What the parts of the plan share: see node_plan.h. */
#ifndef EDGE_AUTOMATION_NODE_APP_PLANNER_H
#define EDGE_AUTOMATION_NODE_APP_PLANNER_H

#include "automation-node/app/node_plan.h"

struct planner {
    const struct config *config;
    const struct node_config *root;
    struct diagnostics *d;
    struct node_plan *plan;
};

#define PLANNER_NONE SIZE_MAX

/* The index of the configured thing with that name; PLANNER_NONE with a complaint if there is none.
 */
size_t planner_find_device(struct planner *p, const char *const *name);
size_t planner_find_input(struct planner *p, const char *const *name);

/* NULL for PLANNER_NONE. */
const struct input_config *planner_input_at(const struct planner *p, size_t index);

/* A quantity, or a width such as a hysteresis, in the unit of an input (may be NULL); a bare number
 * is in it already. */
double planner_in_unit_of(struct planner *p, const struct quantity *quantity,
                          const struct input_config *input, bool is_difference);
double planner_width_of(struct planner *p, const struct quantity *quantity,
                        const struct input_config *input);

/* "bus/message/signal", three ids. 0, perhaps with a complaint, or -ENOMEM. */
EDGE_MUST_CHECK int planner_path(struct planner *p, const char *const *text, const char *gateway,
                                 struct signal_path *ret);

/* VALUE_NONE if there is no text, or with a complaint. */
struct value planner_value(struct planner *p, const char *const *text);

/* The same, checked against what the device takes; `device` may be PLANNER_NONE. */
struct value planner_wanted(struct planner *p, const char *const *text, size_t device);

/* Complains unless conditions can use the name. */
void planner_usable_name(struct planner *p, const char *const *name);

/* A text as an expression that the plan owns; NULL with a complaint about `field`, or with -ENOMEM
 * in *ret_result. */
const struct expression *planner_condition(struct planner *p, const char *const *field,
                                           const char *text, int *ret_result);

/* The actions of a rule as steps, and a rule that has some. 0 or -ENOMEM. */
EDGE_MUST_CHECK int planner_script(struct planner *p, const struct rule_config *config,
                                   struct script *ret);
EDGE_MUST_CHECK int planner_event(struct planner *p, const struct rule_config *config,
                                  struct event_rule_options *ret);

#endif
