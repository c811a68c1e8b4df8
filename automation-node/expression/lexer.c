#include "automation-node/expression/lexer.h"

#include "common/parse.h"
#include "common/units.h"

#include <math.h>
#include <string.h>

static const char *const keywords[] = {
    "and",     "or",         "not",    "is",      "for",    "within",  "of",
    "between", "changed",    "rising", "falling", "true",   "false",   "stale",
    "good",    "hysteresis", "on",     "after",   "before", "sunrise", "sunset",
};

bool token_is(const char *text, const struct token *token, const char *word)
{
    bool literal = token->kind == TOKEN_NAME || token->kind == TOKEN_SYMBOL;
    return literal && strlen(word) == token->length &&
           memcmp(text + token->offset, word, token->length) == 0;
}

bool token_is_keyword(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
        if (strlen(keywords[i]) == length && memcmp(keywords[i], word, length) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_part(char c)
{
    return is_letter(c) || is_digit(c) || c == '-';
}

static size_t digits(const char *text)
{
    size_t length = 0;
    while (is_digit(text[length])) {
        length++;
    }
    return length;
}

static size_t number_length(const char *text)
{
    size_t length = digits(text);
    if (text[length] == '.') {
        length += 1 + digits(text + length + 1);
    }
    if (text[length] == 'e' || text[length] == 'E') {
        size_t sign = text[length + 1] == '-' || text[length + 1] == '+' ? 1 : 0;
        size_t exponent = digits(text + length + 1 + sign);
        length += exponent > 0 ? 1 + sign + exponent : 0;
    }
    return length;
}

/* ---- units ---- */

/* Bytes that may be a unit: up to what certainly begins something else. */
static size_t unit_run(const char *text)
{
    return strcspn(text, " \t\r\n()<>=!,+*'\"");
}

static bool copy_unit(const char *text, size_t length, struct quantity *quantity)
{
    if (length == 0 || length >= sizeof(quantity->unit)) {
        return false;
    }
    memcpy(quantity->unit, text, length);
    quantity->unit[length] = '\0';
    return true;
}

/* The unit at the beginning of the text: the longest one that is known; one that nobody knows ends
 * before a slash, which divides then. A keyword is no unit. Gives its length, 0 if there is none.
 */
static size_t scan_unit(const char *text, struct quantity *quantity)
{
    size_t run = unit_run(text);
    if (run == 0 || is_digit(text[0]) || text[0] == '-' || text[0] == '/' || text[0] == '.') {
        return 0;
    }
    if (token_is_keyword(text, run)) {
        return 0;
    }
    for (size_t length = run; length > 0; length--) {
        if (copy_unit(text, length, quantity) && units_known(quantity->unit) &&
            (length == run || !is_letter(text[length]))) {
            return length;
        }
    }
    size_t length = strcspn(text, " \t\r\n()<>=!,+*'\"/-");
    if (copy_unit(text, length, quantity)) {
        return length;
    }
    quantity->unit[0] = '\0';
    return 0;
}

static struct token scan_number(const char *text, size_t offset)
{
    const char *at = text + offset;
    struct token token = {.kind = TOKEN_NUMBER, .offset = offset, .length = number_length(at)};
    if (parse_f64(at, token.length, &token.quantity.value) < 0) {
        token.quantity.value = NAN;
    }
    size_t spaces = strspn(at + token.length, " ");
    size_t unit = scan_unit(at + token.length + spaces, &token.quantity);
    token.length += unit > 0 ? spaces + unit : 0;
    return token;
}

/* ---- tokens ---- */

static struct token scan_time(const char *text, size_t offset)
{
    const char *at = text + offset;
    size_t length = strspn(at, "0123456789:");
    return (struct token){.kind = TOKEN_TIME, .offset = offset, .length = length};
}

static struct token scan_text(const char *text, size_t offset)
{
    const char *end = strchr(text + offset + 1, text[offset]);
    if (end == NULL) {
        return (struct token){.kind = TOKEN_BAD, .offset = offset, .length = 1};
    }
    return (struct token){
        .kind = TOKEN_TEXT, .offset = offset, .length = (size_t)(end - text) - offset + 1};
}

static struct token scan_symbol(const char *text, size_t offset)
{
    static const char *const symbols[] = {"<=", ">=", "!=", "==", "(", ")", ",",
                                          "+",  "-",  "*",  "/",  "<", ">", "="};
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        size_t length = strlen(symbols[i]);
        if (strncmp(text + offset, symbols[i], length) == 0) {
            return (struct token){.kind = TOKEN_SYMBOL, .offset = offset, .length = length};
        }
    }
    return (struct token){.kind = TOKEN_BAD, .offset = offset, .length = 1};
}

static struct token scan(const char *text, size_t offset)
{
    char c = text[offset];
    if (c == '\0') {
        return (struct token){.kind = TOKEN_END, .offset = offset};
    }
    if (is_digit(c) || (c == '.' && is_digit(text[offset + 1]))) {
        bool is_time = text[offset + digits(text + offset)] == ':';
        return is_time ? scan_time(text, offset) : scan_number(text, offset);
    }
    if (is_letter(c)) {
        size_t length = 1;
        while (is_name_part(text[offset + length])) {
            length++;
        }
        return (struct token){.kind = TOKEN_NAME, .offset = offset, .length = length};
    }
    return c == '\'' || c == '"' ? scan_text(text, offset) : scan_symbol(text, offset);
}

struct token lexer_next(struct lexer *lexer)
{
    lexer->at += strspn(lexer->text + lexer->at, " \t\r\n");
    struct token token = scan(lexer->text, lexer->at);
    lexer->at += token.length;
    return token;
}
