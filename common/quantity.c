#include "common/quantity.h"

#include "common/parse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A unit that is a whole multiple of the smallest one. */
struct scale {
    const char *unit;
    int64_t factor;
};

/* Largest first: formatting takes the first that divides. Aliases come last. */
static const struct scale duration_scales[] = {
    {"d", 86400000000}, {"h", 3600000000}, {"min", 60000000}, {"s", 1000000}, {"ms", 1000},
    {"us", 1},          {"µs", 1},         {"μs", 1},         {NULL, 0},
};

static const struct scale byte_scales[] = {
    {"TiB", 1099511627776},
    {"GiB", 1073741824},
    {"MiB", 1048576},
    {"KiB", 1024},
    {"TB", 1000000000000},
    {"GB", 1000000000},
    {"MB", 1000000},
    {"kB", 1000},
    {"B", 1},
    {"KB", 1000},
    {"", 1},
    {NULL, 0},
};

static const char *skip_spaces(const char *text)
{
    while (*text == ' ') {
        text++;
    }
    return text;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    /* bytes beyond ASCII belong to units such as µs */
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || ((unsigned char)c & 0x80u) != 0;
}

/* A decimal number as mantissa / 10^decimals. */
struct decimal {
    int64_t mantissa;
    int64_t divisor;
};

static int push_digit(struct decimal *number, char digit)
{
    bool overflow = __builtin_mul_overflow(number->mantissa, 10, &number->mantissa) ||
                    __builtin_add_overflow(number->mantissa, digit - '0', &number->mantissa);
    return overflow ? -ERANGE : 0;
}

/* Zeros at the end of the fraction do not count towards the range. */
static const char *end_of_fraction(const char *text)
{
    const char *end = text;
    for (; is_digit(*text); text++) {
        if (*text != '0') {
            end = text + 1;
        }
    }
    return end;
}

/* Advances *text behind the number. */
static int scan_decimal(const char **text, struct decimal *ret)
{
    const char *at = *text;
    struct decimal number = {0, 1};
    int r = 0;
    const char *start = at;
    for (; is_digit(*at) && r == 0; at++) {
        r = push_digit(&number, *at);
    }
    bool any = at > start;
    if (r == 0 && *at == '.') {
        const char *end = end_of_fraction(++at);
        any = any || is_digit(*at);
        for (; at < end && r == 0; at++) {
            r = number.divisor > INT64_MAX / 10 ? -ERANGE : push_digit(&number, *at);
            number.divisor *= r == 0 ? 10 : 1;
        }
        while (is_digit(*at)) {
            at++;
        }
    }
    if (r < 0 || !any) {
        return r < 0 ? r : -EINVAL;
    }
    *text = at;
    *ret = number;
    return 0;
}

/* Advances *text behind the unit's name; NULL if it is not in the table. */
static const struct scale *scan_scale(const char **text, const struct scale *scales)
{
    size_t length = 0;
    while (is_letter((*text)[length])) {
        length++;
    }
    for (const struct scale *s = scales; s->unit != NULL; s++) {
        if (strlen(s->unit) == length && memcmp(s->unit, *text, length) == 0) {
            *text += length;
            return s;
        }
    }
    return NULL;
}

/* number * factor, which must be whole. */
static int apply_scale(struct decimal number, int64_t factor, int64_t *ret)
{
    while (number.divisor > 1 && factor % 10 == 0) {
        factor /= 10;
        number.divisor /= 10;
    }
    int64_t product;
    if (__builtin_mul_overflow(number.mantissa, factor, &product) ||
        product % number.divisor != 0) {
        return -ERANGE;
    }
    *ret = product / number.divisor;
    return 0;
}

/* One "number unit" term; advances *text behind it and the spaces after it. */
static int scan_term(const char **text, const struct scale *scales, int64_t *ret)
{
    struct decimal number;
    int r = scan_decimal(text, &number);
    if (r < 0) {
        return r;
    }
    *text = skip_spaces(*text);
    const struct scale *scale = scan_scale(text, scales);
    if (scale == NULL) {
        return -EINVAL;
    }
    *text = skip_spaces(*text);
    return apply_scale(number, scale->factor, ret);
}

int quantity_parse_duration(const char *text, int64_t *ret_us)
{
    const char *at = skip_spaces(text);
    int64_t sign = *at == '-' ? -1 : 1;
    at += *at == '-' || *at == '+' ? 1 : 0;
    if (*at == '0' && *skip_spaces(at + 1) == '\0') {
        *ret_us = 0;
        return 0;
    }
    int64_t sum = 0;
    do {
        int64_t term;
        int r = scan_term(&at, duration_scales, &term);
        if (r < 0) {
            return r;
        }
        if (__builtin_add_overflow(sum, term, &sum)) {
            return -ERANGE;
        }
    } while (*at != '\0');
    *ret_us = sign * sum;
    return 0;
}

int quantity_parse_bytes(const char *text, int64_t *ret_bytes)
{
    const char *at = skip_spaces(text);
    int64_t bytes;
    int r = scan_term(&at, byte_scales, &bytes);
    if (r < 0) {
        return r;
    }
    if (*at != '\0') {
        return -EINVAL;
    }
    *ret_bytes = bytes;
    return 0;
}

static const char *skip_digits(const char *text)
{
    while (is_digit(*text)) {
        text++;
    }
    return text;
}

/* Where the number in front ends. An 'e' without digits behind it begins a unit. */
static const char *end_of_number(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+' ? 1 : 0);
    at = skip_digits(at);
    if (*at == '.') {
        at = skip_digits(at + 1);
    }
    if (*at == 'e' || *at == 'E') {
        const char *exponent = at + 1 + (at[1] == '-' || at[1] == '+' ? 1 : 0);
        if (is_digit(*exponent)) {
            at = skip_digits(exponent);
        }
    }
    return at;
}

/* Refuses what is rather a badly written number: "1,5", "12:30", "3-5", "1 000". */
static bool is_unit(const char *text, size_t length)
{
    if (memchr(text, '\t', length) != NULL || strchr(",.:;+-_'", text[0]) != NULL) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F) {
            return false;
        }
    }
    return !is_digit(text[0]) || memchr(text, '/', length) != NULL;
}

int quantity_parse(const char *text, struct quantity *ret)
{
    text = skip_spaces(text);
    const char *end = end_of_number(text);
    struct quantity q = {.unit = ""};
    int r = parse_f64(text, (size_t)(end - text), &q.value);
    if (r < 0) {
        return r;
    }
    const char *unit = skip_spaces(end);
    size_t length = strlen(unit);
    while (length > 0 && unit[length - 1] == ' ') {
        length--;
    }
    if (length > 0 && (length >= sizeof(q.unit) || !is_unit(unit, length))) {
        return -EINVAL;
    }
    memcpy(q.unit, unit, length);
    *ret = q;
    return 0;
}

void quantity_format_number(double value, struct buf *out)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    buf_puts(out, text);
}

void quantity_format(const struct quantity *q, struct buf *out)
{
    quantity_format_number(q->value, out);
    if (q->unit[0] != '\0') {
        buf_printf(out, " %s", q->unit);
    }
}

static void format_scaled(int64_t value, const struct scale *scales, struct buf *out)
{
    const struct scale *s = scales;
    while (s->factor != 1 && value % s->factor != 0) {
        s++;
    }
    buf_printf(out, "%" PRId64 "%s", value / s->factor, s->unit);
}

void quantity_format_duration(int64_t us, struct buf *out)
{
    format_scaled(us, us == 0 ? &duration_scales[3] : duration_scales, out);
}

void quantity_format_bytes(int64_t bytes, struct buf *out)
{
    if (bytes == 0) {
        buf_puts(out, "0B");
        return;
    }
    format_scaled(bytes, byte_scales, out);
}
