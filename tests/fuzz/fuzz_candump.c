/*
 * Any lines as a candump log: a frame that is read must keep to frame.h, and must come back from
 * the log form as it went in.
 */
#include "edge-gateway/can/candump.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/log_frame.h"

static void check_frame(const struct log_line *line, const char *text, size_t length)
{
    fuzz_check_log_frame(line);
    require(line->bus >= text && line->bus + line->bus_length <= text + length);
}

/* The log form has no room for the direction, nor for a time before 1970. */
static void check_equal(const struct frame *in, const struct frame *out)
{
    require(out->ts_us == (in->ts_us > 0 ? in->ts_us : 0));
    require(out->can_id == in->can_id);
    require(out->flags == (in->flags & ~FRAME_TX));
    require(out->len == in->len);
    require((in->flags & FRAME_REMOTE) != 0 || memcmp(in->data, out->data, in->len) == 0);
}

static void check_round_trip(const struct log_line *line)
{
    char text[CANDUMP_TEXT_MAX];
    char *bus = fuzz_text(line->bus, line->bus_length);
    if (strlen(bus) == line->bus_length) {
        struct log_line again;
        size_t length = candump_format(&line->frame, bus, text);
        require(length == strlen(text));
        require(candump_parse(text, length, &again) == LOG_FRAME);
        check_equal(&line->frame, &again.frame);
        require(again.bus_length == line->bus_length);
        require(memcmp(again.bus, bus, again.bus_length) == 0);
    }
    free(bus);
}

static void check_line(const uint8_t *data, size_t length)
{
    /* On the heap, with nothing behind it: the line need not end in NUL. */
    char *text = fuzz_alloc(length, 1);
    struct log_line line;
    if (length > 0) {
        memcpy(text, data, length);
    }
    if (candump_parse(text, length, &line) == LOG_FRAME) {
        check_frame(&line, text, length);
        check_round_trip(&line);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    while (size > 0) {
        const uint8_t *newline = memchr(data, '\n', size);
        size_t length = newline != NULL ? (size_t)(newline - data) : size;
        check_line(data, length);
        size_t taken = newline != NULL ? length + 1 : length;
        data += taken;
        size -= taken;
    }
    return 0;
}
