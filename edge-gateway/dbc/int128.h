/*
 * Integers of 128 bits, which compilers for 32-bit processors do not have: what exact decimals
 * (decimal.h) and the bounds of 64-bit signals take. One implementation for every processor, so
 * that all of them print the same. Pure.
 */
#ifndef EDGE_GATEWAY_DBC_INT128_H
#define EDGE_GATEWAY_DBC_INT128_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

/* Two's complement: the value is high x 2^64 + low. */
struct int128 {
    uint64_t low;
    int64_t high;
};

static inline struct int128 int128_of(int64_t value)
{
    return (struct int128){(uint64_t)value, value < 0 ? -1 : 0};
}

static inline struct int128 int128_of_unsigned(uint64_t value)
{
    return (struct int128){value, 0};
}

static inline bool int128_is_zero(struct int128 a)
{
    return a.low == 0 && a.high == 0;
}

static inline bool int128_is_negative(struct int128 a)
{
    return a.high < 0;
}

/* False, untouched: it does not fit. */
EDGE_MUST_CHECK static inline bool int128_to_i64(struct int128 a, int64_t *ret)
{
    bool fits = a.high == ((int64_t)a.low < 0 ? -1 : 0);
    if (fits) {
        *ret = (int64_t)a.low;
    }
    return fits;
}

/* Below, at or above zero, as strcmp(). */
int int128_compare(struct int128 a, struct int128 b);

/* That of -2^127 is itself. */
struct int128 int128_negate(struct int128 a);

/* False, untouched: the result does not fit. */
EDGE_MUST_CHECK bool int128_add(struct int128 a, struct int128 b, struct int128 *ret);
EDGE_MUST_CHECK bool int128_subtract(struct int128 a, struct int128 b, struct int128 *ret);
EDGE_MUST_CHECK bool int128_multiply(struct int128 a, struct int128 b, struct int128 *ret);

/* Toward zero; the remainder has the sign of `a`. `b` is not zero; -2^127 / -1 is -2^127. */
void int128_divide(struct int128 a, struct int128 b, struct int128 *ret_quotient,
                   struct int128 *ret_remainder);

/* Of `a` as an unsigned number of 128 bits: divides it in place, and returns the remainder. */
uint32_t int128_divide_unsigned(struct int128 *a, uint32_t divisor);

#endif
