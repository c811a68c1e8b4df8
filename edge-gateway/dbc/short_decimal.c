#include "edge-gateway/dbc/short_decimal.h"

#include "common/digits.h"

/*
 * The numbers of three digits as text: the digits in the lower three bytes, the first one lowest;
 * in the highest byte how many there are without zeros before them (lower half, one at least) and
 * without zeros behind them (upper half).
 */
#define DIGIT(d)        ('0' + (unsigned)(d))
#define BEFORE(a, b)    ((a) > 0 ? 3u : (b) > 0 ? 2u : 1u)
#define BEHIND(a, b, c) ((c) > 0 ? 3u : (b) > 0 ? 2u : (a) > 0 ? 1u : 0u)
#define COUNTS(a, b, c) (BEFORE(a, b) | BEHIND(a, b, c) << 4)
#define NUMBER(a, b, c) (DIGIT(a) | DIGIT(b) << 8 | DIGIT(c) << 16 | COUNTS(a, b, c) << 24)
#define TEN(a, b)                                                                        \
    NUMBER(a, b, 0), NUMBER(a, b, 1), NUMBER(a, b, 2), NUMBER(a, b, 3), NUMBER(a, b, 4), \
        NUMBER(a, b, 5), NUMBER(a, b, 6), NUMBER(a, b, 7), NUMBER(a, b, 8), NUMBER(a, b, 9)
#define HUNDRED(a)                                                                          \
    TEN(a, 0), TEN(a, 1), TEN(a, 2), TEN(a, 3), TEN(a, 4), TEN(a, 5), TEN(a, 6), TEN(a, 7), \
        TEN(a, 8), TEN(a, 9)

static const uint32_t threes[1000] = {HUNDRED(0), HUNDRED(1), HUNDRED(2), HUNDRED(3), HUNDRED(4),
                                      HUNDRED(5), HUNDRED(6), HUNDRED(7), HUNDRED(8), HUNDRED(9)};

#define TABLE_LIMIT 1000000u /* numbers of two of them */

static inline size_t put_first(uint32_t number, char *text)
{
    uint32_t entry = threes[number];
    unsigned length = entry >> 24 & 0xF;
    digits_store_four(text, entry >> (8 * (3 - length)));
    return length;
}

static inline size_t put_whole(uint32_t number, char *text)
{
    if (number < 1000) {
        return put_first(number, text);
    }
    size_t length = put_first(number / 1000, text);
    digits_store_four(text + length, threes[number % 1000]);
    return length + 3;
}

static inline size_t put_point(size_t length, uint32_t thousandths, char *text)
{
    uint32_t entry = threes[thousandths];
    unsigned behind = entry >> 28;
    text[length] = '.';
    digits_store_four(text + length + 1, entry);
    return length + behind + (behind > 0 ? 1 : 0);
}

/*
 * All eight digits at once, without a branch that depends on them: the zeros before are shifted
 * out, those behind are not counted. The stray one ends both at the last digit before the point,
 * which is always written.
 */
static size_t put_eight(uint32_t number, unsigned decimals, char *text)
{
    unsigned last_whole = 8 * (DIGITS_LENGTH - 1 - decimals);
    uint64_t digits = digits_of(number);
    uint64_t kept = digits | UINT64_C(1) << last_whole;
    unsigned before = (unsigned)__builtin_ctzll(kept) / 8;
    unsigned behind = decimals - (unsigned)__builtin_clzll(kept) / 8;
    size_t length = DIGITS_LENGTH - decimals - before;
    digits += DIGITS_EACH('0');
    digits_store(text, digits >> (8 * before));
    text[length] = '.';
    digits_store(text + length + 1, digits >> last_whole >> 8);
    return length + behind + (behind > 0 ? 1 : 0);
}

static inline size_t put(uint32_t number, unsigned decimals, char *text)
{
    if (number >= TABLE_LIMIT) {
        return put_eight(number, decimals, text);
    }
    switch (decimals) {
    case 0:
        return put_whole(number, text);
    case 1:
        return put_point(put_whole(number / 10, text), number % 10 * 100, text);
    case 2:
        return put_point(put_whole(number / 100, text), number % 100 * 10, text);
    case 3:
        return put_point(put_whole(number / 1000, text), number % 1000, text);
    default:
        return put_eight(number, decimals, text);
    }
}

size_t short_decimal_format(uint32_t number, unsigned decimals, char *text)
{
    size_t length = put(number, decimals, text);
    text[length] = '\0';
    return length;
}
