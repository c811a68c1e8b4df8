#include "edge-gateway/can/cursor.h"

#include "common/parse.h"

#include <string.h>
#include <strings.h>

bool cursor_take_text(struct cursor *c, const char *text)
{
    size_t length = strlen(text);
    if (cursor_left(c) < length || memcmp(c->at, text, length) != 0) {
        return false;
    }
    c->at += length;
    return true;
}

struct cursor cursor_take_word(struct cursor *c)
{
    cursor_skip_blanks(c);
    struct cursor word = {c->at, c->at};
    while (c->at < c->end && !cursor_is_blank(*c->at)) {
        c->at++;
    }
    word.end = c->at;
    return word;
}

bool cursor_word_is(struct cursor word, const char *text)
{
    size_t length = strlen(text);
    return cursor_left(&word) == length && strncasecmp(word.at, text, length) == 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool cursor_take_number(struct cursor *c, int64_t max, int64_t *ret)
{
    const char *start = c->at;
    int64_t value = 0;
    while (c->at < c->end && is_digit(*c->at) && value <= max) {
        value = value * 10 + (*c->at++ - '0');
    }
    if (c->at == start || value > max) {
        return false;
    }
    *ret = value;
    return true;
}

int64_t cursor_take_fraction(struct cursor *c, int64_t unit)
{
    int64_t value = 0;
    while (c->at < c->end && is_digit(*c->at)) {
        unit /= 10;
        value += (*c->at++ - '0') * unit;
    }
    return value;
}

bool cursor_take_time(struct cursor *c, int64_t unit_us, int64_t *ret_us)
{
    int64_t whole;
    if (!cursor_take_number(c, CURSOR_TIME_MAX_US / unit_us, &whole)) {
        return false;
    }
    bool point = cursor_take(c, '.') || cursor_take(c, ',');
    *ret_us = whole * unit_us + (point ? cursor_take_fraction(c, unit_us) : 0);
    return true;
}

bool cursor_take_bytes(struct cursor *c, size_t count, bool decimal, uint8_t *ret)
{
    for (size_t i = 0; i < count; i++) {
        struct cursor word = cursor_take_word(c);
        size_t length = cursor_left(&word);
        uint64_t value;
        if (length > (decimal ? 3u : 2u) ||
            (decimal ? parse_u64(word.at, length, UINT8_MAX, &value)
                     : parse_hex_u64(word.at, length, UINT8_MAX, &value)) < 0) {
            return false;
        }
        ret[i] = (uint8_t)value;
    }
    return true;
}
