/* Why an expression is what it is, for a person. */
#include "automation-node/expression/program.h"

#include <stdio.h>
#include <string.h>

/* Text into a fixed buffer; what does not fit ends in "...". */
struct line {
    char *text;
    size_t size;
    size_t length;
    bool full;
};

static void append(struct line *line, const char *text)
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

static void append_input(struct line *line, const struct input *input)
{
    char value[VALUE_TEXT_SIZE];
    if (input->value.kind == VALUE_NUMBER) {
        (void)snprintf(value, sizeof(value), "%.6g", input->value.number);
    } else {
        (void)value_format(&input->value, value, sizeof(value));
    }
    append(line, input->id);
    append(line, " is ");
    append(line, value[0] != '\0' ? value : "not known");
    if (input->value.kind == VALUE_NUMBER && input->unit[0] != '\0') {
        append(line, " ");
        append(line, input->unit);
    }
}

static void append_reason(struct line *line, const struct expression_result *result,
                          const struct expression_view *view)
{
    char reason[160];
    if (result->blame != EXPRESSION_NO_INPUT) {
        input_explain(&view->inputs[result->blame], view->now_us, reason, sizeof(reason));
        append(line, reason);
    } else if (!result->lost) {
        append(line, "not seen long enough yet");
    } else if (view->wall_us == EXPRESSION_NO_CLOCK) {
        append(line, "the clock is not set yet");
    } else {
        append(line, "it cannot be computed");
    }
}

void expression_explain(const struct expression *expression, const struct expression_result *result,
                        const struct expression_view *view, char *text, size_t size)
{
    struct line line = {.text = text, .size = size};
    append(&line, result->truth == TRUTH_FALSE ? "not: " : "");
    append(&line, expression->text);
    if (result->truth == TRUTH_UNKNOWN) {
        append(&line, ": ");
        append_reason(&line, result, view);
        return;
    }
    for (size_t i = 0; i < expression->input_count; i++) {
        append(&line, i == 0 ? " (" : ", ");
        append_input(&line, &view->inputs[expression->inputs[i]]);
    }
    append(&line, expression->input_count > 0 ? ")" : "");
}
