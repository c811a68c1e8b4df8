#include "automation-node/app/state_payload.h"

#include "automation-node/app/payload_of_value.h"
#include "automation-node/app/wall_time.h"
#include "automation-node/input/deadline.h"

#include <stdio.h>

static enum reading_quality quality_of(enum device_quality quality)
{
    switch (quality) {
    case DEVICE_QUALITY_GOOD:
    case DEVICE_QUALITY_ASSUMED:
        return READING_GOOD;
    case DEVICE_QUALITY_STALE:
        return READING_STALE;
    case DEVICE_QUALITY_FAILED:
    case DEVICE_QUALITY_COUNT:
        break;
    }
    return READING_NOT_AVAILABLE;
}

struct payload_device_state state_payload_device(const struct loop *loop,
                                                 const struct device_state *state)
{
    return (struct payload_device_state){
        .value = payload_of_value(&state->value),
        .target = payload_of_value(&state->target),
        .source = state->cause.source[0] != '\0' ? state->cause.source : NULL,
        .reason = state->cause.reason[0] != '\0' ? state->cause.reason : NULL,
        .since_us = wall_time_us(loop, state->since_us),
        .until_us = state->until_us != DEADLINE_NONE ? wall_time_us(loop, state->until_us) : 0,
        .quality = quality_of(state->quality),
    };
}

struct payload_rule_state state_payload_rule(const struct loop *loop,
                                             const struct engine_rule_state *state)
{
    return (struct payload_rule_state){
        .enabled = state->enabled,
        .active = state->active,
        .waiting = state->waiting,
        .runs = state->runs,
        .dropped = state->dropped,
        .prevented = state->prevented,
        .last_run_us = state->last_us != INT64_MIN ? wall_time_us(loop, state->last_us) : 0,
        .reason = state->reason,
    };
}

void state_payload_step(const struct node_plan *plan, const struct step *step, char *text,
                        size_t size)
{
    char value[VALUE_TEXT_SIZE];
    const char *subject = "";
    (void)value_format(&step->value, value, sizeof(value));
    if (step->condition != NULL) {
        subject = expression_text(step->condition);
    } else if (step->kind == STEP_PUBLISH) {
        subject = plan->messages[step->message]->publish;
    } else if (step->kind == STEP_SET || step->kind == STEP_RELEASE) {
        subject = plan->config->devices[step->device].name;
    } else if (step->kind == STEP_RAISE || step->kind == STEP_CLEAR) {
        subject = plan->engine.alarms[step->alarm].id;
    }
    (void)snprintf(text, size, "%s%s%.120s%s%s", step_kind_name(step->kind),
                   subject[0] != '\0' ? " " : "", subject, value[0] != '\0' ? " " : "", value);
}

void state_payload_trace(const struct loop *loop, const struct node_plan *plan, size_t rule,
                         const struct run_report *report, struct trace_payload *ret)
{
    const struct script *script = &plan->engine.events[rule - plan->engine.rule_count].script;
    const struct run *run = report->run;
    size_t count = run->traced < SCRIPT_TRACE_MAX ? run->traced : SCRIPT_TRACE_MAX;
    for (size_t i = 0; i < count; i++) {
        const struct step_record *record = &run->trace[i];
        state_payload_step(plan, &script->steps[record->step], ret->texts[i],
                           sizeof(ret->texts[i]));
        ret->steps[i] =
            (struct payload_rule_step){ret->texts[i], step_outcome_name(record->outcome),
                                       wall_time_us(loop, record->at_us), record->branch};
    }
    ret->trace = (struct payload_rule_trace){wall_time_us(loop, run->began_us),
                                             run->cause.reason,
                                             run_result_name(report->result),
                                             ret->steps,
                                             count,
                                             run->traced - count};
}
