/* What the engine tells of devices, rules and runs, as the payloads say it: monotonic instants
 * become wall clock. Texts are borrowed from what is given. */
#ifndef EDGE_AUTOMATION_NODE_APP_STATE_PAYLOAD_H
#define EDGE_AUTOMATION_NODE_APP_STATE_PAYLOAD_H

#include "automation-node/app/node_plan.h"
#include "automation-node/engine/engine.h"
#include "common/loop.h"
#include "topics/payload_device.h"
#include "topics/payload_rule.h"

#define STEP_TEXT_SIZE 192

struct payload_device_state state_payload_device(const struct loop *loop,
                                                 const struct device_state *state);
struct payload_rule_state state_payload_rule(const struct loop *loop,
                                             const struct engine_rule_state *state);

/* "set vent 100", "wait heater is ON", "publish some/topic", "raise frost" */
void state_payload_step(const struct node_plan *plan, const struct step *step, char *text,
                        size_t size);

/* A trace with the texts that it borrows. */
struct trace_payload {
    struct payload_rule_trace trace;
    struct payload_rule_step steps[SCRIPT_TRACE_MAX];
    char texts[SCRIPT_TRACE_MAX][STEP_TEXT_SIZE];
};

/* `rule` as the engine counts them: one of events. `ret` must not be moved. */
void state_payload_trace(const struct loop *loop, const struct node_plan *plan, size_t rule,
                         const struct run_report *report, struct trace_payload *ret);

#endif
