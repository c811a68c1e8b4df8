#include "edge-gateway/dbc/int128.h"

/* Magnitudes are unsigned: 2^127 exists. */
struct magnitude {
    uint64_t low;
    uint64_t high;
};

static struct magnitude magnitude_of(struct int128 a)
{
    struct int128 m = int128_is_negative(a) ? int128_negate(a) : a;
    return (struct magnitude){m.low, (uint64_t)m.high};
}

/* False: neither sign can have it. */
static bool with_sign(struct magnitude m, bool negative, struct int128 *ret)
{
    struct int128 a = {m.low, (int64_t)m.high};
    bool lowest = m.low == 0 && m.high == UINT64_C(1) << 63;
    if (m.high >> 63 != 0 && !(negative && lowest)) {
        return false;
    }
    *ret = negative ? int128_negate(a) : a;
    return true;
}

int int128_compare(struct int128 a, struct int128 b)
{
    if (a.high != b.high) {
        return a.high < b.high ? -1 : 1;
    }
    return a.low < b.low ? -1 : a.low > b.low ? 1 : 0;
}

struct int128 int128_negate(struct int128 a)
{
    uint64_t high = ~(uint64_t)a.high + (a.low == 0 ? 1 : 0);
    return (struct int128){0 - a.low, (int64_t)high};
}

bool int128_add(struct int128 a, struct int128 b, struct int128 *ret)
{
    struct int128 sum;
    bool carry = __builtin_add_overflow(a.low, b.low, &sum.low);
    uint64_t high = (uint64_t)a.high + (uint64_t)b.high + (carry ? 1 : 0);
    sum.high = (int64_t)high;
    if ((a.high < 0) == (b.high < 0) && (sum.high < 0) != (a.high < 0)) {
        return false;
    }
    *ret = sum;
    return true;
}

bool int128_subtract(struct int128 a, struct int128 b, struct int128 *ret)
{
    struct int128 rest;
    bool borrow = __builtin_sub_overflow(a.low, b.low, &rest.low);
    uint64_t high = (uint64_t)a.high - (uint64_t)b.high - (borrow ? 1 : 0);
    rest.high = (int64_t)high;
    if ((a.high < 0) != (b.high < 0) && (rest.high < 0) != (a.high < 0)) {
        return false;
    }
    *ret = rest;
    return true;
}

/* By halves of 32 bits. */
static struct magnitude multiply_words(uint64_t a, uint64_t b)
{
    uint64_t a0 = (uint32_t)a;
    uint64_t a1 = a >> 32;
    uint64_t b0 = (uint32_t)b;
    uint64_t b1 = b >> 32;
    uint64_t low = a0 * b0;
    uint64_t middle = a1 * b0 + (low >> 32);
    uint64_t other = a0 * b1 + (uint32_t)middle;
    return (struct magnitude){other << 32 | (uint32_t)low,
                              a1 * b1 + (middle >> 32) + (other >> 32)};
}

bool int128_multiply(struct int128 a, struct int128 b, struct int128 *ret)
{
    struct magnitude m = magnitude_of(a);
    struct magnitude n = magnitude_of(b);
    struct magnitude product = multiply_words(m.low, n.low);
    uint64_t cross;
    if ((m.high != 0 && n.high != 0) || __builtin_mul_overflow(m.high, n.low, &cross) ||
        __builtin_add_overflow(product.high, cross, &product.high) ||
        __builtin_mul_overflow(n.high, m.low, &cross) ||
        __builtin_add_overflow(product.high, cross, &product.high)) {
        return false;
    }
    return with_sign(product, int128_is_negative(a) != int128_is_negative(b), ret);
}

static uint32_t divide_by_small(struct magnitude *m, uint32_t divisor)
{
    uint64_t words[4] = {m->high >> 32, (uint32_t)m->high, m->low >> 32, (uint32_t)m->low};
    uint64_t rest = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t part = rest << 32 | words[i];
        words[i] = part / divisor;
        rest = part % divisor;
    }
    *m = (struct magnitude){words[2] << 32 | words[3], words[0] << 32 | words[1]};
    return (uint32_t)rest;
}

static bool is_below(struct magnitude a, struct magnitude b)
{
    return a.high < b.high || (a.high == b.high && a.low < b.low);
}

/* Bit by bit, from the top. */
static struct magnitude divide_long(struct magnitude *m, struct magnitude divisor)
{
    struct magnitude rest = {0, 0};
    for (int i = 0; i < 128; i++) {
        bool carry = rest.high >> 63 != 0;
        rest.high = rest.high << 1 | rest.low >> 63;
        rest.low = rest.low << 1 | m->high >> 63;
        m->high = m->high << 1 | m->low >> 63;
        m->low <<= 1;
        if (carry || !is_below(rest, divisor)) {
            rest.high -= divisor.high + (rest.low < divisor.low ? 1 : 0);
            rest.low -= divisor.low;
            m->low |= 1;
        }
    }
    return rest;
}

static struct magnitude divide_magnitude(struct magnitude *m, struct magnitude divisor)
{
    struct magnitude rest = {0, 0};
    if (m->high == 0 && divisor.high == 0) {
        rest.low = m->low % divisor.low;
        m->low /= divisor.low;
    } else if (divisor.high == 0 && divisor.low <= UINT32_MAX) {
        rest.low = divide_by_small(m, (uint32_t)divisor.low);
    } else {
        rest = divide_long(m, divisor);
    }
    return rest;
}

void int128_divide(struct int128 a, struct int128 b, struct int128 *ret_quotient,
                   struct int128 *ret_remainder)
{
    struct magnitude m = magnitude_of(a);
    struct magnitude rest = divide_magnitude(&m, magnitude_of(b));
    struct int128 quotient = {m.low, (int64_t)m.high};
    struct int128 remainder = {rest.low, (int64_t)rest.high};
    bool negative = int128_is_negative(a) != int128_is_negative(b);
    *ret_quotient = negative ? int128_negate(quotient) : quotient;
    *ret_remainder = int128_is_negative(a) ? int128_negate(remainder) : remainder;
}

uint32_t int128_divide_unsigned(struct int128 *a, uint32_t divisor)
{
    struct magnitude m = {a->low, (uint64_t)a->high};
    uint32_t rest = divide_by_small(&m, divisor);
    *a = (struct int128){m.low, (int64_t)m.high};
    return rest;
}
