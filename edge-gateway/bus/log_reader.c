#include "edge-gateway/bus/log_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES (16 * LOG_READER_LINE_MAX)

struct log_reader {
    int fd;
    bool pipe;
    bool ended;    /* the file has no more bytes than the buffer */
    bool skipping; /* within a line that is too long */
    uint64_t number;
    size_t start; /* unread bytes: buffer[start] to buffer[end - 1] */
    size_t end;
    char buffer[BUFFER_BYTES];
};

static int check_kind(struct log_reader *reader)
{
    struct stat status;
    if (fstat(reader->fd, &status) < 0) {
        return -errno;
    }
    if (S_ISDIR(status.st_mode)) {
        return -EISDIR;
    }
    reader->pipe = S_ISFIFO(status.st_mode);
    return reader->pipe || S_ISREG(status.st_mode) ? 0 : -ESPIPE;
}

int log_reader_open(const char *path, struct log_reader **ret)
{
    struct log_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL) {
        return -ENOMEM;
    }
    reader->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int r = reader->fd < 0 ? -errno : check_kind(reader);
    if (r < 0) {
        log_reader_close(reader);
        return r;
    }
    *ret = reader;
    return 0;
}

void log_reader_close(struct log_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    if (reader->fd >= 0) {
        (void)close(reader->fd); /* only read from */
    }
    free(reader);
}

uint64_t log_reader_number(const struct log_reader *reader)
{
    return reader->number;
}

bool log_reader_is_pipe(const struct log_reader *reader)
{
    return reader->pipe;
}

int log_reader_fd(const struct log_reader *reader)
{
    return reader->fd;
}

int log_reader_rewind(struct log_reader *reader)
{
    if (lseek(reader->fd, 0, SEEK_SET) < 0) {
        return -errno;
    }
    reader->ended = false;
    reader->skipping = false;
    reader->number = 0;
    reader->start = 0;
    reader->end = 0;
    return 0;
}

/* Moves the unread bytes to the front and reads behind them. LINE_READ: look again. */
static enum line_result fill(struct log_reader *reader)
{
    size_t unread = reader->end - reader->start;
    memmove(reader->buffer, reader->buffer + reader->start, unread);
    reader->start = 0;
    reader->end = unread;
    ssize_t size = read(reader->fd, reader->buffer + unread, sizeof(reader->buffer) - unread);
    if (size < 0) {
        return errno == EAGAIN || errno == EINTR ? LINE_WAIT : LINE_FAILED;
    }
    reader->ended = size == 0;
    reader->end += (size_t)size;
    return LINE_READ;
}

/* The first `length` unread bytes are a line, or the end of one; `separator` bytes follow. */
static enum line_result take_line(struct log_reader *reader, size_t length, size_t separator,
                                  const char **ret_line, size_t *ret_length)
{
    const char *line = reader->buffer + reader->start;
    bool too_long = reader->skipping || length > LOG_READER_LINE_MAX;
    reader->start += length + separator;
    reader->number++;
    reader->skipping = false;
    if (too_long) {
        return LINE_TOO_LONG;
    }
    *ret_line = line;
    *ret_length = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
    return LINE_READ;
}

enum line_result log_reader_next(struct log_reader *reader, const char **ret_line,
                                 size_t *ret_length)
{
    for (;;) {
        size_t unread = reader->end - reader->start;
        const char *first = reader->buffer + reader->start;
        const char *newline = memchr(first, '\n', unread);
        if (newline != NULL) {
            return take_line(reader, (size_t)(newline - first), 1, ret_line, ret_length);
        }
        if (reader->ended && unread == 0 && !reader->skipping) {
            return LINE_END;
        }
        if (reader->ended) {
            return take_line(reader, unread, 0, ret_line, ret_length);
        }
        if (unread > LOG_READER_LINE_MAX) {
            reader->skipping = true;
            reader->start = reader->end;
        }
        enum line_result result = fill(reader);
        if (result != LINE_READ) {
            return result;
        }
    }
}
