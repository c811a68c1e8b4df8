#include "automation-node/expression/possible.h"

#include "automation-node/expression/program.h"

#include <math.h>

/* Whether an expression can hold, and whether it can fail, within what its inputs can show. Walks
 * the program with intervals in place of numbers. Of `and` it keeps what each input has to be, so
 * that "x > 30 and x < 20" is seen through. */

#define REGIONS_MAX 6

/* What an input has to be for a truth to hold: in an interval, or a label. */
struct region {
    size_t input;
    double low;
    double high;
    bool low_open; /* the end itself is not in it */
    bool high_open;
    const struct value *label; /* NULL = a number */
};

struct guess {
    double low; /* a number: from here */
    double high;
    size_t input; /* it is what that input shows; EXPRESSION_NO_INPUT = computed */
    bool can_hold;
    bool can_fail;
    struct region regions[REGIONS_MAX]; /* each must be so for it to hold; not all are known */
    size_t region_count;
};

struct walk {
    const struct expression *expression;
    const struct expression_range *ranges;
    size_t depth;
    struct guess stack[PROGRAM_STACK_MAX + 1];
};

static struct guess number_between(double low, double high)
{
    if (isnan(low) || isnan(high)) { /* infinity minus infinity: anything */
        low = -INFINITY;
        high = INFINITY;
    }
    return (struct guess){.low = low, .high = high, .input = EXPRESSION_NO_INPUT};
}

static struct guess truth_of(bool can_hold, bool can_fail)
{
    return (struct guess){.can_hold = can_hold, .can_fail = can_fail, .input = EXPRESSION_NO_INPUT};
}

/* ---- regions ----------------------------------------------------------------------------- */

static bool meet(const struct region *a, const struct region *b)
{
    if (a->input != b->input) {
        return true;
    }
    if (a->label != NULL || b->label != NULL) {
        return a->label == NULL || b->label == NULL || value_equal(a->label, b->label);
    }
    bool open_at_low = a->low > b->low ? a->low_open : b->low_open;
    bool open_at_high = a->high < b->high ? a->high_open : b->high_open;
    double low = fmax(a->low, b->low);
    double high = fmin(a->high, b->high);
    open_at_low = a->low == b->low ? a->low_open || b->low_open : open_at_low;
    open_at_high = a->high == b->high ? a->high_open || b->high_open : open_at_high;
    return low < high || (low == high && !open_at_low && !open_at_high);
}

static bool all_meet(const struct guess *a, const struct guess *b)
{
    for (size_t i = 0; i < a->region_count; i++) {
        for (size_t j = 0; j < b->region_count; j++) {
            if (!meet(&a->regions[i], &b->regions[j])) {
                return false;
            }
        }
    }
    return true;
}

static void add_region(struct guess *guess, const struct region *region)
{
    if (guess->region_count < REGIONS_MAX) { /* one that is not kept can only hide something */
        guess->regions[guess->region_count++] = *region;
    }
}

static struct guess both(const struct guess *a, const struct guess *b)
{
    struct guess result =
        truth_of(a->can_hold && b->can_hold && all_meet(a, b), a->can_fail || b->can_fail);
    for (size_t i = 0; i < a->region_count; i++) {
        add_region(&result, &a->regions[i]);
    }
    for (size_t i = 0; i < b->region_count; i++) {
        add_region(&result, &b->regions[i]);
    }
    return result;
}

/* ---- numbers ----------------------------------------------------------------------------- */

static struct guess input_guess(const struct walk *w, const struct op *op)
{
    const struct expression_range *range = &w->ranges[op->input];
    struct guess result = range->has_numbers ? number_between(range->low, range->high)
                                             : number_between(-INFINITY, INFINITY);
    result.input = op->input;
    return result;
}

static struct guess product(const struct guess *a, const struct guess *b)
{
    const double ends[] = {a->low * b->low, a->low * b->high, a->high * b->low, a->high * b->high};
    double low = ends[0];
    double high = ends[0];
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (isnan(ends[i])) {
            return number_between(-INFINITY, INFINITY);
        }
        low = fmin(low, ends[i]);
        high = fmax(high, ends[i]);
    }
    return number_between(low, high);
}

static struct guess quotient(const struct guess *a, const struct guess *b)
{
    if (b->low <= 0 && b->high >= 0) {
        return number_between(-INFINITY, INFINITY);
    }
    const struct guess inverse = number_between(1 / b->high, 1 / b->low);
    return product(a, &inverse);
}

static struct guess scaled(const struct guess *a, double factor, double shift)
{
    double one = a->low * factor + shift;
    double other = a->high * factor + shift;
    return number_between(fmin(one, other), fmax(one, other));
}

/* ---- truths ------------------------------------------------------------------------------ */

/* Of an input beside a constant it is known what the input has to be. */
static void note_region(struct guess *result, const struct guess *a, const struct guess *b,
                        const struct region *region)
{
    if (a->input != EXPRESSION_NO_INPUT && b->low == b->high) {
        struct region of_input = *region;
        of_input.input = a->input;
        add_region(result, &of_input);
    }
}

/* a < b, or a <= b; one that has a hysteresis may hold a little further. */
static struct guess less(const struct op *op, const struct guess *a, const struct guess *b,
                         bool or_equal)
{
    bool can_hold = a->low < b->high || (or_equal && a->low == b->high);
    bool can_fail = a->high > b->low || (!or_equal && a->high == b->low);
    struct guess result = truth_of(can_hold, can_fail);
    bool open = !or_equal && op->number == 0;
    note_region(
        &result, a, b,
        &(struct region){.low = -INFINITY, .high = b->high + op->number, .high_open = open});
    note_region(&result, b, a,
                &(struct region){.low = a->low - op->number, .high = INFINITY, .low_open = open});
    return result;
}

static struct guess equal(const struct guess *a, const struct guess *b, double apart)
{
    bool overlap = a->low - apart <= b->high && b->low - apart <= a->high;
    double spread = fmax(fabs(a->high - b->low), fabs(b->high - a->low));
    struct guess result = truth_of(overlap, !(spread <= apart));
    note_region(&result, a, b, &(struct region){.low = b->low - apart, .high = b->high + apart});
    return result;
}

static struct guess negated(const struct guess *a)
{
    return truth_of(a->can_fail, a->can_hold);
}

static struct guess label_guess(const struct walk *w, const struct op *op)
{
    const struct expression_range *range = &w->ranges[op->input];
    const struct value *label = &w->expression->labels[op->count];
    bool is_shown = range->label_count == 0;
    bool is_other = range->label_count == 0 || range->has_numbers;
    for (size_t i = 0; i < range->label_count; i++) {
        bool same = value_equal(&range->labels[i], label);
        is_shown = is_shown || same;
        is_other = is_other || !same;
    }
    struct guess result = truth_of(is_shown || range->has_numbers, is_other);
    add_region(&result, &(struct region){.input = op->input, .label = label});
    return result;
}

/* ---- the walk ---------------------------------------------------------------------------- */

static struct guess guess_number(const struct walk *w, const struct op *op, const struct guess *a)
{
    const struct guess *b = a + 1;
    switch ((int)op->code) {
    case OP_NUMBER:
        return number_between(op->number, op->number);
    case OP_INPUT:
        return input_guess(w, op);
    case OP_AFFINE:
        return scaled(a, op->number, op->second);
    case OP_NEGATE:
        return scaled(a, -1, 0);
    case OP_ADD:
        return number_between(a->low + b->low, a->high + b->high);
    case OP_SUBTRACT:
        return number_between(a->low - b->high, a->high - b->low);
    case OP_MULTIPLY:
        return product(a, b);
    default:
        return quotient(a, b);
    }
}

static struct guess guess_between(const struct op *op, const struct guess *a)
{
    const struct guess above = less(op, &a[1], &a[0], true);
    const struct guess below = less(op, &a[0], &a[2], true);
    return both(&above, &below);
}

static struct guess guess_truth(const struct walk *w, const struct op *op, const struct guess *a)
{
    const struct guess *b = a + 1;
    struct guess result;
    switch ((int)op->code) {
    case OP_TRUTH:
        return truth_of(op->count != 0, op->count == 0);
    case OP_LABEL:
        return label_guess(w, op);
    case OP_LESS:
    case OP_LESS_EQUAL:
        return less(op, a, b, op->code == OP_LESS_EQUAL);
    case OP_GREATER:
    case OP_GREATER_EQUAL:
        return less(op, b, a, op->code == OP_GREATER_EQUAL);
    case OP_EQUAL:
    case OP_NEAR:
        return equal(a, b, op->code == OP_NEAR ? op->number : 0);
    case OP_NOT_EQUAL:
        result = equal(a, b, 0);
        return negated(&result);
    case OP_AND:
        return both(a, b);
    case OP_OR:
        return truth_of(a->can_hold || b->can_hold, a->can_fail && b->can_fail);
    case OP_NOT:
        return negated(a);
    case OP_BETWEEN:
        return guess_between(op, a);
    case OP_FOR:
        result = *a;
        result.can_fail = true; /* at first */
        return result;
    default:
        return truth_of(true, true); /* changes, times of day, quality */
    }
}

static bool is_number(enum op_code code)
{
    return code == OP_NUMBER || code == OP_INPUT || (code >= OP_AFFINE && code <= OP_DIVIDE);
}

static struct guess guess(const struct expression *expression,
                          const struct expression_range *ranges)
{
    struct walk w = {.expression = expression, .ranges = ranges};
    for (size_t i = 0; i < expression->op_count; i++) {
        const struct op *op = &expression->ops[i];
        unsigned operands = op_traits(op->code)->operands;
        struct guess *first = &w.stack[w.depth - operands];
        *first = is_number(op->code) ? guess_number(&w, op, first) : guess_truth(&w, op, first);
        w.depth = w.depth - operands + 1;
    }
    return w.stack[0];
}

struct expression_possible expression_possible(const struct expression *expression,
                                               const struct expression_range *ranges)
{
    const struct guess result = guess(expression, ranges);
    return (struct expression_possible){result.can_hold, result.can_fail};
}

bool expression_can_meet(const struct expression *a, const struct expression *b,
                         const struct expression_range *ranges)
{
    const struct guess one = guess(a, ranges);
    const struct guess other = guess(b, ranges);
    return both(&one, &other).can_hold;
}

bool expression_is_damped(const struct expression *expression)
{
    for (size_t i = 0; i < expression->op_count; i++) {
        const struct op *op = &expression->ops[i];
        if (op->code == OP_FOR || (op_traits(op->code)->orders && op->number != 0)) {
            return true;
        }
    }
    return false;
}
