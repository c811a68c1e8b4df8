#include "common/parse.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_TEXT_MAX 128

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return 16;
}

static int parse_digits(const char *text, size_t length, unsigned base, uint64_t max, uint64_t *ret)
{
    if (length == 0) {
        return -EINVAL;
    }
    uint64_t value = 0;
    bool too_large = false;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = (unsigned)digit_value(text[i]);
        if (digit >= base) {
            return -EINVAL;
        }
        if (value > (max - digit) / base || digit > max) {
            too_large = true;
        } else {
            value = value * base + digit;
        }
    }
    if (too_large) {
        return -ERANGE;
    }
    *ret = value;
    return 0;
}

int parse_u64(const char *text, size_t length, uint64_t max, uint64_t *ret)
{
    return parse_digits(text, length, 10, max, ret);
}

int parse_hex_u64(const char *text, size_t length, uint64_t max, uint64_t *ret)
{
    return parse_digits(text, length, 16, max, ret);
}

int parse_i64(const char *text, size_t length, int64_t min, int64_t max, int64_t *ret)
{
    bool negative = length > 0 && text[0] == '-';
    size_t sign = length > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    uint64_t magnitude;
    int r = parse_digits(text + sign, length - sign, 10, (uint64_t)INT64_MAX + (negative ? 1u : 0u),
                         &magnitude);
    if (r < 0) {
        return r;
    }
    int64_t value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    if (value < min || value > max) {
        return -ERANGE;
    }
    *ret = value;
    return 0;
}

static size_t skip_digits(const char *text, size_t length, size_t at)
{
    while (at < length && text[at] >= '0' && text[at] <= '9') {
        at++;
    }
    return at;
}

static bool is_number(const char *text, size_t length)
{
    size_t at = length > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    size_t start = at;
    at = skip_digits(text, length, at);
    size_t digits = at - start;
    if (at < length && text[at] == '.') {
        start = ++at;
        at = skip_digits(text, length, at);
        digits += at - start;
    }
    if (digits == 0) {
        return false;
    }
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        if (at < length && (text[at] == '-' || text[at] == '+')) {
            at++;
        }
        start = at;
        at = skip_digits(text, length, at);
        if (at == start) {
            return false;
        }
    }
    return at == length;
}

int parse_f64(const char *text, size_t length, double *ret)
{
    if (!is_number(text, length)) {
        return -EINVAL;
    }
    char copy[NUMBER_TEXT_MAX];
    if (length >= sizeof(copy)) {
        return -ERANGE;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    /* The daemons never call setlocale(), so strtod() sees the "C" locale's point. */
    double value = strtod(copy, NULL);
    if (!isfinite(value)) {
        return -ERANGE;
    }
    *ret = value;
    return 0;
}
