/*
 * What `check` finds beyond what makes a plan impossible: signals that nobody publishes, units and
 * labels that are not the DBC's, conditions that can never hold, rules that fight, cycles, inputs
 * that nobody reads.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_PLAN_CHECK_H
#define EDGE_AUTOMATION_NODE_APP_PLAN_CHECK_H

#include "automation-node/app/node_plan.h"
#include "automation-node/expression/possible.h"
#include "common/attributes.h"
#include "topics/payload_catalog_read.h"

/* What the signals can be; `any_bus`: it was made of DBC files, which name no bus. */
struct signal_source {
    const struct payload_catalog *catalog; /* NULL = not known */
    bool any_bus;
};

/* Reports to `d`. 0 or -ENOMEM. */
EDGE_MUST_CHECK int plan_check(const struct config *config, const struct node_plan *plan,
                               const struct signal_source *source, struct diagnostics *d);

#endif
