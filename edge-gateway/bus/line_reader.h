/*
 * Lines from a regular file or a named pipe, without blocking and in bounded memory. A line longer
 * than LINE_READER_LINE_MAX is skipped and reported; what a pipe has not delivered yet is waited
 * for by the caller, on line_reader_fd().
 */
#ifndef EDGE_GATEWAY_BUS_LINE_READER_H
#define EDGE_GATEWAY_BUS_LINE_READER_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_READER_LINE_MAX 4096 /* bytes; a candump line of a 64-byte frame has some 160 */

enum line_result {
    LINE_READ,     /* *ret_line and *ret_length are set */
    LINE_TOO_LONG, /* skipped */
    LINE_WAIT,     /* a pipe, and nothing there yet */
    LINE_END,
    LINE_FAILED /* errno says why */
};

struct line_reader;

/* 0; -errno of open(2); -EISDIR; -ESPIPE for anything that is neither a file nor a pipe. */
EDGE_MUST_CHECK int line_reader_open(const char *path, struct line_reader **ret);
void line_reader_close(struct line_reader *reader);

/* *ret_line: without its end ("\n" or "\r\n"), not NUL-terminated, valid until the next call. */
EDGE_MUST_CHECK enum line_result line_reader_next(struct line_reader *reader, const char **ret_line,
                                                  size_t *ret_length);

/* How many lines were read or skipped since the opening or rewinding. */
uint64_t line_reader_number(const struct line_reader *reader);

bool line_reader_is_pipe(const struct line_reader *reader);
int line_reader_fd(const struct line_reader *reader);

/* Back to the first line. 0 or -errno; a pipe cannot (-ESPIPE). */
EDGE_MUST_CHECK int line_reader_rewind(struct line_reader *reader);

#endif
