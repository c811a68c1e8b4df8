/*
 * What stands before and after libyaml: is the text clean UTF-8, and what does an error of libyaml
 * mean to the person who wrote the text. Pure; used by yaml_tree.c only.
 */
#ifndef EDGE_COMMON_YAML_TEXT_H
#define EDGE_COMMON_YAML_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct yaml_text_fault {
    unsigned line;
    unsigned column;
    const char *message;
};

/* UTF-8 without byte order mark and without control characters other than tab and line ends. */
bool yaml_text_check(const char *text, size_t length, struct yaml_text_fault *ret);

struct yaml_explanation {
    const char *message;
    bool at_context; /* the fault is where the construct began, not where libyaml noticed */
};

/* `problem` is libyaml's text, returned as it is when we know nothing better; `found` is the byte
 * where it stopped. */
struct yaml_explanation yaml_text_explain(const char *problem, char found);

#endif
