/* What an expression can be at all, before anything is measured: for the checks of a configuration.
 * It errs on one side only: what it says cannot be, cannot. */
#ifndef EDGE_AUTOMATION_EXPRESSION_POSSIBLE_H
#define EDGE_AUTOMATION_EXPRESSION_POSSIBLE_H

#include "automation-node/expression/expression.h"

#include <stdbool.h>
#include <stddef.h>

/* What an input can show. Nothing known: {0}. */
struct expression_range {
    bool has_numbers; /* from `low` to `high` */
    double low;
    double high;
    const struct value *labels; /* borrowed; all there are */
    size_t label_count;         /* 0 = not known */
};

struct expression_possible {
    bool can_hold;
    bool can_fail;
};

/* `ranges`: one for each input of the view. */
struct expression_possible expression_possible(const struct expression *expression,
                                               const struct expression_range *ranges);

/* Whether both can hold at once. */
bool expression_can_meet(const struct expression *a, const struct expression *b,
                         const struct expression_range *ranges);

/* Something in it takes time, or has a width: `for`, a hysteresis. */
bool expression_is_damped(const struct expression *expression);

#endif
