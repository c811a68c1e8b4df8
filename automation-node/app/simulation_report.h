/* What a simulation tells a person, or a program: decisions as they come, and a summary. */
#ifndef EDGE_AUTOMATION_NODE_APP_SIMULATION_REPORT_H
#define EDGE_AUTOMATION_NODE_APP_SIMULATION_REPORT_H

#include "automation-node/app/simulation.h"

#include <stdbool.h>

struct simulation_report {
    const struct node_plan *plan;
    bool is_ndjson;
    bool is_quiet;          /* no decisions */
    const bool *has_limits; /* by configured input */
};

void simulation_report_decision(const struct simulation_report *report,
                                const struct simulated_decision *decision);
void simulation_report_summary(const struct simulation_report *report,
                               const struct simulation *simulation);

#endif
