#include "edge-gateway/dbc/decimal.h"

#include "common/digits.h"
#include "edge-gateway/dbc/short_decimal.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPONENT_MAX      400
#define CHUNK             1000000000u /* of digits that are written at once */
#define CHUNK_DIGITS      9
#define DIGITS_MAX        40 /* a 127-bit number has 39 digits */
#define COPY_BYTES        24 /* short runs are copied at this fixed size, which is one move */
#define PLAIN_ZEROS       40 /* more zeros than this are written as an exponent */
#define DOUBLE_EXACT      9007199254740992 /* 2^53: integers up to here are exact doubles */
#define DOUBLE_POWERS_MAX 22               /* 10^22 is the largest exact power in a double */

static const char digit_pairs[] = "00010203040506070809"
                                  "10111213141516171819"
                                  "20212223242526272829"
                                  "30313233343536373839"
                                  "40414243444546474849"
                                  "50515253545556575859"
                                  "60616263646566676869"
                                  "70717273747576777879"
                                  "80818283848586878889"
                                  "90919293949596979899";

static const double double_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* False: it does not fit. */
static bool append_digit(struct int128 *number, unsigned digit)
{
    struct int128 tens;
    return int128_multiply(*number, int128_of(10), &tens) &&
           int128_add(tens, int128_of(digit), number);
}

/* `mantissa` is not negative. */
static struct decimal normalised(struct int128 mantissa, int exponent)
{
    if (int128_is_zero(mantissa)) {
        return (struct decimal){mantissa, 0};
    }
    for (struct int128 tenth = mantissa; int128_divide_unsigned(&tenth, 10) == 0;) {
        mantissa = tenth;
        exponent++;
    }
    return (struct decimal){mantissa, exponent};
}

/* Reads digits up to the first other character; digits beyond the mantissa's room only count. */
static size_t read_digits(const char *text, size_t length, size_t at, struct decimal *number,
                          bool fraction)
{
    const struct int128 room = {UINT64_C(0xB34B9F1000000000),
                                INT64_C(0xC097CE7BC90715)}; /* 10^36 */
    while (at < length && text[at] >= '0' && text[at] <= '9') {
        bool keep = int128_compare(number->mantissa, room) < 0 &&
                    append_digit(&number->mantissa, (unsigned)(text[at] - '0'));
        number->exponent += (keep ? 0 : 1) - (fraction ? 1 : 0);
        at++;
    }
    return at;
}

/* "e-12" at `at`; false when no digit follows the 'e'. */
static bool read_exponent(const char *text, size_t length, size_t *at, int *ret)
{
    size_t i = *at + 1;
    bool negative = i < length && text[i] == '-';
    if (i < length && (text[i] == '-' || text[i] == '+')) {
        i++;
    }
    size_t start = i;
    int value = 0;
    for (; i < length && text[i] >= '0' && text[i] <= '9'; i++) {
        if (value < 100000) {
            value = value * 10 + (text[i] - '0');
        }
    }
    *at = i;
    *ret = negative ? -value : value;
    return i > start;
}

int decimal_parse(const char *text, size_t length, struct decimal *ret)
{
    struct decimal number = decimal_of(0, 0);
    size_t at = 0;
    bool negative = length > 0 && text[0] == '-';
    if (length > 0 && (text[0] == '-' || text[0] == '+')) {
        at++;
    }
    size_t start = at;
    at = read_digits(text, length, at, &number, false);
    size_t digits = at - start;
    if (at < length && text[at] == '.') {
        start = ++at;
        at = read_digits(text, length, at, &number, true);
        digits += at - start;
    }
    int exponent = 0;
    if (digits == 0) {
        return -EINVAL;
    }
    if (at < length && (text[at] == 'e' || text[at] == 'E') &&
        !read_exponent(text, length, &at, &exponent)) {
        return -EINVAL;
    }
    if (at != length) {
        return -EINVAL;
    }
    number = normalised(number.mantissa, number.exponent + exponent);
    if (number.exponent > EXPONENT_MAX || number.exponent < -EXPONENT_MAX) {
        return -ERANGE;
    }
    number.mantissa = negative ? int128_negate(number.mantissa) : number.mantissa;
    *ret = number;
    return 0;
}

double decimal_i64_to_double(int64_t mantissa, int exponent)
{
    bool exact = mantissa >= -DOUBLE_EXACT && mantissa <= DOUBLE_EXACT;
    if (exact && exponent >= -DOUBLE_POWERS_MAX && exponent <= DOUBLE_POWERS_MAX) {
        double number = (double)mantissa;
        return exponent < 0 ? number / double_powers[-exponent] : number * double_powers[exponent];
    }
    char text[DECIMAL_TEXT_MAX];
    (void)decimal_format_i64(mantissa, exponent, text);
    return strtod(text, NULL);
}

double decimal_to_double(const struct decimal *value)
{
    int64_t narrow;
    if (int128_to_i64(value->mantissa, &narrow)) {
        return decimal_i64_to_double(narrow, value->exponent);
    }
    char text[DECIMAL_TEXT_MAX];
    (void)decimal_format(value->mantissa, value->exponent, text);
    return strtod(text, NULL);
}

/* Digits end at DIGITS_MAX; behind them is what put_digits() may read but nobody uses. */
struct digits {
    char text[DIGITS_MAX + COPY_BYTES];
};

/* Writes the digits so that they end before `end`; returns the first one. At least one digit. */
static char *digits_before(uint64_t value, char *end)
{
    while (value >= 100) {
        end -= 2;
        memcpy(end, digit_pairs + (value % 100) * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        end -= 2;
        memcpy(end, digit_pairs + value * 2, 2);
    } else {
        *--end = (char)('0' + value);
    }
    return end;
}

/* `value` is unsigned. */
static char *wide_digits_before(struct int128 value, char *end)
{
    while (value.high != 0) {
        char *start = digits_before(int128_divide_unsigned(&value, CHUNK), end);
        while (start > end - CHUNK_DIGITS) {
            *--start = '0';
        }
        end = start;
    }
    return digits_before(value.low, end);
}

static size_t put_exponent(char *text, size_t length, int exponent)
{
    text[length++] = 'e';
    if (exponent < 0) {
        text[length++] = '-';
    }
    char digits[DIGITS_MAX];
    char *end = digits + sizeof(digits);
    char *start = digits_before((uint64_t)abs(exponent), end);
    memcpy(text + length, start, (size_t)(end - start));
    length += (size_t)(end - start);
    text[length] = '\0';
    return length;
}

/*
 * Copies a short run of digits with room behind it on both sides: `text` is DECIMAL_TEXT_MAX long,
 * the digits lie in a struct digits.
 */
static void put_digits(char *text, const char *digits, size_t length)
{
    if (length <= COPY_BYTES) {
        memcpy(text, digits, COPY_BYTES);
    } else {
        memcpy(text, digits, length);
    }
}

/* Digits [start, end) times 10^exponent, behind a sign that is already there. */
static size_t place_point(const char *start, const char *end, int exponent, char *text,
                          size_t length)
{
    while (exponent < 0 && end - start > 1 && end[-1] == '0') {
        end--;
        exponent++;
    }
    size_t digits = (size_t)(end - start);
    size_t zeros = exponent < 0 ? (size_t)-exponent : (size_t)exponent;
    if (exponent > 0 ? digits + zeros > PLAIN_ZEROS : zeros > PLAIN_ZEROS) {
        memcpy(text + length, start, digits);
        return put_exponent(text, length + digits, exponent);
    }
    if (exponent >= 0) {
        put_digits(text + length, start, digits);
        memset(text + length + digits, '0', zeros);
        length += digits + zeros;
    } else if (digits > zeros) {
        put_digits(text + length, start, digits - zeros);
        length += digits - zeros;
        text[length++] = '.';
        put_digits(text + length, end - zeros, zeros);
        length += zeros;
    } else {
        text[length++] = '0';
        text[length++] = '.';
        memset(text + length, '0', zeros - digits);
        put_digits(text + length + zeros - digits, start, digits);
        length += zeros;
    }
    text[length] = '\0';
    return length;
}

static EDGE_NOINLINE size_t format_long(uint64_t value, char *text)
{
    if (value / DIGITS_LIMIT < DIGITS_LIMIT) {
        size_t length = short_decimal_format((uint32_t)(value / DIGITS_LIMIT), 0, text);
        digits_store(text + length, digits_of((uint32_t)(value % DIGITS_LIMIT)) + DIGITS_EACH('0'));
        length += DIGITS_LENGTH;
        text[length] = '\0';
        return length;
    }
    struct digits digits;
    char *end = digits.text + DIGITS_MAX;
    char *start = digits_before(value, end);
    size_t length = (size_t)(end - start);
    put_digits(text, start, length);
    text[length] = '\0';
    return length;
}

size_t decimal_format_u64(uint64_t value, char *text)
{
    return value < DIGITS_LIMIT ? short_decimal_format((uint32_t)value, 0, text)
                                : format_long(value, text);
}

static EDGE_NOINLINE size_t format_scaled(uint64_t magnitude, int exponent, char *text, size_t sign)
{
    struct digits digits;
    char *end = digits.text + DIGITS_MAX;
    if (magnitude == 0) {
        return decimal_format_u64(0, text);
    }
    return place_point(digits_before(magnitude, end), end, exponent, text, sign);
}

size_t decimal_format_i64(int64_t mantissa, int exponent, char *text)
{
    uint64_t magnitude = mantissa < 0 ? 0 - (uint64_t)mantissa : (uint64_t)mantissa;
    size_t sign = mantissa < 0 ? 1 : 0;
    unsigned decimals = 0u - (unsigned)exponent; /* a huge one for a positive exponent */
    text[0] = '-';
    if (magnitude < DIGITS_LIMIT && decimals <= SHORT_DECIMAL_DECIMALS_MAX) {
        return sign + short_decimal_format((uint32_t)magnitude, decimals, text + sign);
    }
    return format_scaled(magnitude, exponent, text, sign);
}

size_t decimal_format(struct int128 mantissa, int exponent, char *text)
{
    struct digits digits;
    char *end = digits.text + DIGITS_MAX;
    bool negative = int128_is_negative(mantissa);
    struct int128 magnitude = negative ? int128_negate(mantissa) : mantissa;
    if (int128_is_zero(magnitude)) {
        return decimal_format_u64(0, text);
    }
    text[0] = '-';
    return place_point(wide_digits_before(magnitude, end), end, exponent, text, negative ? 1 : 0);
}

/*
 * Few decimals are the common case: with value x 10^k an integer below 2^53 and 10^k exact, the one
 * division that reads it back is correctly rounded, so comparing proves the round trip. The first k
 * that does is the shortest.
 */
static bool few_decimals(double value, bool single, struct decimal *ret)
{
    for (int k = 0; k <= 15; k++) {
        double scaled = value * double_powers[k];
        if (!(fabs(scaled) < (double)DOUBLE_EXACT)) {
            return false;
        }
        double whole = nearbyint(scaled);
        double back = whole / double_powers[k];
        bool same = single ? (float)back == (float)value : back == value;
        if (same) {
            *ret = decimal_of((int64_t)whole, -k);
            return true;
        }
    }
    return false;
}

/* By trying more and more digits; `first` and `last` are those a float or a double can need. */
static size_t shortest_digits(double value, int first, int last, bool single, char *text)
{
    for (int digits = first; digits <= last; digits++) {
        (void)snprintf(text, DECIMAL_TEXT_MAX, "%.*g", digits, value);
        if (single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value) {
            break;
        }
    }
    return strlen(text);
}

bool decimal_from_double(double value, struct decimal *ret)
{
    char text[DECIMAL_TEXT_MAX];
    size_t length = decimal_format_double(value, text);
    return length > 0 && decimal_parse(text, length, ret) == 0;
}

size_t decimal_format_double(double value, char *text)
{
    if (!isfinite(value)) {
        return 0;
    }
    struct decimal few;
    if (few_decimals(value, false, &few)) {
        return decimal_format(few.mantissa, few.exponent, text);
    }
    return shortest_digits(value, 15, 17, false, text);
}

size_t decimal_format_float(float value, char *text)
{
    if (!isfinite(value)) {
        return 0;
    }
    struct decimal few;
    if (fabsf(value) < 1e7f && few_decimals((double)value, true, &few)) {
        return decimal_format(few.mantissa, few.exponent, text);
    }
    return shortest_digits((double)value, 6, 9, true, text);
}
