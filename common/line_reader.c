#include "common/line_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_BYTES ((size_t)256 << 10)

int line_reader_init(struct line_reader *reader, int fd, size_t max)
{
    *reader = (struct line_reader){.fd = fd, .max = max, .size = BLOCK_BYTES + max};
    reader->buffer = malloc(reader->size);
    return reader->buffer != NULL ? 0 : -ENOMEM;
}

void line_reader_deinit(struct line_reader *reader)
{
    free(reader->buffer);
    *reader = (struct line_reader){.fd = -1};
}

int line_reader_rewind(struct line_reader *reader)
{
    if (lseek(reader->fd, 0, SEEK_SET) < 0) {
        return -errno;
    }
    reader->start = 0;
    reader->end = 0;
    reader->number = 0;
    reader->ended = false;
    reader->skipping = false;
    return 0;
}

/* Moves the unread bytes to the front and reads behind them. LINE_READ: look again. */
static enum line_result fill(struct line_reader *reader)
{
    size_t unread = reader->end - reader->start;
    memmove(reader->buffer, reader->buffer + reader->start, unread);
    reader->start = 0;
    reader->end = unread;
    ssize_t n;
    do {
        n = read(reader->fd, reader->buffer + unread, reader->size - unread);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return errno == EAGAIN ? LINE_WAIT : LINE_FAILED;
    }
    reader->ended = n == 0;
    reader->end += (size_t)n;
    return LINE_READ;
}

static enum line_result hand_out(struct line_reader *reader, size_t length, size_t consumed,
                                 const char **ret_line, size_t *ret_length)
{
    const char *line = reader->buffer + reader->start;
    reader->start += consumed;
    reader->number++;
    if (length > 0 && line[length - 1] == '\r') {
        length--;
    }
    bool too_long = length > reader->max;
    *ret_line = line;
    *ret_length = too_long ? reader->max : length;
    return too_long ? LINE_TOO_LONG : LINE_READ;
}

/* Drops the rest of a line that was too long, as far as it is here. */
static void skip_rest(struct line_reader *reader)
{
    const char *first = reader->buffer + reader->start;
    const char *newline = memchr(first, '\n', reader->end - reader->start);
    reader->skipping = newline == NULL;
    reader->start = newline != NULL ? (size_t)(newline + 1 - reader->buffer) : reader->end;
}

enum line_result line_reader_next(struct line_reader *reader, const char **ret_line,
                                  size_t *ret_length)
{
    size_t searched = 0;
    for (;;) {
        if (reader->skipping) {
            skip_rest(reader);
        }
        const char *first = reader->buffer + reader->start;
        size_t unread = reader->end - reader->start;
        const char *newline = memchr(first + searched, '\n', unread - searched);
        if (newline != NULL) {
            size_t length = (size_t)(newline - first);
            return hand_out(reader, length, length + 1, ret_line, ret_length);
        }
        if (reader->ended && unread == 0) {
            return LINE_END;
        }
        if (reader->ended || unread > reader->max + 1) { /* the one more may be a "\r" */
            reader->skipping = !reader->ended;
            return hand_out(reader, unread, unread, ret_line, ret_length);
        }
        searched = unread;
        enum line_result result = fill(reader);
        if (result != LINE_READ) {
            return result;
        }
    }
}
