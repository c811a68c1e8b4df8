/*
 * "While this holds, this device shall be A; B while it does not."
 *
 *   disabled   switched off by a person: proposes nothing
 *   unknown    the condition cannot be known: proposes nothing, what it had wished is released
 *   no         it does not hold: proposes `when_false`, if there is one
 *   yes        it holds: proposes `when_true`
 *
 * While an input is held (input.h), or a `for` whose beginning nobody saw is not due, nothing
 * changes: the state and the proposal stay as they were.
 */
#ifndef EDGE_AUTOMATION_ENGINE_LEVEL_RULE_H
#define EDGE_AUTOMATION_ENGINE_LEVEL_RULE_H

#include "automation-node/engine/proposal.h"
#include "automation-node/expression/expression_state.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

enum level_state {
    LEVEL_DISABLED,
    LEVEL_UNKNOWN,
    LEVEL_NO,
    LEVEL_YES,
    LEVEL_STATE_COUNT
};

struct level_rule_options {
    const char *id;                     /* copied; the source is "rule:<id>" */
    const struct expression *condition; /* borrowed */
    struct value when_true;
    struct value when_false; /* VALUE_NONE = the wish is only released */
    bool enabled;
};

struct level_rule;

/* -EINVAL (no id, condition or `when_true`), -ENAMETOOLONG or -ENOMEM. */
EDGE_MUST_CHECK int level_rule_new(const struct level_rule_options *options,
                                   struct level_rule **ret);
void level_rule_free(struct level_rule *rule);

/* Takes effect at the next evaluation. */
void level_rule_enable(struct level_rule *rule, bool enabled);

/* True when the proposal changed. */
bool level_rule_evaluate(struct level_rule *rule, const struct expression_view *view);

const struct proposal *level_rule_proposal(const struct level_rule *rule);

/* When it wants to be evaluated though no input changes; DEADLINE_NONE if never. */
int64_t level_rule_next_deadline(const struct level_rule *rule);

/* What the condition is now, without any effect. `scratch` has as many slots as the condition. */
struct expression_result level_rule_peek(const struct level_rule *rule,
                                         const struct expression_view *view,
                                         struct expression_slot *scratch);
/* What would make it otherwise: expression_otherwise(). */
int level_rule_otherwise(const struct level_rule *rule, const struct expression_view *view,
                         char *text, size_t size);
const struct value *level_rule_value(const struct level_rule *rule, bool holds);

enum level_state level_rule_state(const struct level_rule *rule);
const char *level_state_name(enum level_state state);

#endif
