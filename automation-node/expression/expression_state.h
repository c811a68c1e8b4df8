/* What evaluations of an expression remember over a stop, and whether an expression is still the
 * same one. */
#ifndef EDGE_AUTOMATION_EXPRESSION_EXPRESSION_STATE_H
#define EDGE_AUTOMATION_EXPRESSION_EXPRESSION_STATE_H

#include "automation-node/expression/expression.h"
#include "automation-node/state/archive.h"

#include <stdint.h>

/* See archive.h. Times of day are not kept: they are looked up again. */
void expression_archive(const struct expression *expression, struct expression_slot *slots,
                        struct archive *a);

/* Differs whenever expression_archive() has something else to say; within one run only. */
uint64_t expression_slots_digest(const struct expression *expression,
                                 const struct expression_slot *slots);

/* Of what it computes; inputs count by their ids. NULL is an expression too. */
void expression_digest(const struct expression *expression, const struct input *inputs,
                       uint64_t *digest);

#endif
