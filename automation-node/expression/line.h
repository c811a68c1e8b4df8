/* One line of text for a person, in a fixed buffer: what does not fit ends in "...". A part of
 * expression.h. */
#ifndef EDGE_AUTOMATION_EXPRESSION_LINE_H
#define EDGE_AUTOMATION_EXPRESSION_LINE_H

#include "automation-node/input/input.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>

struct line {
    char *text; /* always ends in NUL, unless `size` is 0 */
    size_t size;
    size_t length;
    bool full;
};

struct line line_begin(char *text, size_t size);
void line_append(struct line *line, const char *text);
/* Pieces of up to 255 bytes. */
void line_printf(struct line *line, const char *format, ...) EDGE_PRINTF(2, 3);

/* "26.1 °C", "Running", "not known" */
void line_append_value(struct line *line, const struct input *input);
void line_append_number(struct line *line, double number, const char *unit);

#endif
