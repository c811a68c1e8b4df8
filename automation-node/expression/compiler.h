/* The state of a parse, which the parts of the compiler share. A part of expression.h. */
#ifndef EDGE_AUTOMATION_EXPRESSION_COMPILER_H
#define EDGE_AUTOMATION_EXPRESSION_COMPILER_H

#include "automation-node/expression/builder.h"
#include "automation-node/expression/lexer.h"

struct compiler {
    const char *text;
    struct lexer lexer;
    struct token token; /* the next one */
    const struct expression_scope *scope;
    struct builder *builder;
    struct expression_fault *fault;
    bool failed;        /* `fault` is filled in */
    unsigned nesting;   /* parentheses and `not`s around */
    unsigned expansion; /* names of expressions around */
};

/* Notes the first fault. */
void compiler_fail(struct compiler *c, size_t offset, const char *format, ...) EDGE_PRINTF(3, 4);

void compiler_advance(struct compiler *c);
bool compiler_at(const struct compiler *c, const char *word);
/* Takes the word if it is the next one. */
bool compiler_take(struct compiler *c, const char *word);

/* Emits one operation without arguments. */
void compiler_emit(struct compiler *c, enum op_code code);

/* The next tokens as a duration; fails when they are none. */
int64_t compiler_duration(struct compiler *c);

#endif
