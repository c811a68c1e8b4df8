#include "automation-node/expression/program.h"

const struct op_traits *op_traits(enum op_code code)
{
    static const struct op_traits traits[] = {
        [OP_NUMBER] = {0},
        [OP_INPUT] = {.reads_input = true},
        [OP_TRUTH] = {0},
        [OP_LABEL] = {.reads_input = true},
        [OP_CHANGED] = {.reads_input = true},
        [OP_CHANGED_WITHIN] = {.reads_input = true},
        [OP_RISING] = {.reads_input = true},
        [OP_FALLING] = {.reads_input = true},
        [OP_STALE] = {.reads_input = true},
        [OP_WINDOW] = {.has_slot = true},
        [OP_WEEKDAYS] = {.has_slot = true},
        [OP_AFFINE] = {.operands = 1},
        [OP_NEGATE] = {.operands = 1},
        [OP_ADD] = {.operands = 2},
        [OP_SUBTRACT] = {.operands = 2},
        [OP_MULTIPLY] = {.operands = 2},
        [OP_DIVIDE] = {.operands = 2},
        [OP_LESS] = {.operands = 2, .orders = true},
        [OP_LESS_EQUAL] = {.operands = 2, .orders = true},
        [OP_GREATER] = {.operands = 2, .orders = true},
        [OP_GREATER_EQUAL] = {.operands = 2, .orders = true},
        [OP_EQUAL] = {.operands = 2},
        [OP_NOT_EQUAL] = {.operands = 2},
        [OP_NEAR] = {.operands = 2},
        [OP_AND] = {.operands = 2},
        [OP_OR] = {.operands = 2},
        [OP_NOT] = {.operands = 1},
        [OP_BETWEEN] = {.operands = 3},
        [OP_FOR] = {.operands = 1, .has_slot = true},
    };
    _Static_assert(sizeof(traits) / sizeof(traits[0]) == OP_COUNT, "a row for each operation");
    return &traits[code];
}

size_t expression_slot_count(const struct expression *expression)
{
    return expression->slot_count;
}

const size_t *expression_inputs(const struct expression *expression, size_t *ret_count)
{
    *ret_count = expression->input_count;
    return expression->inputs;
}

const char *expression_text(const struct expression *expression)
{
    return expression->text;
}

bool expression_is_pulse(const struct expression *expression)
{
    return expression->pulse;
}

bool expression_asks_time(const struct expression *expression)
{
    for (size_t i = 0; i < expression->op_count; i++) {
        enum op_code code = expression->ops[i].code;
        if (code == OP_WINDOW || code == OP_WEEKDAYS) {
            return true;
        }
    }
    return false;
}

bool expression_minds_quality(const struct expression *expression, size_t input)
{
    for (size_t i = 0; i < expression->op_count; i++) {
        if (expression->ops[i].code == OP_STALE && expression->ops[i].input == input) {
            return true;
        }
    }
    return false;
}
