#include "automation-node/expression/builder.h"

#include <errno.h>
#include <stdlib.h>

/* Room for one more element; false when there is none, with the error noted. */
static bool reserve(struct builder *b, void *array, size_t count, size_t *capacity, size_t size)
{
    if (b->error < 0) {
        return false;
    }
    if (count < *capacity) {
        return true;
    }
    size_t wanted = *capacity > 0 ? *capacity * 2 : 8;
    void **pointer = array;
    void *grown = reallocarray(*pointer, wanted, size);
    if (grown == NULL) {
        b->error = -ENOMEM;
        return false;
    }
    *pointer = grown;
    *capacity = wanted;
    return true;
}

static void note_input(struct builder *b, size_t input)
{
    struct expression *e = b->expression;
    for (size_t i = 0; i < e->input_count; i++) {
        if (e->inputs[i] == input) {
            return;
        }
    }
    if (reserve(b, &e->inputs, e->input_count, &b->input_capacity, sizeof(*e->inputs))) {
        e->inputs[e->input_count++] = input;
    }
}

size_t builder_emit(struct builder *b, const struct op *op)
{
    struct expression *e = b->expression;
    b->depth += 1;
    b->depth -= op_traits(op->code)->operands;
    if (b->depth > PROGRAM_STACK_MAX || e->op_count >= PROGRAM_OPS_MAX) {
        b->error = b->error < 0 ? b->error : -E2BIG;
    }
    if (!reserve(b, &e->ops, e->op_count, &b->op_capacity, sizeof(*e->ops))) {
        return 0;
    }
    struct op added = *op;
    if (op_has_slot(op)) {
        added.slot = (uint32_t)e->slot_count++;
    }
    if (op_traits(op->code)->reads_input) {
        note_input(b, op->input);
    }
    e->pulse = e->pulse || op->code == OP_CHANGED;
    e->ops[e->op_count] = added;
    return e->op_count++;
}

size_t builder_add_label(struct builder *b, const struct value *label)
{
    struct expression *e = b->expression;
    if (!reserve(b, &e->labels, e->label_count, &b->label_capacity, sizeof(*e->labels))) {
        return 0;
    }
    e->labels[e->label_count] = *label;
    return e->label_count++;
}

size_t builder_add_window(struct builder *b, const struct time_window *window)
{
    struct expression *e = b->expression;
    if (!reserve(b, &e->windows, e->window_count, &b->window_capacity, sizeof(*e->windows))) {
        return 0;
    }
    e->windows[e->window_count] = *window;
    return e->window_count++;
}
