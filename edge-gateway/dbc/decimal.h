/*
 * Exact decimal numbers: an integer times a power of ten, as a person wrote them. A DBC's factor
 * 0.01 is 1 x 10^-2, not the nearest double, so a raw 2157 prints 21.57. Pure, no allocation.
 */
#ifndef EDGE_GATEWAY_DBC_DECIMAL_H
#define EDGE_GATEWAY_DBC_DECIMAL_H

#include "common/attributes.h"
#include "edge-gateway/dbc/int128.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Enough for every text made here: a sign, 39 digits, a point, 40 zeros, an exponent, NUL. */
#define DECIMAL_TEXT_MAX 96

struct decimal {
    struct int128 mantissa; /* below 10^37 in magnitude when it comes from decimal_parse() */
    int exponent;           /* the value is mantissa x 10^exponent */
};

static inline struct decimal decimal_of(int64_t mantissa, int exponent)
{
    return (struct decimal){int128_of(mantissa), exponent};
}

static inline bool decimal_is_one(const struct decimal *value)
{
    return int128_compare(value->mantissa, int128_of(1)) == 0 && value->exponent == 0;
}

/*
 * JSON number grammar plus a leading '+' and a bare point (".5", "5."). The result is normalised:
 * no trailing zero in the mantissa, zero has exponent 0. Digits after the 37th significant one are
 * dropped. 0, -EINVAL (not a number) or -ERANGE (exponent beyond +-400); untouched on failure.
 */
EDGE_MUST_CHECK int decimal_parse(const char *text, size_t length, struct decimal *ret);

/* The shortest decimal that reads back as this double; false for infinities and NaN. */
EDGE_MUST_CHECK bool decimal_from_double(double value, struct decimal *ret);

/* Correctly rounded. */
double decimal_to_double(const struct decimal *value);
double decimal_i64_to_double(int64_t mantissa, int exponent);

/*
 * The texts are JSON numbers without trailing zeros, NUL-terminated in `text` (DECIMAL_TEXT_MAX
 * bytes); the result is the length. Plain notation up to 40 digits, else with an exponent.
 */
size_t decimal_format(struct int128 mantissa, int exponent, char *text);
size_t decimal_format_u64(uint64_t value, char *text);
size_t decimal_format_i64(int64_t mantissa, int exponent, char *text);

/* The shortest text that reads back as the same double or float; 0 for infinities and NaN. */
size_t decimal_format_double(double value, char *text);
size_t decimal_format_float(float value, char *text);

#endif
