#include "edge-gateway/dbc/dbc_lexer.h"

#include <string.h>

/* Bounds on what is looked at for one string or one column, so that no input costs quadratic time.
 */
#define STRING_MAX_BYTES 65536
#define COLUMN_MAX       4096

void dbc_lexer_init(struct dbc_lexer *lexer, const char *text, size_t length)
{
    *lexer = (struct dbc_lexer){text, text + length, text, 1, text, text, 1};
}

unsigned dbc_position_column(struct dbc_position position)
{
    unsigned column = position.line > 0 ? 1 : 0;
    for (const char *at = position.line_start; at < position.at && column < COLUMN_MAX; at++) {
        column += ((unsigned char)*at & 0xC0) != 0x80 ? 1 : 0;
    }
    return column;
}

struct dbc_position dbc_lexer_position(const struct dbc_lexer *lexer)
{
    return (struct dbc_position){lexer->line, lexer->line_start, lexer->at};
}

struct dbc_position dbc_lexer_token_end(const struct dbc_lexer *lexer)
{
    return (struct dbc_position){lexer->token_line, lexer->token_line_start, lexer->token_end};
}

static void mark_token(struct dbc_lexer *lexer)
{
    lexer->token_end = lexer->at;
    lexer->token_line_start = lexer->line_start;
    lexer->token_line = lexer->line;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Moves past characters that may hold line ends. */
static void advance_to(struct dbc_lexer *lexer, const char *to)
{
    while (lexer->at < to) {
        if (*lexer->at++ == '\n') {
            lexer->line++;
            lexer->line_start = lexer->at;
        }
    }
}

static bool starts_with(const struct dbc_lexer *lexer, const char *text)
{
    size_t length = strlen(text);
    return (size_t)(lexer->end - lexer->at) >= length && memcmp(lexer->at, text, length) == 0;
}

/* Not in the format, but people write C comments into their files. */
static bool skip_comment(struct dbc_lexer *lexer)
{
    size_t left = (size_t)(lexer->end - lexer->at);
    const char *to;
    if (starts_with(lexer, "//")) {
        to = memchr(lexer->at, '\n', left);
    } else if (starts_with(lexer, "/*")) {
        to = memmem(lexer->at + 2, left - 2, "*/", 2);
        to = to != NULL ? to + 2 : NULL;
    } else {
        return false;
    }
    advance_to(lexer, to != NULL ? to : lexer->end);
    return true;
}

bool dbc_lexer_skip_space(struct dbc_lexer *lexer)
{
    while (lexer->at < lexer->end) {
        if (is_blank(*lexer->at)) {
            lexer->at++;
        } else if (*lexer->at == '\n') {
            advance_to(lexer, lexer->at + 1);
        } else if (*lexer->at != '/' || !skip_comment(lexer)) {
            break;
        }
    }
    return lexer->line != lexer->token_line || lexer->at == lexer->end;
}

bool dbc_lexer_skip_blanks(struct dbc_lexer *lexer)
{
    while (lexer->at < lexer->end && is_blank(*lexer->at)) {
        lexer->at++;
    }
    return lexer->at < lexer->end && *lexer->at != '\n' && !starts_with(lexer, "//");
}

bool dbc_lexer_char(struct dbc_lexer *lexer, char c)
{
    (void)dbc_lexer_skip_space(lexer);
    if (lexer->at == lexer->end || *lexer->at != c) {
        return false;
    }
    lexer->at++;
    mark_token(lexer);
    return true;
}

static bool take(struct dbc_lexer *lexer, const char *to, struct dbc_span *ret)
{
    if (to == lexer->at) {
        return false;
    }
    *ret = (struct dbc_span){lexer->at, (size_t)(to - lexer->at)};
    lexer->at = to;
    mark_token(lexer);
    return true;
}

static bool ends_word(char c)
{
    switch (c) {
    case ':':
    case ';':
    case ',':
    case '"':
    case '|':
    case '@':
    case '(':
    case ')':
    case '[':
    case ']':
        return true;
    default:
        return (unsigned char)c <= ' ';
    }
}

bool dbc_lexer_word(struct dbc_lexer *lexer, struct dbc_span *ret)
{
    (void)dbc_lexer_skip_space(lexer);
    const char *to = lexer->at;
    while (to < lexer->end && !ends_word(*to)) {
        to++;
    }
    return take(lexer, to, ret);
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at)) {
        at++;
    }
    return at;
}

bool dbc_lexer_digits(struct dbc_lexer *lexer, struct dbc_span *ret)
{
    (void)dbc_lexer_skip_space(lexer);
    return take(lexer, skip_digits(lexer->at, lexer->end), ret);
}

bool dbc_lexer_number(struct dbc_lexer *lexer, struct dbc_span *ret)
{
    (void)dbc_lexer_skip_space(lexer);
    const char *at = lexer->at;
    const char *end = lexer->end;
    if (at < end && (*at == '-' || *at == '+')) {
        at++;
    }
    const char *start = at;
    at = skip_digits(at, end);
    size_t digits = (size_t)(at - start);
    if (at < end && *at == '.') {
        const char *point = at + 1;
        at = skip_digits(point, end);
        digits += (size_t)(at - point);
    }
    if (digits == 0) {
        return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        const char *exponent = at + 1;
        if (exponent < end && (*exponent == '-' || *exponent == '+')) {
            exponent++;
        }
        const char *to = skip_digits(exponent, end);
        at = to > exponent ? to : at;
    }
    return take(lexer, at, ret);
}

/* Whether a line that begins at `at` begins a statement: "BO_ ", " SG_ ", "VAL_TABLE_ ". */
static bool begins_statement(const char *at, const char *end)
{
    while (at < end && (is_blank(*at) || *at == '\n')) {
        at++;
    }
    const char *start = at;
    while (at < end && ((*at >= 'A' && *at <= 'Z') || *at == '_')) {
        at++;
    }
    return at == end || (at - start >= 3 && at[-1] == '_' && (is_blank(*at) || *at == ':'));
}

/*
 * A backslash before the quote escapes it - but "C:\logs\"; ends there all the same when the
 * statement ends with it and the next line begins another.
 */
static bool is_escape(const char *quote, const char *end)
{
    const char *at = quote + 1;
    while (at < end && is_blank(*at)) {
        at++;
    }
    if (at == end || *at != ';') {
        return true;
    }
    at++;
    while (at < end && is_blank(*at)) {
        at++;
    }
    return at < end && (*at != '\n' || !begins_statement(at, end));
}

static const char *closing_quote(const char *at, const char *end)
{
    for (; at < end; at++) {
        if (*at == '\\' && at + 1 < end && at[1] == '"' && is_escape(at + 1, end)) {
            at++;
        } else if (*at == '"') {
            return at;
        }
    }
    return NULL;
}

bool dbc_lexer_string(struct dbc_lexer *lexer, struct dbc_span *ret, bool *ret_closed)
{
    if (!dbc_lexer_char(lexer, '"')) {
        return false;
    }
    const char *start = lexer->at;
    size_t left = (size_t)(lexer->end - start);
    const char *to =
        closing_quote(start, start + (left < STRING_MAX_BYTES ? left : STRING_MAX_BYTES));
    *ret_closed = to != NULL;
    if (to == NULL) {
        to = memchr(start, '\n', left);
        to = to != NULL ? to : lexer->end;
        while (to > start && (is_blank(to[-1]) || to[-1] == ';')) {
            to--;
        }
    }
    *ret = (struct dbc_span){start, (size_t)(to - start)};
    advance_to(lexer, *ret_closed ? to + 1 : to);
    mark_token(lexer);
    return true;
}

void dbc_lexer_skip_line(struct dbc_lexer *lexer)
{
    const char *newline = memchr(lexer->at, '\n', (size_t)(lexer->end - lexer->at));
    lexer->at = newline != NULL ? newline : lexer->end;
}
