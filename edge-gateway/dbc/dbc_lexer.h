/*
 * A cursor over DBC text. The parser says what it expects next (a word, a number, a string, one
 * character) and the lexer takes it or leaves the cursor where it is; so names that begin with a
 * digit and numbers such as ".25" need no rules of their own. Borrows the text; allocates nothing.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_LEXER_H
#define EDGE_GATEWAY_DBC_DBC_LEXER_H

#include <stdbool.h>
#include <stddef.h>

struct dbc_span {
    const char *text;
    size_t length;
};

struct dbc_lexer {
    const char *at;
    const char *end;
    const char *line_start;
    unsigned line;
    const char *token_end; /* behind the last token taken, with its line */
    const char *token_line_start;
    unsigned token_line;
};

/* A place in the text, cheap to note for every token; valid as long as the text. */
struct dbc_position {
    unsigned line;          /* from 1; 0: the whole file */
    const char *line_start; /* NULL for the whole file */
    const char *at;
};

void dbc_lexer_init(struct dbc_lexer *lexer, const char *text, size_t length);
struct dbc_position dbc_lexer_position(const struct dbc_lexer *lexer);

/* In characters, from 1 (0: the whole file); counted only up to some thousand. */
unsigned dbc_position_column(struct dbc_position position);

/* Behind the last token: where something is missing. */
struct dbc_position dbc_lexer_token_end(const struct dbc_lexer *lexer);

/* Skips white space and comments; true when a line end or the end of the text lies between the last
 * token and the cursor. */
bool dbc_lexer_skip_space(struct dbc_lexer *lexer);

/* Like it, but stays on the line; true when something is left on it. */
bool dbc_lexer_skip_blanks(struct dbc_lexer *lexer);

/* Each takes its kind of token after white space, or returns false and takes nothing but that. */
bool dbc_lexer_char(struct dbc_lexer *lexer, char c);
bool dbc_lexer_word(struct dbc_lexer *lexer, struct dbc_span *ret); /* up to space or :;,"|@()[] */
bool dbc_lexer_digits(struct dbc_lexer *lexer, struct dbc_span *ret);
bool dbc_lexer_number(struct dbc_lexer *lexer, struct dbc_span *ret); /* "-.5e+3" */

/*
 * A quoted string, which may span lines; *ret is what is between the quotes, with its escapes.
 * *ret_closed is false when the closing quote was missing; the string then ends with its line.
 */
bool dbc_lexer_string(struct dbc_lexer *lexer, struct dbc_span *ret, bool *ret_closed);

void dbc_lexer_skip_line(struct dbc_lexer *lexer);

#endif
