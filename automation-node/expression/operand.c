#include "automation-node/expression/operand.h"

#include "common/units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The text of a token, for messages. */
#define SHOWN(c, token) (int)(token).length, (c)->text + (token).offset

void operand_fail_unknown(struct compiler *c, const struct operand *operand)
{
    char name[SUGGEST_LENGTH_MAX + 2];
    struct suggest suggest;
    size_t length = operand->token.length < sizeof(name) ? operand->token.length : sizeof(name) - 1;
    memcpy(name, c->text + operand->token.offset, length);
    name[length] = '\0';
    suggest_init(&suggest, name);
    c->scope->suggest(c->scope->context, &suggest);
    if (suggest.best != NULL) {
        compiler_fail(c, operand->offset, "nothing is called '%s' - did you mean '%s'?", name,
                      suggest.best);
    } else if (memchr(name, '-', length) != NULL) {
        compiler_fail(c, operand->offset, "nothing is called '%s' - write spaces around a minus",
                      name);
    } else {
        compiler_fail(c, operand->offset, "nothing is called '%s'", name);
    }
}

void operand_need_truth(struct compiler *c, const struct operand *operand)
{
    switch (operand->kind) {
    case OPERAND_TRUTH:
        break;
    case OPERAND_NUMBER:
        compiler_fail(c, operand->offset, "a number is neither true nor false - compare it");
        break;
    case OPERAND_INPUT:
        compiler_fail(c, operand->offset, "say what '%.*s' shall be, such as '%.*s is ...'",
                      SHOWN(c, operand->token), SHOWN(c, operand->token));
        break;
    case OPERAND_WORD:
        operand_fail_unknown(c, operand);
        break;
    }
}

void operand_need_number(struct compiler *c, struct operand *operand)
{
    switch (operand->kind) {
    case OPERAND_NUMBER:
        break;
    case OPERAND_TRUTH:
        compiler_fail(c, operand->offset, "a condition is no number");
        break;
    case OPERAND_INPUT:
        if (operand->name.label_count > 0) {
            compiler_fail(c, operand->offset, "'%.*s' shows words, not numbers",
                          SHOWN(c, operand->token));
        }
        operand->kind = OPERAND_NUMBER;
        break;
    case OPERAND_WORD:
        operand_fail_unknown(c, operand);
        break;
    }
}

/* ---- units ---- */

static const char *unit_name(const struct operand *operand)
{
    return operand->unit[0] != '\0' ? operand->unit : "no unit";
}

/* The factor and the shift from one unit to another. */
static bool find_affine(const char *from, const char *to, bool difference, double *ret_factor,
                        double *ret_shift)
{
    double zero;
    double one;
    if (units_convert(0, from, to, difference, &zero) < 0 ||
        units_convert(1, from, to, difference, &one) < 0) {
        return false;
    }
    *ret_factor = one - zero;
    *ret_shift = zero;
    return true;
}

static void fail_units(struct compiler *c, size_t offset, const char *unit,
                       const struct operand *other)
{
    if (units_known(unit)) {
        compiler_fail(c, offset, "this is in %s, but what it meets is in %s", unit,
                      unit_name(other));
    } else {
        compiler_fail(c, offset, "no unit is called '%s'", unit);
    }
}

/* A literal, wherever it is on the stack: its value is converted in place. */
static void convert_literal(struct compiler *c, struct operand *literal,
                            const struct operand *other, bool difference)
{
    double *number = &c->builder->expression->ops[literal->op].number;
    if (literal->unit[0] != '\0' &&
        units_convert(*number, literal->unit, other->unit, difference, number) < 0) {
        fail_units(c, literal->offset, literal->unit, other);
    }
    (void)snprintf(literal->unit, sizeof(literal->unit), "%s", other->unit);
}

/* Two computed numbers: the upper one is converted by an operation. */
static void convert_top(struct compiler *c, const struct operand *left, struct operand *right)
{
    if (left->unit[0] == '\0' || right->unit[0] == '\0' || strcmp(left->unit, right->unit) == 0) {
        return;
    }
    struct op op = {.code = OP_AFFINE};
    if (!find_affine(right->unit, left->unit, right->difference, &op.number, &op.second)) {
        compiler_fail(c, right->offset, "this is in %s, but what it meets is in %s", right->unit,
                      left->unit);
        return;
    }
    (void)snprintf(right->unit, sizeof(right->unit), "%s", left->unit);
    if (op.number != 1 || op.second != 0) {
        (void)builder_emit(c->builder, &op);
    }
}

static void unify_as(struct compiler *c, struct operand *left, struct operand *right,
                     bool left_difference, bool right_difference)
{
    if (c->failed || c->builder->error < 0) {
        return;
    }
    if (right->literal && (!left->literal || right->unit[0] == '\0' || left->unit[0] != '\0')) {
        convert_literal(c, right, left, right_difference);
    } else if (left->literal) {
        convert_literal(c, left, right, left_difference);
    } else {
        convert_top(c, left, right);
    }
}

void operand_unify(struct compiler *c, struct operand *left, struct operand *right)
{
    operand_need_number(c, left);
    operand_need_number(c, right);
    unify_as(c, left, right, right->difference, left->difference);
}

static struct operand computed(const struct operand *left, const char *unit)
{
    struct operand result = {.kind = OPERAND_NUMBER, .offset = left->offset};
    (void)snprintf(result.unit, sizeof(result.unit), "%s", unit);
    return result;
}

/* On a scale with its zero elsewhere (°C, °F) a value minus a value is a step, and a literal that
 * is added or taken away is a step too. */
struct operand operand_add(struct compiler *c, struct operand *left, struct operand *right,
                           enum op_code code)
{
    operand_need_number(c, left);
    operand_need_number(c, right);
    bool left_step = left->literal ? code == OP_ADD || right->difference : left->difference;
    bool right_step = right->literal ? true : right->difference;
    unify_as(c, left, right, left_step, right_step);
    struct operand result = computed(left, left->unit[0] != '\0' ? left->unit : right->unit);
    bool both_values = !left_step && !right_step;
    result.difference =
        code == OP_SUBTRACT ? both_values || (left_step && right_step) : left_step && right_step;
    compiler_emit(c, code);
    return result;
}

/* "V·A", "m/s": units that only match themselves, unless the table knows them. */
static void combine(struct compiler *c, const struct operand *left, const struct operand *right,
                    const char *sign, struct operand *result)
{
    int length = snprintf(result->unit, sizeof(result->unit), "%s%s%s",
                          left->unit[0] != '\0' ? left->unit : "1", sign, right->unit);
    if (length < 0 || (size_t)length >= sizeof(result->unit)) {
        compiler_fail(c, left->offset, "too many units are multiplied here");
    }
}

struct operand operand_multiply(struct compiler *c, struct operand *left, struct operand *right,
                                enum op_code code)
{
    operand_need_number(c, left);
    operand_need_number(c, right);
    bool divide = code == OP_DIVIDE;
    struct operand result = computed(left, left->unit);
    result.difference = left->difference;
    if (divide && units_same_dimension(left->unit, right->unit)) {
        unify_as(c, left, right, left->difference, right->difference);
        result.unit[0] = '\0';
    } else if (right->unit[0] != '\0' && (divide || left->unit[0] != '\0')) {
        combine(c, left, right, divide ? "/" : "·", &result);
    } else if (!divide && left->unit[0] == '\0') {
        (void)snprintf(result.unit, sizeof(result.unit), "%s", right->unit);
        result.difference = right->difference;
    }
    compiler_emit(c, code);
    return result;
}

double operand_step(struct compiler *c, const struct token *number, const struct operand *of)
{
    double step = number->quantity.value;
    if (number->kind != TOKEN_NUMBER || !isfinite(step)) {
        compiler_fail(c, number->offset, "expected a number, such as '1 %s'", of->unit);
        return 0;
    }
    if (number->quantity.unit[0] != '\0' &&
        units_convert(step, number->quantity.unit, of->unit, true, &step) < 0) {
        fail_units(c, number->offset, number->quantity.unit, of);
    }
    return step;
}
