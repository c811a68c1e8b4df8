/* What the compiler knows of the parts of an expression: their kinds and units. A part of
 * expression.h. */
#ifndef EDGE_AUTOMATION_EXPRESSION_OPERAND_H
#define EDGE_AUTOMATION_EXPRESSION_OPERAND_H

#include "automation-node/expression/compiler.h"

#define OPERAND_UNIT_SIZE 64

enum operand_kind {
    OPERAND_TRUTH,
    OPERAND_NUMBER,
    OPERAND_INPUT, /* a name that stands for an input; its op pushes its number */
    OPERAND_WORD   /* a name that stands for nothing; pushes nothing */
};

struct operand {
    enum operand_kind kind;
    size_t offset;                 /* where it begins in the text */
    size_t op;                     /* INPUT and literal numbers: what pushes it */
    bool literal;                  /* a number as written: its value may still be converted */
    bool difference;               /* a number: a step between two values of a scale */
    char unit[OPERAND_UNIT_SIZE];  /* "" = none, or not known */
    struct expression_symbol name; /* INPUT */
    struct token token;            /* INPUT and WORD */
};

/* Fail unless the operand is, or can be taken for, that. */
void operand_need_truth(struct compiler *c, const struct operand *operand);
void operand_need_number(struct compiler *c, struct operand *operand);
void operand_fail_unknown(struct compiler *c, const struct operand *operand);

/* Makes two numbers, `right` the topmost, comparable. */
void operand_unify(struct compiler *c, struct operand *left, struct operand *right);

/* Emits + - * / for two numbers, with the unit of the result. */
struct operand operand_add(struct compiler *c, struct operand *left, struct operand *right,
                           enum op_code code);
struct operand operand_multiply(struct compiler *c, struct operand *left, struct operand *right,
                                enum op_code code);

/* Converts a literal step ("hysteresis 1 °C") into the unit of `of`. */
double operand_step(struct compiler *c, const struct token *number, const struct operand *of);

/* What may follow the name of an input, or a number: comparisons, `is`, `changed`, ... */
struct operand compiler_relation(struct compiler *c, struct operand *left);

/* Sums and products. */
struct operand compiler_sum(struct compiler *c);

/* Everything up to a closing parenthesis or the end. */
struct operand compiler_expression(struct compiler *c);

#endif
