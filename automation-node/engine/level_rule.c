#include "automation-node/engine/level_rule.h"

#include "automation-node/engine/level_rule_archive.h"
#include "automation-node/input/deadline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct level_rule {
    const struct expression *condition;
    struct value when_true;
    struct value when_false;
    bool enabled;
    enum level_state state;
    int64_t deadline_us;
    struct proposal proposal;
    struct expression_slot slots[];
};

int level_rule_new(const struct level_rule_options *options, struct level_rule **ret)
{
    char id[NAME_SIZE];
    int r = name_copy(options->id, sizeof(id), id);
    if (r < 0) {
        return r;
    }
    if (options->condition == NULL || options->when_true.kind == VALUE_NONE) {
        return -EINVAL;
    }
    size_t slots = expression_slot_count(options->condition);
    struct level_rule *rule = calloc(1, sizeof(*rule) + slots * sizeof(rule->slots[0]));
    if (rule == NULL) {
        return -ENOMEM;
    }
    rule->condition = options->condition;
    rule->when_true = options->when_true;
    rule->when_false = options->when_false;
    rule->enabled = options->enabled;
    rule->deadline_us = DEADLINE_NONE;
    struct cause *cause = &rule->proposal.cause;
    (void)snprintf(cause->source, sizeof(cause->source), "rule:%s", id);
    cause_explain(cause, "not evaluated yet");
    *ret = rule;
    return 0;
}

void level_rule_free(struct level_rule *rule)
{
    free(rule);
}

/* One that was disabled has forgotten what it had seen. */
void level_rule_enable(struct level_rule *rule, bool enabled)
{
    if (enabled && !rule->enabled) {
        memset(rule->slots, 0, expression_slot_count(rule->condition) * sizeof(rule->slots[0]));
    }
    rule->enabled = enabled;
}

static enum level_state next_state(const struct level_rule *rule,
                                   const struct expression_result *result)
{
    switch (result->truth) {
    case TRUTH_TRUE:
        return LEVEL_YES;
    case TRUTH_FALSE:
        return LEVEL_NO;
    case TRUTH_UNKNOWN:
        break;
    }
    return result->lost || rule->state == LEVEL_DISABLED ? LEVEL_UNKNOWN : rule->state;
}

/* The reading that came last is the one that led here. */
static void note_reading(struct cause *cause, const struct expression *condition,
                         const struct expression_view *view)
{
    size_t count;
    const size_t *inputs = expression_inputs(condition, &count);
    const struct input *last = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct input *input = &view->inputs[inputs[i]];
        if (last == NULL || input->seen_us >= last->seen_us) {
            last = input;
        }
    }
    cause_note_reading(cause, last);
}

static const struct value nothing = {.kind = VALUE_NONE};

static const struct value *value_in(const struct level_rule *rule)
{
    switch (rule->state) {
    case LEVEL_YES:
        return &rule->when_true;
    case LEVEL_NO:
        return &rule->when_false;
    case LEVEL_DISABLED:
    case LEVEL_UNKNOWN:
    case LEVEL_STATE_COUNT:
        break;
    }
    return &nothing;
}

static bool disable(struct level_rule *rule)
{
    bool changed = rule->state != LEVEL_DISABLED || rule->proposal.value.kind != VALUE_NONE;
    rule->state = LEVEL_DISABLED;
    rule->deadline_us = DEADLINE_NONE;
    rule->proposal.value = nothing;
    cause_explain(&rule->proposal.cause, "rule is disabled");
    return changed;
}

bool level_rule_evaluate(struct level_rule *rule, const struct expression_view *view)
{
    if (!rule->enabled) {
        return disable(rule);
    }
    struct expression_result result = expression_evaluate(rule->condition, rule->slots, view);
    enum level_state before = rule->state;
    rule->state = next_state(rule, &result);
    rule->deadline_us = result.next_us;
    if (rule->state == before) {
        return false;
    }
    struct cause *cause = &rule->proposal.cause;
    rule->proposal.value = *value_in(rule);
    note_reading(cause, rule->condition, view);
    expression_explain(rule->condition, &result, view, cause->reason, sizeof(cause->reason));
    return true;
}

void level_rule_archive(struct level_rule *rule, struct archive *a)
{
    archive_flag(a, "enabled", &rule->enabled);
    rule->state = (enum level_state)archive_choice(a, "state", (int)rule->state, LEVEL_STATE_COUNT);
    rule->proposal.value = *value_in(rule);
    cause_archive(&rule->proposal.cause, a);
    expression_archive(rule->condition, rule->slots, a);
}

uint64_t level_rule_digest(const struct level_rule *rule)
{
    return expression_slots_digest(rule->condition, rule->slots);
}

const struct proposal *level_rule_proposal(const struct level_rule *rule)
{
    return &rule->proposal;
}

int64_t level_rule_next_deadline(const struct level_rule *rule)
{
    return rule->deadline_us;
}

struct expression_result level_rule_peek(const struct level_rule *rule,
                                         const struct expression_view *view,
                                         struct expression_slot *scratch)
{
    memcpy(scratch, rule->slots, expression_slot_count(rule->condition) * sizeof(scratch[0]));
    return expression_evaluate(rule->condition, scratch, view);
}

int level_rule_otherwise(const struct level_rule *rule, const struct expression_view *view,
                         char *text, size_t size)
{
    return expression_otherwise(rule->condition, rule->slots, view, text, size);
}

const struct value *level_rule_value(const struct level_rule *rule, bool holds)
{
    return holds ? &rule->when_true : &rule->when_false;
}

enum level_state level_rule_state(const struct level_rule *rule)
{
    return rule->state;
}

const char *level_state_name(enum level_state state)
{
    static const char *const names[] = {
        [LEVEL_DISABLED] = "disabled",
        [LEVEL_UNKNOWN] = "unknown",
        [LEVEL_NO] = "no",
        [LEVEL_YES] = "yes",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == LEVEL_STATE_COUNT, "a name for each state");
    return names[state];
}
