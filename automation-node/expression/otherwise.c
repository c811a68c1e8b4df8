/* What would make an expression otherwise, for a person. Walks the program with texts in place of
 * values: a number as it reads, a truth as what would turn it. */
#include "automation-node/calendar/civil.h"
#include "automation-node/expression/line.h"
#include "automation-node/expression/program.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART_TEXT_SIZE 400

/* What one operation stands for. */
struct part {
    char text[PART_TEXT_SIZE]; /* a number as it reads; of a truth, what would turn it */
    struct cell cell;          /* what it is now */
    const char *unit;          /* of a number; "" = not known */
    bool constant;             /* a number that nothing changes */
    bool joined;               /* needs parentheses beside others */
};

struct walk {
    const struct expression *expression;
    const struct expression_view *view;
    size_t depth;
    struct part stack[PROGRAM_STACK_MAX + 1];
    struct cell cells[PROGRAM_OPS_MAX];
    struct expression_slot scratch[PROGRAM_OPS_MAX]; /* as the evaluation leaves them */
};

static const struct input *input_of(const struct walk *w, const struct op *op)
{
    return &w->view->inputs[op->input];
}

static struct line begin(struct part *part)
{
    return line_begin(part->text, sizeof(part->text));
}

/* `unit` is that of what it meets, which a constant without one shares. */
static void append_operand(struct line *line, const struct part *part, const char *unit)
{
    line_append(line, part->joined ? "(" : "");
    if (part->constant) {
        line_append_number(line, part->cell.number, part->unit[0] != '\0' ? part->unit : unit);
    } else {
        line_append(line, part->text);
    }
    line_append(line, part->joined ? ")" : "");
}

static void append_part(struct line *line, const struct part *part)
{
    append_operand(line, part, "");
}

/* ---- numbers ---- */

static const char *unit_of_both(const struct part *a, const struct part *b)
{
    return a->unit[0] != '\0' ? a->unit : b->unit;
}

static void combine_numbers(enum op_code code, const struct part *a, const struct part *b,
                            struct part *ret)
{
    static const char *const signs[OP_COUNT] = {
        [OP_ADD] = " + ", [OP_SUBTRACT] = " - ", [OP_MULTIPLY] = " * ", [OP_DIVIDE] = " / "};
    struct line line = begin(ret);
    ret->joined = true;
    ret->constant = a->constant && b->constant;
    ret->unit = code == OP_ADD || code == OP_SUBTRACT ? unit_of_both(a, b) : "";
    append_operand(&line, a, ret->unit);
    line_append(&line, signs[code]);
    append_operand(&line, b, ret->unit);
}

static void number(const struct walk *w, const struct op *op, const struct part *a,
                   const struct part *b, struct part *ret)
{
    struct line line = begin(ret);
    switch ((int)op->code) {
    case OP_NUMBER:
        ret->constant = true;
        break;
    case OP_INPUT:
        line_append(&line, input_of(w, op)->id);
        ret->unit = input_of(w, op)->unit;
        break;
    case OP_AFFINE: /* the same in another unit */
        memcpy(ret->text, a->text, sizeof(ret->text));
        ret->constant = a->constant;
        ret->joined = a->joined;
        break;
    case OP_NEGATE:
        line_append(&line, "-");
        append_part(&line, a);
        ret->constant = a->constant;
        ret->unit = a->unit;
        break;
    default:
        combine_numbers(op->code, a, b, ret);
        break;
    }
}

/* ---- comparisons ---- */

static void append_now(struct line *line, const struct part *part, const char *unit)
{
    line_append(line, " (now ");
    line_append_number(line, part->cell.number, part->unit[0] != '\0' ? part->unit : unit);
    line_append(line, ")");
}

/* The comparison that is to hold for the truth to turn, `a` on the left; `by` moves the limit. */
static void append_comparison(struct line *line, const struct part *a, const char *sign,
                              const struct part *b, double by)
{
    const char *unit = unit_of_both(a, b);
    line_append(line, a->text);
    line_append(line, sign);
    if (b->constant) {
        line_append_number(line, b->cell.number + by, unit);
    } else {
        append_part(line, b);
        if (by != 0) {
            line_printf(line, " %c %.6g", by > 0 ? '+' : '-', fabs(by));
        }
    }
    append_now(line, a, unit);
}

static void turn_order(const struct op *op, const struct part *a, const struct part *b,
                       struct part *ret)
{
    bool less = op->code == OP_LESS || op->code == OP_LESS_EQUAL;
    bool or_equal = op->code == OP_LESS_EQUAL || op->code == OP_GREATER_EQUAL;
    bool holds = ret->cell.truth == TRUTH_TRUE;
    double by = holds ? (less ? op->number : -op->number) : 0;
    bool mirrored = a->constant && !b->constant;
    /* One with a hysteresis ends at its limit, that one included. */
    bool inclusive = holds ? !or_equal || op->number != 0 : or_equal;
    bool below = less != holds;
    struct line line = begin(ret);
    below = mirrored ? !below : below;
    by = mirrored ? -by : by;
    const char *sign = below ? (inclusive ? " <= " : " < ") : (inclusive ? " >= " : " > ");
    append_comparison(&line, mirrored ? b : a, sign, mirrored ? a : b, by);
}

static void turn_equality(const struct op *op, const struct part *a, const struct part *b,
                          struct part *ret)
{
    bool to_equal = (op->code == OP_EQUAL) == (ret->cell.truth == TRUTH_FALSE);
    struct line line = begin(ret);
    append_comparison(&line, a->constant ? b : a, to_equal ? " = " : " != ", a->constant ? a : b,
                      0);
}

static void turn_near(const struct op *op, const struct part *a, const struct part *b,
                      struct part *ret)
{
    struct line line = begin(ret);
    append_part(&line, a);
    line_append(&line, ret->cell.truth == TRUTH_TRUE ? " more than " : " within ");
    line_append_number(&line, op->number, unit_of_both(a, b));
    line_append(&line, ret->cell.truth == TRUTH_TRUE ? " from " : " of ");
    append_operand(&line, b, a->unit);
    append_now(&line, a, b->unit);
}

static void turn_between(const struct part *value, const struct part *low, const struct part *high,
                         struct part *ret)
{
    struct line line = begin(ret);
    append_part(&line, value);
    line_append(&line, ret->cell.truth == TRUTH_TRUE ? " outside of " : " between ");
    append_operand(&line, low, value->unit);
    line_append(&line, " and ");
    append_operand(&line, high, value->unit);
    append_now(&line, value, unit_of_both(low, high));
}

/* ---- what inputs show ---- */

static void turn_label(const struct walk *w, const struct op *op, struct part *ret)
{
    char label[VALUE_TEXT_SIZE];
    struct line line = begin(ret);
    (void)value_format(&w->expression->labels[op->count], label, sizeof(label));
    line_append(&line, input_of(w, op)->id);
    line_append(&line, ret->cell.truth == TRUTH_TRUE ? " is not " : " is ");
    line_append(&line, label);
    if (ret->cell.truth != TRUTH_TRUE) {
        line_append(&line, " (now ");
        line_append_value(&line, input_of(w, op));
        line_append(&line, ")");
    }
}

static void turn_change(const struct walk *w, const struct op *op, struct part *ret)
{
    static const char *const turns[OP_COUNT][2] = {
        /* while it is false, while it is true */
        [OP_CHANGED] = {"changes", "is seen again unchanged"},
        [OP_CHANGED_WITHIN] = {"changes", "has not changed"},
        [OP_RISING] = {"rises", "falls"},
        [OP_FALLING] = {"falls", "rises"},
        [OP_STALE] = {"is stale", "is good again"},
    };
    struct line line = begin(ret);
    line_append(&line, input_of(w, op)->id);
    line_append(&line, " ");
    line_append(&line, turns[op->code][ret->cell.truth == TRUTH_TRUE]);
    if (op->code == OP_CHANGED_WITHIN && ret->cell.truth == TRUTH_TRUE) {
        line_printf(&line, " for %.6g s", (double)op->span_us / 1e6);
    }
}

/* ---- time ---- */

static void turn_time(const struct walk *w, const struct op *op, struct part *ret)
{
    struct line line = begin(ret);
    int64_t at_s = w->scratch[op->slot].until_s;
    struct zone_local local = zone_local(w->view->calendar->zone, at_s);
    struct zone_local now = zone_local(w->view->calendar->zone, w->view->wall_us / 1000000);
    struct civil_date date = civil_date(local.day);
    line_append(&line, "it is ");
    if (local.day != now.day) {
        line_printf(&line, "%04lld-%02d-%02d ", (long long)date.year, date.month, date.day);
    }
    line_printf(&line, "%02d:%02d:%02d", (int)(local.second / 3600), (int)(local.second / 60 % 60),
                (int)(local.second % 60));
}

static void turn_lasting(const struct walk *w, const struct op *op, const struct part *condition,
                         struct part *ret)
{
    struct line line = begin(ret);
    const struct expression_slot *slot = &w->scratch[op->slot];
    double span_s = (double)op->span_us / 1e6;
    if (ret->cell.truth == TRUTH_TRUE) {
        append_part(&line, condition);
        return;
    }
    if (condition->cell.truth == TRUTH_TRUE) {
        line_printf(&line, "it has lasted %.6g s (now %.6g s)", span_s,
                    (double)(w->view->now_us - slot->since_us) / 1e6);
        return;
    }
    append_part(&line, condition);
    line_printf(&line, " for %.6g s", span_s);
}

/* ---- logic ---- */

/* Of two truths those that have to turn: any of them (`or`), or each (`and`). */
static void turn_logic(const struct op *op, const struct part *a, const struct part *b,
                       struct part *ret)
{
    enum truth deciding = op->code == OP_AND ? TRUTH_FALSE : TRUTH_TRUE;
    bool decided = ret->cell.truth == deciding;
    bool a_counts = !decided || a->cell.truth == deciding;
    bool b_counts = !decided || b->cell.truth == deciding;
    if (ret->cell.truth == TRUTH_UNKNOWN) {
        a_counts = a->cell.truth == TRUTH_UNKNOWN;
        b_counts = b->cell.truth == TRUTH_UNKNOWN;
    }
    struct line line = begin(ret);
    ret->joined = a_counts && b_counts;
    if (!ret->joined) {
        line_append(&line, a_counts ? a->text : b->text);
        return;
    }
    line_append(&line, a->text);
    line_append(&line, decided ? " and " : " or ");
    line_append(&line, b->text);
}

static void turn_unknown(const struct walk *w, struct part *ret)
{
    struct line line = begin(ret);
    if (ret->cell.blame != EXPRESSION_NO_INPUT) {
        const struct input *input = &w->view->inputs[ret->cell.blame];
        line_append(&line, input->id);
        line_append(&line, " is good again");
    } else {
        line_append(&line,
                    ret->cell.lost ? "it can be computed again" : "it has lasted long enough");
    }
}

/* ---- the walk ---- */

static void turn(const struct walk *w, const struct op *op, const struct part *operands,
                 struct part *ret)
{
    switch ((int)op->code) {
    case OP_TRUTH:
        (void)snprintf(ret->text, sizeof(ret->text), "never");
        break;
    case OP_LABEL:
        turn_label(w, op, ret);
        break;
    case OP_WINDOW:
    case OP_WEEKDAYS:
        turn_time(w, op, ret);
        break;
    case OP_EQUAL:
    case OP_NOT_EQUAL:
        turn_equality(op, &operands[0], &operands[1], ret);
        break;
    case OP_NEAR:
        turn_near(op, &operands[0], &operands[1], ret);
        break;
    case OP_BETWEEN:
        turn_between(&operands[0], &operands[1], &operands[2], ret);
        break;
    case OP_NOT:
        memcpy(ret->text, operands[0].text, sizeof(ret->text));
        ret->joined = operands[0].joined;
        break;
    case OP_AND:
    case OP_OR:
        turn_logic(op, &operands[0], &operands[1], ret);
        break;
    case OP_FOR:
        turn_lasting(w, op, &operands[0], ret);
        break;
    default:
        if (op_traits(op->code)->orders) {
            turn_order(op, &operands[0], &operands[1], ret);
        } else {
            turn_change(w, op, ret);
        }
        break;
    }
}

static bool is_number(enum op_code code)
{
    return code == OP_NUMBER || code == OP_INPUT || (code >= OP_AFFINE && code <= OP_DIVIDE);
}

/* One that is unknown only because of its parts says what they say. */
static bool is_leaf(enum op_code code)
{
    return code != OP_AND && code != OP_OR && code != OP_NOT && code != OP_FOR;
}

static void step(struct walk *w, size_t index)
{
    const struct op *op = &w->expression->ops[index];
    unsigned operands = op_traits(op->code)->operands;
    struct part *first = &w->stack[w->depth - operands];
    struct part result = {.cell = w->cells[index], .unit = ""};
    if (is_number(op->code)) {
        number(w, op, first, first + 1, &result);
    } else if (result.cell.truth == TRUTH_UNKNOWN && is_leaf(op->code)) {
        turn_unknown(w, &result);
    } else {
        turn(w, op, first, &result);
    }
    *first = result;
    w->depth = w->depth - operands + 1;
}

int expression_otherwise(const struct expression *expression, const struct expression_slot *slots,
                         const struct expression_view *view, char *text, size_t size)
{
    struct walk *w = calloc(1, sizeof(*w));
    if (w == NULL) {
        return -ENOMEM;
    }
    w->expression = expression;
    w->view = view;
    memcpy(w->scratch, slots, expression->slot_count * sizeof(slots[0]));
    program_trace(expression, w->scratch, view, w->cells);
    for (size_t i = 0; i < expression->op_count; i++) {
        step(w, i);
    }
    struct line line = line_begin(text, size);
    line_append(&line, w->stack[0].text);
    free(w);
    return 0;
}
