/*
 * What an input shows or a device takes: nothing, a number, or a label such as "ON" or "Running".
 * A plain value: copy it freely. Labels are compared exactly; a label that does not fit is refused,
 * never cut.
 */
#ifndef EDGE_AUTOMATION_INPUT_VALUE_H
#define EDGE_AUTOMATION_INPUT_VALUE_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>

#define VALUE_TEXT_SIZE 32 /* bytes of a label, or of any formatted value, with its NUL */

enum value_kind {
    VALUE_NONE,
    VALUE_NUMBER,
    VALUE_TEXT
};

struct value {
    enum value_kind kind;
    double number;              /* VALUE_NUMBER: finite; else 0 */
    char text[VALUE_TEXT_SIZE]; /* VALUE_TEXT: 1 to 31 bytes, no control characters; else "" */
};

/* A number that is not finite says nothing, and becomes VALUE_NONE. */
struct value value_number(double number);

/* -EINVAL when the text is empty or has a control character, -EMSGSIZE when it does not fit. */
EDGE_MUST_CHECK int value_text(const char *text, size_t length, struct value *ret);

/* Text as it arrives in a payload: what reads as a number is one (common/parse.h), all else is a
 * label. Errors as value_text(), and -ERANGE for a number no double can hold. */
EDGE_MUST_CHECK int value_parse(const char *text, size_t length, struct value *ret);

bool value_equal(const struct value *a, const struct value *b);

/* The label, or the shortest of 15 or 17 digits that reads back as the same number; "" for
 * VALUE_NONE. Always fits VALUE_TEXT_SIZE. Returns the length, or what it would have been. */
size_t value_format(const struct value *value, char *text, size_t size);

#endif
