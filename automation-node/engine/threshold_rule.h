/*
 * "When this input is above (or below) that value for so long, this device shall be A; and B when
 * it is not." One numeric input, one threshold with hysteresis.
 *
 *   disabled   switched off by a person: proposes nothing
 *   unknown    the input is lost: proposes nothing, what it had wished is released
 *   no         condition does not hold: proposes `when_false`, if there is one
 *   waiting    it holds, but not for `for_us` yet: the proposal stays as it was
 *   yes        it held long enough: proposes `when_true`
 *
 *   above: holds over the threshold, until at or under threshold - hysteresis
 *   below: holds under the threshold, until at or over threshold + hysteresis
 *   `for_us` counts from the change of the value that made the condition true, and is not restarted
 *   by a reading that is not good. A held input (input.h) changes nothing.
 */
#ifndef EDGE_AUTOMATION_ENGINE_THRESHOLD_RULE_H
#define EDGE_AUTOMATION_ENGINE_THRESHOLD_RULE_H

#include "automation-node/engine/proposal.h"
#include "automation-node/input/input.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

enum threshold_side {
    THRESHOLD_ABOVE,
    THRESHOLD_BELOW
};

enum threshold_state {
    THRESHOLD_DISABLED,
    THRESHOLD_UNKNOWN,
    THRESHOLD_NO,
    THRESHOLD_WAITING,
    THRESHOLD_YES,
    THRESHOLD_STATE_COUNT
};

struct threshold_rule_options {
    const char *id; /* copied; the source is "rule:<id>" */
    enum threshold_side side;
    double threshold;  /* in the unit of the input */
    double hysteresis; /* likewise, not negative */
    int64_t for_us;    /* 0 = at once */
    struct value when_true;
    struct value when_false; /* VALUE_NONE = the wish is only released */
    bool enabled;
};

struct threshold_rule;

/* -EINVAL (no id, no `when_true`, bad number or time), -ENAMETOOLONG or -ENOMEM. */
EDGE_MUST_CHECK int threshold_rule_new(const struct threshold_rule_options *options,
                                       struct threshold_rule **ret);
void threshold_rule_free(struct threshold_rule *rule);

/* Takes effect at the next evaluation. */
void threshold_rule_enable(struct threshold_rule *rule, bool enabled);

/* True when the proposal changed. */
bool threshold_rule_evaluate(struct threshold_rule *rule, const struct input *input,
                             int64_t now_us);

const struct proposal *threshold_rule_proposal(const struct threshold_rule *rule);

/* When it wants to be evaluated without a new reading; DEADLINE_NONE if never. */
int64_t threshold_rule_next_deadline(const struct threshold_rule *rule);

enum threshold_state threshold_rule_state(const struct threshold_rule *rule);
const char *threshold_state_name(enum threshold_state state);

#endif
