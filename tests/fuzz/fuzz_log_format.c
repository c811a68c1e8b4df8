/*
 * Any lines as a log of any form (candump, Vector ASCII, PEAK trace): a frame that is read keeps to
 * frame.h, names its bus within its bounds, and a log that is no text is not read any further.
 */
#include "edge-gateway/can/log_format.h"
#include "tests/fuzz/fuzz.h"

static void check_frame(const struct log_line *line)
{
    const struct frame *frame = &line->frame;
    bool fd = (frame->flags & FRAME_FD) != 0;
    bool wide_id = (frame->flags & (FRAME_EXTENDED | FRAME_ERROR)) != 0;
    require(frame->len <= (fd ? FRAME_DATA_MAX_BYTES : 8));
    require(frame->can_id <= (wide_id ? FRAME_ID_EXTENDED_MAX : FRAME_ID_STANDARD_MAX));
    require(fd || (frame->flags & (FRAME_BRS | FRAME_ESI)) == 0);
    require(!fd || (frame->flags & FRAME_REMOTE) == 0);
    require(frame->bus == 0);
    require(line->bus_length > 0 && line->bus_length <= LOG_BUS_MAX_BYTES);
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
