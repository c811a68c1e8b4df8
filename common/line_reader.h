/*
 * Lines from a descriptor, read in large blocks and handed out without copying, in bounded memory.
 * Works on descriptors that block and on those that do not.
 */
#ifndef EDGE_COMMON_LINE_READER_H
#define EDGE_COMMON_LINE_READER_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum line_result {
    LINE_READ,     /* *ret_line and *ret_length are set */
    LINE_TOO_LONG, /* they hold the first `max` bytes; the rest of the line is skipped */
    LINE_WAIT,     /* the descriptor does not block, and nothing is there yet */
    LINE_END,
    LINE_FAILED /* errno says why */
};

struct line_reader {
    int fd; /* borrowed */
    char *buffer;
    size_t size;
    size_t max;      /* of a line, in bytes without its end */
    size_t start;    /* unread bytes: buffer[start] to buffer[end - 1] */
    size_t end;      /* may be `size` */
    uint64_t number; /* of the line that was handed out last, from 1; 0 before the first */
    bool ended;      /* nothing follows what is in the buffer */
    bool skipping;   /* in the rest of a line that was too long */
};

/* 0 or -ENOMEM. */
EDGE_MUST_CHECK int line_reader_init(struct line_reader *reader, int fd, size_t max);
void line_reader_deinit(struct line_reader *reader);

/* *ret_line: without its end ("\n" or "\r\n"; the last line may have none), not NUL-terminated,
 * valid until the next call. */
EDGE_MUST_CHECK enum line_result line_reader_next(struct line_reader *reader, const char **ret_line,
                                                  size_t *ret_length);

/* Back to the first line. 0 or -errno; a pipe cannot (-ESPIPE). */
EDGE_MUST_CHECK int line_reader_rewind(struct line_reader *reader);

#endif
