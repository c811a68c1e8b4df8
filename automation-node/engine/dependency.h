/*
 * Who has to look again when an input changes: computed once, so that a reading costs only what
 * depends on it.
 */
#ifndef EDGE_AUTOMATION_ENGINE_DEPENDENCY_H
#define EDGE_AUTOMATION_ENGINE_DEPENDENCY_H

#include "common/attributes.h"

#include <stddef.h>

enum dependant_kind {
    DEPENDANT_DERIVED, /* an input that is computed from it: first, so that others see it new */
    DEPENDANT_CONTROLLER,
    DEPENDANT_RULE,
    DEPENDANT_EVENT,    /* a rule of events */
    DEPENDANT_FEEDBACK, /* a device that is confirmed by the input */
    DEPENDANT_REQUIRED, /* a device that falls back to its fail-safe value without the input */
    DEPENDANT_KIND_COUNT
};

struct dependant {
    enum dependant_kind kind;
    size_t index; /* of the input, controller, rule, rule of events or device */
};

struct dependency_edge {
    size_t input;
    struct dependant dependant;
};

struct dependency;

/* The edges are copied; their inputs are below `input_count`. -ENOMEM. */
EDGE_MUST_CHECK int dependency_new(const struct dependency_edge *edges, size_t edge_count,
                                   size_t input_count, struct dependency **ret);
void dependency_free(struct dependency *dependency);

/* The dependants of one input, in the order of their edges. */
const struct dependant *dependency_of(const struct dependency *dependency, size_t input,
                                      size_t *ret_count);

#endif
