/*
 * What stands before and after libyaml: is a text clean UTF-8, how is it written as a scalar, and
 * what does an error of libyaml mean to the person who wrote the text. Pure; a part of yaml_tree.h
 * that deserves its own tests.
 */
#ifndef EDGE_COMMON_YAML_TEXT_H
#define EDGE_COMMON_YAML_TEXT_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct yaml_text_fault {
    unsigned line;
    unsigned column;
    const char *message;
};

/* Length of the byte order mark that some editors put in front; 0 without. */
size_t yaml_text_order_mark(const char *text, size_t length);

/* UTF-8 without further byte order marks and without control characters other than tab and line
 * ends. */
bool yaml_text_check(const char *text, size_t length, struct yaml_text_fault *ret);

/* First byte of the character with that index, from 0; NUL at or behind the end. */
char yaml_text_character(const char *text, size_t length, size_t index);

/* A scalar in YAML: in double quotes unless it is plain beyond doubt. `text` has passed
 * yaml_text_check(). */
void yaml_text_print(const char *text, struct buf *out);

struct yaml_explanation {
    const char *message;
    bool at_context; /* the fault is where the construct began, not where libyaml noticed */
};

/* `problem` is libyaml's text, returned as it is when we know nothing better; `found` is the
 * character where it stopped. */
struct yaml_explanation yaml_text_explain(const char *problem, char found);

#endif
