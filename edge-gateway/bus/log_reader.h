/*
 * Lines from a regular file or a named pipe, without blocking and in bounded memory. A line longer
 * than LOG_READER_LINE_MAX is skipped and reported; what a pipe has not delivered yet is waited
 * for by the caller, on log_reader_fd().
 */
#ifndef EDGE_GATEWAY_BUS_LOG_READER_H
#define EDGE_GATEWAY_BUS_LOG_READER_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_READER_LINE_MAX 4096 /* bytes; a candump line of a 64-byte frame has some 160 */

enum line_result {
    LINE_READ,     /* *ret_line and *ret_length are set */
    LINE_TOO_LONG, /* skipped */
    LINE_WAIT,     /* a pipe, and nothing there yet */
    LINE_END,
    LINE_FAILED /* errno says why */
};

struct log_reader;

/* 0; -errno of open(2); -EISDIR; -ESPIPE for anything that is neither a file nor a pipe. */
EDGE_MUST_CHECK int log_reader_open(const char *path, struct log_reader **ret);
void log_reader_close(struct log_reader *reader);

/* *ret_line: without its end ("\n" or "\r\n"), not NUL-terminated, valid until the next call. */
EDGE_MUST_CHECK enum line_result log_reader_next(struct log_reader *reader, const char **ret_line,
                                                 size_t *ret_length);

/* How many lines were read or skipped since the opening or rewinding. */
uint64_t log_reader_number(const struct log_reader *reader);

bool log_reader_is_pipe(const struct log_reader *reader);
int log_reader_fd(const struct log_reader *reader);

/* Back to the first line. 0 or -errno; a pipe cannot (-ESPIPE). */
EDGE_MUST_CHECK int log_reader_rewind(struct log_reader *reader);

#endif
