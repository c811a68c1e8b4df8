#include "common/yaml_locate.h"

#include <stdbool.h>
#include <string.h>

/* A position in the file, and how many bytes of the value lie before it. */
struct walker {
    const char *at;
    struct yaml_place place;
    size_t emitted;
};

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Over one character, or one line break. */
static void step(struct walker *w)
{
    bool crlf = w->at[0] == '\r' && w->at[1] == '\n';
    if (is_break(*w->at)) {
        w->place = (struct yaml_place){w->place.line + 1, 1};
        w->at += crlf ? 2 : 1;
        return;
    }
    do {
        w->at++;
    } while (((unsigned char)*w->at & 0xC0u) == 0x80u);
    w->place.column++;
}

static void skip_blanks(struct walker *w)
{
    while (is_blank(*w->at)) {
        step(w);
    }
}

static void emit(struct walker *w)
{
    const char *from = w->at;
    step(w);
    w->emitted += (size_t)(w->at - from);
}

/* ---- plain and quoted scalars: lines are folded ---- */

/* Line breaks with the blanks around them: one is a space, more are one less. */
static void fold(struct walker *w)
{
    size_t breaks = 0;
    while (is_break(*w->at)) {
        step(w);
        skip_blanks(w);
        breaks++;
    }
    w->emitted += breaks == 1 ? 1 : breaks - 1;
}

/* Blanks before a line break are not part of the value. */
static void take_blanks(struct walker *w)
{
    const char *end = w->at + strspn(w->at, " \t");
    bool dropped = is_break(*end);
    while (w->at < end) {
        size_t before = w->emitted;
        emit(w);
        w->emitted = dropped ? before : w->emitted;
    }
}

static size_t hex_digits(char kind)
{
    switch (kind) {
    case 'x':
        return 2;
    case 'u':
        return 4;
    case 'U':
        return 8;
    default:
        return 0;
    }
}

static size_t utf8_length(unsigned long code)
{
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/* In double quotes: a backslash and what belongs to it. */
static void take_escape(struct walker *w)
{
    step(w);
    char kind = *w->at;
    if (is_break(kind)) {
        step(w);
        skip_blanks(w);
        return;
    }
    step(w);
    size_t digits = hex_digits(kind);
    unsigned long code = kind == '_' ? 0xA0 : 0; /* \\_ is a no-break space */
    for (; digits > 0 && *w->at != '\0'; digits--) {
        char c = *w->at;
        unsigned long digit =
            c <= '9' ? (unsigned long)(c - '0') : (unsigned long)((c | 0x20) - 'a' + 10);
        code = code * 16 + digit;
        step(w);
    }
    w->emitted += utf8_length(code);
}

/* False at a ${VARIABLE}. */
static bool take_dollar(struct walker *w)
{
    if (w->at[1] == '{') {
        return false;
    }
    if (w->at[1] == '$') {
        step(w);
    }
    emit(w);
    return true;
}

static bool take_flow(struct walker *w, char quote)
{
    char c = *w->at;
    if (is_blank(c)) {
        take_blanks(w);
    } else if (is_break(c)) {
        fold(w);
    } else if (c == '$') {
        return take_dollar(w);
    } else if (c == '\\' && quote == '"') {
        take_escape(w);
    } else if (c == '\'' && quote == '\'') {
        step(w);
        emit(w); /* '' is one quote; a single one ends the scalar */
    } else {
        emit(w);
    }
    return true;
}

static bool walk_flow(struct walker *w, size_t offset)
{
    char quote = *w->at == '\'' || *w->at == '"' ? *w->at : '\0';
    if (quote != '\0') {
        step(w);
    }
    while (w->emitted < offset && *w->at != '\0') {
        if (!take_flow(w, quote)) {
            return false;
        }
    }
    while (quote == '"' && w->at[0] == '\\' && is_break(w->at[1])) {
        take_escape(w); /* an escaped line break is nothing */
    }
    return w->emitted >= offset;
}

/* ---- block scalars ---- */

/* The indentation of the first line that is not empty. */
static size_t find_indentation(const char *at)
{
    for (;;) {
        size_t spaces = strspn(at, " ");
        if (!is_break(at[spaces])) {
            return spaces;
        }
        at += spaces + 1;
    }
}

static void skip_indentation(struct walker *w, size_t indentation)
{
    for (size_t i = 0; i < indentation && *w->at == ' '; i++) {
        step(w);
    }
}

/* From the end of a line to the text of the next one. In folded text a single break is a space, and
 * of several the first is dropped, except around lines that are indented more. */
static void next_line(struct walker *w, size_t indentation, bool folded, bool deep)
{
    size_t breaks = 0;
    while (is_break(*w->at)) {
        step(w);
        skip_indentation(w, indentation);
        breaks++;
    }
    deep = deep || is_blank(*w->at);
    w->emitted += folded && !deep && breaks > 1 ? breaks - 1 : breaks;
}

static bool walk_block(struct walker *w, size_t offset)
{
    bool folded = *w->at == '>';
    while (*w->at != '\0' && !is_break(*w->at)) {
        step(w);
    }
    if (*w->at == '\0') {
        return false;
    }
    step(w);
    size_t indentation = find_indentation(w->at);
    while (is_break(w->at[strspn(w->at, " ")])) {
        skip_blanks(w);
        emit(w); /* an empty line before the text is a line break of the value */
    }
    skip_indentation(w, indentation);
    bool deep = is_blank(*w->at);
    while (w->emitted < offset && *w->at != '\0') {
        if (is_break(*w->at)) {
            next_line(w, indentation, folded, deep);
            deep = is_blank(*w->at);
        } else if (*w->at == '$') {
            if (!take_dollar(w)) {
                return false;
            }
        } else {
            emit(w);
        }
    }
    return w->emitted >= offset;
}

struct yaml_place yaml_locate(const char *text, struct yaml_place start, size_t offset)
{
    struct walker w = {.at = text, .place = {1, 1}};
    while (*w.at != '\0' && (w.place.line < start.line ||
                             (w.place.line == start.line && w.place.column < start.column))) {
        step(&w);
    }
    bool block = *w.at == '|' || *w.at == '>';
    bool found = block ? walk_block(&w, offset) : walk_flow(&w, offset);
    return found ? w.place : start;
}
