#include "edge-gateway/dbc/dbc_float.h"

#include <math.h>
#include <string.h>

/* binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
#define HALF_INFINITE  0x7C00u
#define HALF_QUIET_NAN 0x7E00u

static double half_to_double(uint16_t half)
{
    unsigned exponent = half >> 10 & 0x1Fu;
    unsigned fraction = half & 0x3FFu;
    double magnitude;
    if (exponent == 0x1F) {
        magnitude = fraction != 0 ? (double)NAN : (double)INFINITY;
    } else if (exponent == 0) {
        magnitude = ldexp(fraction, -24);
    } else {
        magnitude = ldexp(fraction + 1024u, (int)exponent - 25);
    }
    return (half & 0x8000u) != 0 ? -magnitude : magnitude;
}

static uint16_t double_to_half(double value)
{
    unsigned sign = signbit(value) ? 0x8000u : 0;
    double magnitude = fabs(value);
    if (isnan(value)) {
        return (uint16_t)(sign | HALF_QUIET_NAN);
    }
    if (magnitude >= 65520.0) { /* halfway to 65536, the first value that does not fit */
        return (uint16_t)(sign | HALF_INFINITE);
    }
    if (magnitude == 0) {
        return (uint16_t)sign; /* has no exponent that the sum below could use */
    }
    int exponent = 0;
    (void)frexp(magnitude, &exponent); /* magnitude = f x 2^exponent, 0.5 <= f < 1 */
    exponent = exponent < -13 ? -13 : exponent;
    unsigned significand = (unsigned)nearbyint(ldexp(magnitude, 11 - exponent));
    /* A subnormal has no hidden bit, and rounding may carry: both come out by plain addition. */
    return (uint16_t)(sign | ((unsigned)(exponent + 13) * 1024u + significand));
}

double dbc_float_from_raw(uint64_t raw, unsigned bits)
{
    if (bits == 64) {
        double value;
        memcpy(&value, &raw, sizeof(value));
        return value;
    }
    if (bits == 32) {
        uint32_t low = (uint32_t)raw;
        float value;
        memcpy(&value, &low, sizeof(value));
        return (double)value;
    }
    return half_to_double((uint16_t)raw);
}

uint64_t dbc_float_to_raw(double value, unsigned bits)
{
    uint64_t raw = 0;
    if (bits == 64) {
        memcpy(&raw, &value, sizeof(raw));
    } else if (bits == 32) {
        float single = (float)value;
        uint32_t low;
        memcpy(&low, &single, sizeof(low));
        raw = low;
    } else {
        raw = double_to_half(value);
    }
    return raw;
}
