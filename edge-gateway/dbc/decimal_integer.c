#include "edge-gateway/dbc/decimal_integer.h"

#define POWERS       38          /* 10^37 is the largest power of ten kept */
#define CHUNK        1000000000u /* divided by at once */
#define CHUNK_DIGITS 9

/* 10^0 to 10^CHUNK_DIGITS. */
static const uint32_t powers[] = {1,      10,      100,      1000,      10000,
                                  100000, 1000000, 10000000, 100000000, CHUNK};

/* By 10^digits; false, untouched: it does not fit. */
static bool multiply(struct int128 value, int digits, struct int128 *ret)
{
    while (digits > 0) {
        int step = digits < CHUNK_DIGITS ? digits : CHUNK_DIGITS;
        if (!int128_multiply(value, int128_of(powers[step]), &value)) {
            return false;
        }
        digits -= step;
    }
    *ret = value;
    return true;
}

/* By 10^digits; false, untouched: with a rest. */
static bool divide_exactly(struct int128 value, int digits, struct int128 *ret)
{
    bool negative = int128_is_negative(value);
    struct int128 magnitude = negative ? int128_negate(value) : value;
    while (digits > 0) {
        int step = digits < CHUNK_DIGITS ? digits : CHUNK_DIGITS;
        if (int128_divide_unsigned(&magnitude, powers[step]) != 0) {
            return false;
        }
        digits -= step;
    }
    *ret = negative ? int128_negate(magnitude) : magnitude;
    return true;
}

bool decimal_rescale(const struct decimal *value, int exponent, struct int128 *ret)
{
    int shift = value->exponent - exponent;
    if (int128_is_zero(value->mantissa) || shift == 0) {
        *ret = value->mantissa;
        return true;
    }
    if (shift >= POWERS || shift <= -POWERS) {
        return false;
    }
    if (shift > 0) {
        return multiply(value->mantissa, shift, ret);
    }
    return divide_exactly(value->mantissa, -shift, ret);
}

bool decimal_to_i64(const struct decimal *value, int exponent, int64_t *ret)
{
    struct int128 scaled;
    return decimal_rescale(value, exponent, &scaled) && int128_to_i64(scaled, ret);
}

bool decimal_to_u64(const struct decimal *value, int exponent, uint64_t *ret)
{
    struct int128 scaled;
    if (!decimal_rescale(value, exponent, &scaled) || scaled.high != 0) {
        return false;
    }
    *ret = scaled.low;
    return true;
}
