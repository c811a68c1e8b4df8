#include "edge-gateway/app/line_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_BYTES ((size_t)256 << 10)

int line_reader_init(struct line_reader *reader, int fd, size_t max)
{
    *reader = (struct line_reader){.fd = fd, .size = max > BLOCK_BYTES ? max : BLOCK_BYTES};
    reader->buffer = malloc(reader->size);
    return reader->buffer != NULL ? 0 : -ENOMEM;
}

void line_reader_deinit(struct line_reader *reader)
{
    free(reader->buffer);
    *reader = (struct line_reader){.fd = -1};
}

/* Moves the rest to the front and reads behind it. */
static int fill(struct line_reader *reader)
{
    memmove(reader->buffer, reader->buffer + reader->start, reader->end - reader->start);
    reader->end -= reader->start;
    reader->start = 0;
    ssize_t n;
    do {
        n = read(reader->fd, reader->buffer + reader->end, reader->size - reader->end);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return -errno;
    }
    reader->at_eof = n == 0;
    reader->end += (size_t)n;
    return 0;
}

static int hand_out(struct line_reader *reader, size_t length, size_t consumed,
                    const char **ret_line, size_t *ret_length)
{
    *ret_line = reader->buffer + reader->start;
    *ret_length = length;
    reader->start += consumed;
    return 1;
}

int line_reader_next(struct line_reader *reader, const char **ret_line, size_t *ret_length)
{
    size_t searched = 0;
    for (;;) {
        const char *from = reader->buffer + reader->start;
        size_t left = reader->end - reader->start;
        const char *newline = memchr(from + searched, '\n', left - searched);
        if (newline != NULL) {
            size_t length = (size_t)(newline - from);
            if (!reader->overlong) {
                return hand_out(reader, length, length + 1, ret_line, ret_length);
            }
            reader->overlong = false; /* the rest of a line that was handed out before */
            reader->start += length + 1;
            searched = 0;
            continue;
        }
        bool full = left == reader->size;
        if (full || (reader->at_eof && left > 0)) {
            bool rest = reader->overlong;
            reader->overlong = full;
            if (!rest) {
                return hand_out(reader, left, left, ret_line, ret_length);
            }
            reader->start = reader->end;
            left = 0;
        }
        if (reader->at_eof) {
            return 0;
        }
        searched = left;
        int r = fill(reader);
        if (r < 0) {
            return r;
        }
    }
}
