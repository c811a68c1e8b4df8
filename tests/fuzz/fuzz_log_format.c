/*
 * Any lines as a log of any form (candump, Vector ASCII, PEAK trace): a frame that is read keeps to
 * frame.h, names its bus within its bounds, and a log that is no text is not read any further.
 */
#include "edge-gateway/can/log_format.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/log_frame.h"

static void check_frame(const struct log_line *line)
{
    fuzz_check_log_frame(line);
    for (size_t i = 0; i < line->bus_length; i++) { /* all of it can be read */
        require(line->bus[i] != '\n');
    }
}

static void check_line(struct log_format *format, const uint8_t *data, size_t length, bool is_cut)
{
    /* On the heap, with nothing behind it: the line need not end in NUL. */
    char *text = fuzz_alloc(length, 1);
    struct log_line line;
    bool known = format->form != NULL;
    bool foreign = log_format_foreign(format) != NULL;
    if (length > 0) {
        memcpy(text, data, length);
    }
    enum log_result result = is_cut ? log_format_parse_cut(format, text, length)
                                    : log_format_parse(format, text, length, &line);
    if (result == LOG_FRAME) {
        require(!is_cut && format->form != NULL);
        check_frame(&line);
    }
    require(result != LOG_FOREIGN || log_format_foreign(format) != NULL);
    require(!foreign || result == LOG_FOREIGN);
    require(!known || format->form != NULL); /* what it is does not change */
    require(log_format_name(format)[0] != '\0');
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct log_format format = {.form = NULL};
    while (size > 0) {
        const uint8_t *newline = memchr(data, '\n', size);
        size_t length = newline != NULL ? (size_t)(newline - data) : size;
        check_line(&format, data, length, length > 2 && data[length - 1] == '\\');
        size_t taken = newline != NULL ? length + 1 : length;
        data += taken;
        size -= taken;
    }
    return 0;
}
