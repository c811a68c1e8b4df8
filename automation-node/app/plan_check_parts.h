/* What the parts of plan_check.h share. */
#ifndef EDGE_AUTOMATION_NODE_APP_PLAN_CHECK_PARTS_H
#define EDGE_AUTOMATION_NODE_APP_PLAN_CHECK_PARTS_H

#include "automation-node/app/plan_check.h"

struct plan_checker {
    const struct config *config;
    const struct node_plan *plan;
    const struct node_config *root;
    const struct signal_source *source;
    struct diagnostics *d;
    struct expression_range *ranges; /* by input of the engine */
    struct value **labels;           /* theirs, by input; owned */
};

/* Signals against the catalog; fills in the ranges of inputs. 0 or -ENOMEM. */
EDGE_MUST_CHECK int plan_check_signals(struct plan_checker *c);
/* Conditions, rules and devices among themselves. */
void plan_check_logic(struct plan_checker *c);
/* Rules that lead to themselves. 0 or -ENOMEM. */
EDGE_MUST_CHECK int plan_check_cycles(struct plan_checker *c);

/* A rule as the engine counts them, and what is said of its condition where it has a `while`. */
const struct rule_config *plan_check_rule(const struct plan_checker *c, size_t rule);
const void *plan_check_level(const struct plan_checker *c, size_t rule);

#endif
