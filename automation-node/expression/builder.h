/* Grows the program of an expression; errors are sticky. A part of expression.h. */
#ifndef EDGE_AUTOMATION_EXPRESSION_BUILDER_H
#define EDGE_AUTOMATION_EXPRESSION_BUILDER_H

#include "automation-node/expression/program.h"

struct builder {
    struct expression *expression;
    size_t op_capacity;
    size_t label_capacity;
    size_t window_capacity;
    size_t input_capacity;
    size_t depth; /* of the stack after the last operation */
    int error;    /* 0, -ENOMEM, or -E2BIG: more operations or a deeper stack than allowed */
};

/* The index of the operation. Gives it a slot if it needs one. */
size_t builder_emit(struct builder *b, const struct op *op);

/* The index of the label or window in the program's table. */
size_t builder_add_label(struct builder *b, const struct value *label);
size_t builder_add_window(struct builder *b, const struct time_window *window);

#endif
