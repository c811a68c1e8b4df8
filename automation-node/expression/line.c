#include "automation-node/expression/line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct line line_begin(char *text, size_t size)
{
    if (size > 0) {
        text[0] = '\0';
    }
    return (struct line){.text = text, .size = size};
}

void line_append(struct line *line, const char *text)
{
    size_t length = strlen(text);
    if (line->full || line->size == 0) {
        return;
    }
    if (length < line->size - line->length) {
        memcpy(line->text + line->length, text, length + 1);
        line->length += length;
        return;
    }
    line->full = true;
    memcpy(line->text + line->length, text, line->size - line->length);
    size_t keep = line->size > 3 ? line->size - 4 : 0;
    while (keep > 0 && ((unsigned char)line->text[keep] & 0xC0u) == 0x80u) {
        keep--; /* not within a character */
    }
    (void)snprintf(line->text + keep, line->size - keep, "...");
}

void line_printf(struct line *line, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    line_append(line, text);
}

void line_append_number(struct line *line, double number, const char *unit)
{
    line_printf(line, "%.6g%s%s", number, unit[0] != '\0' ? " " : "", unit);
}

void line_append_value(struct line *line, const struct input *input)
{
    char value[VALUE_TEXT_SIZE];
    if (input->value.kind == VALUE_NUMBER) {
        line_append_number(line, input->value.number, input->unit);
        return;
    }
    (void)value_format(&input->value, value, sizeof(value));
    line_append(line, value[0] != '\0' ? value : "not known");
}
