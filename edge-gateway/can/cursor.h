/*
 * A bounded position in text, and the pieces that every form of log is made of. The text need not
 * end in NUL. What cannot be taken gives false and leaves the position where it stopped. Pure.
 */
#ifndef EDGE_GATEWAY_CAN_CURSOR_H
#define EDGE_GATEWAY_CAN_CURSOR_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
    const char *at;
    const char *end;
};

static inline size_t cursor_left(const struct cursor *c)
{
    return (size_t)(c->end - c->at);
}

/* A carriage return is blank: logs come with either end of line. One comparison decides mostly. */
static inline bool cursor_is_blank(char c)
{
    return (unsigned char)c <= ' ' && (c == ' ' || c == '\t' || c == '\r');
}

static inline void cursor_skip_blanks(struct cursor *c)
{
    while (c->at < c->end && cursor_is_blank(*c->at)) {
        c->at++;
    }
}

static inline bool cursor_take(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted) {
        return false;
    }
    c->at++;
    return true;
}

/* Exactly this text; the position stays if it is not there. */
bool cursor_take_text(struct cursor *c, const char *text);

/* The next word, blanks before it skipped; empty at the end. */
struct cursor cursor_take_word(struct cursor *c);

/* Whether a word is this text, be it written in small letters or in capitals. */
bool cursor_word_is(struct cursor word, const char *text);

/* Decimal digits, one at least, up to `max` <= INT64_MAX / 10 - 1. */
EDGE_MUST_CHECK bool cursor_take_number(struct cursor *c, int64_t max, int64_t *ret);

/* "12.345", or "12,345", or "12": in microseconds, of which `unit_us` make one of its units. Digits
 * beyond them are cut. At most CURSOR_TIME_MAX_US. */
EDGE_MUST_CHECK bool cursor_take_time(struct cursor *c, int64_t unit_us, int64_t *ret_us);

/* The digits behind a point, in parts of which `unit` make a whole; none are 0. */
int64_t cursor_take_fraction(struct cursor *c, int64_t unit);

/* `count` bytes as words of one or two hexadecimal or, `decimal`, of up to three decimal digits. */
EDGE_MUST_CHECK bool cursor_take_bytes(struct cursor *c, size_t count, bool decimal, uint8_t *ret);

#define CURSOR_TIME_MAX_US INT64_C(253402300800000000) /* the end of the year 9999 */

#endif
