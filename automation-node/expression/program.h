/* The flat program of an expression: operations on a small stack. A part of expression.h. */
#ifndef EDGE_AUTOMATION_EXPRESSION_PROGRAM_H
#define EDGE_AUTOMATION_EXPRESSION_PROGRAM_H

#include "automation-node/expression/expression.h"

#define PROGRAM_STACK_MAX 32
#define PROGRAM_OPS_MAX   512

enum op_code {
    OP_NUMBER,         /* push `number` */
    OP_INPUT,          /* push the number that the input shows */
    OP_TRUTH,          /* push `count` */
    OP_LABEL,          /* push whether the input shows label `count` */
    OP_CHANGED,        /* push whether the input has just changed */
    OP_CHANGED_WITHIN, /* ... within `span_us` */
    OP_RISING,         /* push whether the last change was upwards */
    OP_FALLING,
    OP_STALE,    /* push whether the input is not good */
    OP_WINDOW,   /* push whether the time of day is in window `count`; has a slot */
    OP_WEEKDAYS, /* push whether today is one of the days in `count`; has a slot */
    OP_AFFINE,   /* top * number + second */
    OP_NEGATE,
    OP_ADD, /* the following take two and push one */
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_EQUAL,
    OP_NOT_EQUAL,
    OP_NEAR, /* differ by at most `number` */
    OP_AND,
    OP_OR,
    OP_NOT,
    OP_BETWEEN, /* takes three: value, low, high */
    OP_FOR,     /* the top has been true for `span_us`; has a slot; `count` is where it begins */
    OP_COUNT
};

struct op {
    enum op_code code;
    uint32_t slot;
    size_t input;
    size_t count;
    double number; /* of a comparison: hysteresis; has a slot then */
    double second;
    int64_t span_us;
};

/* What an operation pushes: a number (NAN = unknown) or a truth. */
struct cell {
    double number;
    enum truth truth;
    bool lost;    /* unknown: because something is lost */
    size_t blame; /* unknown: which input is the reason */
};

struct time_window {
    struct moment from;
    struct moment to;
};

struct expression {
    char *text;
    struct op *ops;
    size_t op_count;
    size_t slot_count;
    struct value *labels;
    size_t label_count;
    struct time_window *windows;
    size_t window_count;
    size_t *inputs;
    size_t input_count;
    bool pulse;
};

/* What every operation of a kind has in common. */
struct op_traits {
    unsigned operands; /* taken from the stack; one result is pushed */
    bool reads_input;
    bool has_slot; /* a comparison only with a hysteresis, see op_has_slot() */
    bool orders;   /* a comparison that may have a hysteresis */
};

/* An evaluation that tells what each operation pushed; `cells` has one for each. Changes the slots
 * as an evaluation does. */
void program_trace(const struct expression *expression, struct expression_slot *slots,
                   const struct expression_view *view, struct cell *cells);

const struct op_traits *op_traits(enum op_code code);

static inline bool op_has_slot(const struct op *op)
{
    const struct op_traits *traits = op_traits(op->code);
    return traits->has_slot || (traits->orders && op->number != 0);
}

#endif
