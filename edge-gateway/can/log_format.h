/*
 * A log of any form that is known here, line by line: the form is recognised from what the first
 * lines say, never from a file's name. Pure, no allocation.
 */
#ifndef EDGE_GATEWAY_CAN_LOG_FORMAT_H
#define EDGE_GATEWAY_CAN_LOG_FORMAT_H

#include "edge-gateway/can/asc.h"
#include "edge-gateway/can/log_line.h"
#include "edge-gateway/can/trc.h"

#include <stdbool.h>
#include <stddef.h>

struct log_form;

/* What the lines before tell of the next one. All zero at the beginning of a log. */
struct log_format {
    const struct log_form *form; /* NULL until a frame or a header tells which one it is */
    const char *foreign;         /* see log_format_foreign() */
    bool begun;                  /* the first line has been seen */
    union {
        struct asc asc;
        struct trc trc;
    };
};

/*
 * `line` without its newline; it need not end in NUL. *ret is written with LOG_FRAME alone, and its
 * bus name is valid until the next call. A line before the form is known that no form can read is
 * LOG_MALFORMED.
 */
enum log_result log_format_parse(struct log_format *format, const char *line, size_t length,
                                 struct log_line *ret);

/* For a line of which only the first `length` bytes are known: LOG_MALFORMED or LOG_FOREIGN. */
enum log_result log_format_parse_cut(struct log_format *format, const char *line, size_t length);

/* "candump text", "Vector ASCII", "PEAK trace"; "known log" while it is none of them. */
const char *log_format_name(const struct log_format *format);

/* What to do with a log that began as no text does, as "gzip data: zcat it"; NULL for text. */
const char *log_format_foreign(const struct log_format *format);

#endif
