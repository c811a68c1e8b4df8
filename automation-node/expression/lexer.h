/*
 * The words of an expression: names, numbers with their units, times of day, operators. A part of
 * expression.h. Offsets are bytes from the start of the text.
 */
#ifndef EDGE_AUTOMATION_EXPRESSION_LEXER_H
#define EDGE_AUTOMATION_EXPRESSION_LEXER_H

#include "common/quantity.h"

#include <stdbool.h>
#include <stddef.h>

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,   /* an id, or a keyword: the parser knows */
    TOKEN_NUMBER, /* with its unit, if any */
    TOKEN_TIME,   /* 22:00 */
    TOKEN_TEXT,   /* 'in quotes' */
    TOKEN_SYMBOL, /* one of ( ) , + - * / < <= > >= = != */
    TOKEN_BAD     /* anything else */
};

struct token {
    enum token_kind kind;
    size_t offset;
    size_t length;            /* quotes included */
    struct quantity quantity; /* TOKEN_NUMBER; "1e999" is not finite */
};

struct lexer {
    const char *text; /* NUL-terminated; borrowed */
    size_t at;
};

struct token lexer_next(struct lexer *lexer);

/* Whether the token is exactly this word or symbol. */
bool token_is(const char *text, const struct token *token, const char *word);

/* Whether the expression language gives the word a meaning of its own. */
bool token_is_keyword(const char *word, size_t length);

#endif
