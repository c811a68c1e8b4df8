#include "automation-node/engine/threshold_rule.h"

#include "automation-node/input/deadline.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct threshold_rule {
    enum threshold_side side;
    double threshold;
    double hysteresis;
    int64_t for_us;
    struct value when_true;
    struct value when_false;
    bool enabled;
    enum threshold_state state;
    int64_t due_us; /* WAITING: when it becomes YES */
    bool armed;     /* WAITING on a good input: only then may time alone make it YES */
    struct proposal proposal;
};

static bool options_are_valid(const struct threshold_rule_options *options)
{
    return isfinite(options->threshold) && isfinite(options->hysteresis) &&
           options->hysteresis >= 0 && options->for_us >= 0 &&
           options->when_true.kind != VALUE_NONE;
}

int threshold_rule_new(const struct threshold_rule_options *options, struct threshold_rule **ret)
{
    char id[NAME_SIZE];
    int r = name_copy(options->id, sizeof(id), id);
    if (r < 0) {
        return r;
    }
    if (!options_are_valid(options)) {
        return -EINVAL;
    }
    struct threshold_rule *rule = calloc(1, sizeof(*rule));
    if (rule == NULL) {
        return -ENOMEM;
    }
    rule->side = options->side;
    rule->threshold = options->threshold;
    rule->hysteresis = options->hysteresis;
    rule->for_us = options->for_us;
    rule->when_true = options->when_true;
    rule->when_false = options->when_false;
    rule->enabled = options->enabled;
    struct cause *cause = &rule->proposal.cause;
    (void)snprintf(cause->source, sizeof(cause->source), "rule:%s", id);
    cause_explain(cause, "not evaluated yet");
    *ret = rule;
    return 0;
}

void threshold_rule_free(struct threshold_rule *rule)
{
    free(rule);
}

void threshold_rule_enable(struct threshold_rule *rule, bool enabled)
{
    rule->enabled = enabled;
}

static bool is_met(const struct threshold_rule *rule, double value)
{
    bool met = rule->state == THRESHOLD_WAITING || rule->state == THRESHOLD_YES;
    double slack = met ? rule->hysteresis : 0;
    return rule->side == THRESHOLD_ABOVE ? value > rule->threshold - slack
                                         : value < rule->threshold + slack;
}

/* With a good input. Arms the timer when it has to wait. */
static enum threshold_state judge(struct threshold_rule *rule, const struct input *input,
                                  double value, int64_t now_us)
{
    if (!is_met(rule, value)) {
        return THRESHOLD_NO;
    }
    if (rule->state == THRESHOLD_YES) {
        return THRESHOLD_YES;
    }
    if (rule->state != THRESHOLD_WAITING) {
        rule->due_us = deadline_after(input->changed_us, rule->for_us);
    }
    if (now_us >= rule->due_us) {
        return THRESHOLD_YES;
    }
    rule->armed = true;
    return THRESHOLD_WAITING;
}

/* "humidity 82 % is above 80 %", or "... for 600 s" */
static void explain_value(const struct threshold_rule *rule, const struct input *input,
                          struct cause *cause)
{
    const char *space = input->unit[0] != '\0' ? " " : "";
    bool above = rule->side == THRESHOLD_ABOVE;
    bool yes = rule->state == THRESHOLD_YES;
    char duration[48] = "";
    if (yes && rule->for_us > 0) {
        (void)snprintf(duration, sizeof(duration), " for %.6g s", (double)rule->for_us / 1e6);
    }
    cause_explain(cause, "%s %.6g%s%s is %s%s %.6g%s%s%s", input->id, input->value.number, space,
                  input->unit, yes ? "" : "not ", above ? "above" : "below", rule->threshold, space,
                  input->unit, duration);
}

static struct proposal propose(const struct threshold_rule *rule, const struct input *input,
                               int64_t now_us)
{
    struct proposal proposal = rule->proposal;
    struct cause *cause = &proposal.cause;
    cause->seq = input->seq;
    cause->ts_us = input->ts_us;
    switch (rule->state) {
    case THRESHOLD_DISABLED:
        proposal.value = (struct value){.kind = VALUE_NONE};
        cause_explain(cause, "rule is disabled");
        break;
    case THRESHOLD_UNKNOWN:
        proposal.value = (struct value){.kind = VALUE_NONE};
        input_explain(input, now_us, cause->reason, sizeof(cause->reason));
        break;
    case THRESHOLD_NO:
        proposal.value = rule->when_false;
        explain_value(rule, input, cause);
        break;
    case THRESHOLD_YES:
        proposal.value = rule->when_true;
        explain_value(rule, input, cause);
        break;
    case THRESHOLD_WAITING:
    case THRESHOLD_STATE_COUNT:
        return rule->proposal;
    }
    return proposal;
}

static enum threshold_state next_state(struct threshold_rule *rule, const struct input *input,
                                       int64_t now_us)
{
    rule->armed = false;
    if (!rule->enabled) {
        return THRESHOLD_DISABLED;
    }
    double value;
    switch (input_number(input, now_us, &value)) {
    case INPUT_LOST:
        return THRESHOLD_UNKNOWN;
    case INPUT_HELD:
        return rule->state == THRESHOLD_DISABLED ? THRESHOLD_UNKNOWN : rule->state;
    case INPUT_GOOD:
        break;
    }
    return judge(rule, input, value, now_us);
}

bool threshold_rule_evaluate(struct threshold_rule *rule, const struct input *input, int64_t now_us)
{
    enum threshold_state before = rule->state;
    rule->state = next_state(rule, input, now_us);
    if (rule->state == before || rule->state == THRESHOLD_WAITING) {
        return false;
    }
    rule->proposal = propose(rule, input, now_us);
    return true;
}

const struct proposal *threshold_rule_proposal(const struct threshold_rule *rule)
{
    return &rule->proposal;
}

int64_t threshold_rule_next_deadline(const struct threshold_rule *rule)
{
    return rule->armed ? rule->due_us : DEADLINE_NONE;
}

enum threshold_state threshold_rule_state(const struct threshold_rule *rule)
{
    return rule->state;
}

const char *threshold_state_name(enum threshold_state state)
{
    static const char *const names[] = {
        [THRESHOLD_DISABLED] = "disabled", [THRESHOLD_UNKNOWN] = "unknown", [THRESHOLD_NO] = "no",
        [THRESHOLD_WAITING] = "waiting",   [THRESHOLD_YES] = "yes",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == THRESHOLD_STATE_COUNT,
                   "a name for each state");
    return names[state];
}
