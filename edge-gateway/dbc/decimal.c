#include "edge-gateway/dbc/decimal.h"

#include "common/digits.h"
#include "edge-gateway/dbc/short_decimal.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPONENT_MAX      400
#define POWERS            38 /* 10^37 is the largest power of ten kept */
#define DIGITS_MAX        40 /* a 127-bit number has 39 digits */
#define COPY_BYTES        24 /* short runs are copied at this fixed size, which is one move */
#define PLAIN_ZEROS       40 /* more zeros than this are written as an exponent */
#define DOUBLE_EXACT      9007199254740992.0 /* 2^53: integers up to here are exact doubles */
#define DOUBLE_POWERS_MAX 22                 /* 10^22 is the largest exact power in a double */

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

static __int128 power_of_ten(int exponent)
{
    __int128 power = 1;
    for (int i = 0; i < exponent; i++) {
        power *= 10;
    }
    return power;
}

static struct decimal normalised(__int128 mantissa, int exponent)
{
    if (mantissa == 0) {
        return (struct decimal){0, 0};
    }
    while (mantissa % 10 == 0) {
        mantissa /= 10;
        exponent++;
    }
    return (struct decimal){mantissa, exponent};
}

/* Reads digits up to the first other character; digits beyond the mantissa's room only count. */
static size_t read_digits(const char *text, size_t length, size_t at, struct decimal *number,
                          bool fraction)
{
    const __int128 room = (__int128)1000000000000000000 * 1000000000000000000; /* 10^36 */
    while (at < length && text[at] >= '0' && text[at] <= '9') {
        bool keep = number->mantissa < room;
        if (keep) {
            number->mantissa = number->mantissa * 10 + (text[at] - '0');
        }
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
    struct decimal number = {0, 0};
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
    number.mantissa = negative ? -number.mantissa : number.mantissa;
    *ret = number;
    return 0;
}

bool decimal_rescale(const struct decimal *value, int exponent, __int128 *ret)
{
    int shift = value->exponent - exponent;
    if (value->mantissa == 0) {
        *ret = 0;
        return true;
    }
    if (shift >= POWERS || shift <= -POWERS) {
        return false;
    }
    __int128 scaled;
    if (shift >= 0) {
        if (__builtin_mul_overflow(value->mantissa, power_of_ten(shift), &scaled)) {
            return false;
        }
    } else {
        __int128 power = power_of_ten(-shift);
        if (value->mantissa % power != 0) {
            return false;
        }
        scaled = value->mantissa / power;
    }
    *ret = scaled;
    return true;
}

double decimal_to_double(const struct decimal *value)
{
    bool exact =
        value->mantissa >= -(__int128)DOUBLE_EXACT && value->mantissa <= (__int128)DOUBLE_EXACT;
    if (exact && value->exponent >= -DOUBLE_POWERS_MAX && value->exponent <= DOUBLE_POWERS_MAX) {
        double mantissa = (double)value->mantissa;
        return value->exponent < 0 ? mantissa / double_powers[-value->exponent]
                                   : mantissa * double_powers[value->exponent];
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

static char *wide_digits_before(unsigned __int128 value, char *end)
{
    const uint64_t chunk = 10000000000000000000u; /* 10^19 */
    while (value > UINT64_MAX) {
        char *start = digits_before((uint64_t)(value % chunk), end);
        while (start > end - 19) {
            *--start = '0';
        }
        end = start;
        value /= chunk;
    }
    return digits_before((uint64_t)value, end);
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

size_t decimal_format(__int128 mantissa, int exponent, char *text)
{
    struct digits digits;
    char *end = digits.text + DIGITS_MAX;
    unsigned __int128 magnitude =
        mantissa < 0 ? 0 - (unsigned __int128)mantissa : (unsigned __int128)mantissa;
    if (magnitude == 0) {
        return decimal_format_u64(0, text);
    }
    text[0] = '-';
    return place_point(wide_digits_before(magnitude, end), end, exponent, text,
                       mantissa < 0 ? 1 : 0);
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
        if (!(fabs(scaled) < DOUBLE_EXACT)) {
            return false;
        }
        double whole = nearbyint(scaled);
        double back = whole / double_powers[k];
        bool same = single ? (float)back == (float)value : back == value;
        if (same) {
            *ret = (struct decimal){(int64_t)whole, -k};
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
