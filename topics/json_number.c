#include "topics/json_number.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARSED_MAX_BYTES 64
#define US_PER_S         1000000u
#define TIME_DECIMALS    6

static size_t skip_digits(const char *text, size_t length, size_t at)
{
    while (at < length && text[at] >= '0' && text[at] <= '9') {
        at++;
    }
    return at;
}

bool json_number_is_valid(const char *text, size_t length)
{
    size_t start = length > 0 && text[0] == '-' ? 1 : 0;
    size_t at = skip_digits(text, length, start);
    bool leading_zero = at - start > 1 && text[start] == '0';
    if (at == start || leading_zero) {
        return false;
    }
    if (at < length && text[at] == '.') {
        start = at + 1;
        at = skip_digits(text, length, start);
        if (at == start) {
            return false;
        }
    }
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        start = at < length && (text[at] == '-' || text[at] == '+') ? at + 1 : at;
        at = skip_digits(text, length, start);
        if (at == start) {
            return false;
        }
    }
    return at == length;
}

int json_number_parse(const char *text, size_t length, double *ret)
{
    if (!json_number_is_valid(text, length)) {
        return -EINVAL;
    }
    char copy[PARSED_MAX_BYTES + 1];
    if (length > PARSED_MAX_BYTES) {
        return -ERANGE;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    double value = strtod(copy, NULL);
    if (!isfinite(value)) {
        return -ERANGE;
    }
    *ret = value;
    return 0;
}

size_t json_number_from_u64(char text[JSON_NUMBER_TEXT_SIZE], uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    memcpy(text, digits + at, sizeof(digits) - at);
    return sizeof(digits) - at;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

size_t json_number_from_i64(char text[JSON_NUMBER_TEXT_SIZE], int64_t value)
{
    size_t sign = value < 0 ? 1 : 0;
    text[0] = '-';
    return sign + json_number_from_u64(text + sign, magnitude(value));
}

size_t json_number_from_time_us(char text[JSON_NUMBER_TEXT_SIZE], int64_t us)
{
    size_t length = us < 0 ? 1 : 0;
    text[0] = '-';
    length += json_number_from_u64(text + length, magnitude(us) / US_PER_S);
    uint64_t fraction = magnitude(us) % US_PER_S;
    if (fraction == 0) {
        return length;
    }
    text[length] = '.';
    for (size_t i = TIME_DECIMALS; i > 0; i--) {
        text[length + i] = (char)('0' + fraction % 10);
        fraction /= 10;
    }
    length += TIME_DECIMALS + 1;
    while (text[length - 1] == '0') {
        length--;
    }
    return length;
}

size_t json_number_from_double(char text[JSON_NUMBER_TEXT_SIZE], double value)
{
    int length = 0;
    /* 15 digits always survive text -> double -> text, 17 always survive double -> text -> double
     * (C17, 5.2.4.2.2: DBL_DIG, DBL_DECIMAL_DIG). */
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(text, JSON_NUMBER_TEXT_SIZE, "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    return (size_t)length;
}
