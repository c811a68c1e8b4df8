#include "automation-node/input/value.h"

#include "common/parse.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct value value_number(double number)
{
    if (!isfinite(number)) {
        return (struct value){.kind = VALUE_NONE};
    }
    /* Adding zero turns a negative zero into a plain one, which people expect to read. */
    return (struct value){.kind = VALUE_NUMBER, .number = number + 0.0};
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7F;
}

int value_text(const char *text, size_t length, struct value *ret)
{
    if (length == 0) {
        return -EINVAL;
    }
    if (length >= VALUE_TEXT_SIZE) {
        return -EMSGSIZE;
    }
    struct value value = {.kind = VALUE_TEXT};
    for (size_t i = 0; i < length; i++) {
        if (is_control(text[i])) {
            return -EINVAL;
        }
        value.text[i] = text[i];
    }
    *ret = value;
    return 0;
}

int value_parse(const char *text, size_t length, struct value *ret)
{
    double number;
    int r = parse_f64(text, length, &number);
    if (r == -EINVAL) {
        return value_text(text, length, ret);
    }
    if (r < 0) {
        return r;
    }
    *ret = value_number(number);
    return 0;
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case VALUE_NONE:
        return true;
    case VALUE_NUMBER:
        return a->number == b->number;
    case VALUE_TEXT:
        return strcmp(a->text, b->text) == 0;
    }
    return false;
}

static size_t format_number(double number, char *text, size_t size)
{
    char digits[VALUE_TEXT_SIZE];
    int length = snprintf(digits, sizeof(digits), "%.15g", number);
    if (strtod(digits, NULL) != number) {
        length = snprintf(digits, sizeof(digits), "%.17g", number);
    }
    (void)snprintf(text, size, "%s", digits);
    return length < 0 ? 0 : (size_t)length;
}

size_t value_format(const struct value *value, char *text, size_t size)
{
    if (value->kind == VALUE_NUMBER) {
        return format_number(value->number, text, size);
    }
    int length = snprintf(text, size, "%s", value->kind == VALUE_TEXT ? value->text : "");
    return length < 0 ? 0 : (size_t)length;
}
