/* Why an expression is what it is, for a person. */
#include "automation-node/expression/line.h"
#include "automation-node/expression/program.h"

static void append_input(struct line *line, const struct input *input)
{
    line_append(line, input->id);
    line_append(line, " is ");
    line_append_value(line, input);
}

static void append_reason(struct line *line, const struct expression_result *result,
                          const struct expression_view *view)
{
    char reason[160];
    if (result->blame != EXPRESSION_NO_INPUT) {
        input_explain(&view->inputs[result->blame], view->now_us, reason, sizeof(reason));
        line_append(line, reason);
    } else if (!result->lost) {
        line_append(line, "not seen long enough yet");
    } else if (view->wall_us == EXPRESSION_NO_CLOCK) {
        line_append(line, "the clock is not set yet");
    } else {
        line_append(line, "it cannot be computed");
    }
}

void expression_explain(const struct expression *expression, const struct expression_result *result,
                        const struct expression_view *view, char *text, size_t size)
{
    struct line line = line_begin(text, size);
    line_append(&line, result->truth == TRUTH_FALSE ? "not: " : "");
    line_append(&line, expression->text);
    if (result->truth == TRUTH_UNKNOWN) {
        line_append(&line, ": ");
        append_reason(&line, result, view);
        return;
    }
    for (size_t i = 0; i < expression->input_count; i++) {
        line_append(&line, i == 0 ? " (" : ", ");
        append_input(&line, &view->inputs[expression->inputs[i]]);
    }
    line_append(&line, expression->input_count > 0 ? ")" : "");
}
