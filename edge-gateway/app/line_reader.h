/*
 * Lines from a descriptor, read in large blocks and handed out without copying.
 */
#ifndef EDGE_GATEWAY_APP_LINE_READER_H
#define EDGE_GATEWAY_APP_LINE_READER_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>

struct line_reader {
    int fd; /* borrowed */
    char *buffer;
    size_t size;
    size_t start; /* of what has not been handed out */
    size_t end;
    bool at_eof;
    bool overlong; /* inside a line that does not fit: it is handed out cut, the rest dropped */
};

/* Lines of up to `max` bytes. 0 or -ENOMEM. */
EDGE_MUST_CHECK int line_reader_init(struct line_reader *reader, int fd, size_t max);
void line_reader_deinit(struct line_reader *reader);

/*
 * The next line without its newline; valid until the next call. 1, 0 at the end of the input, or
 * -errno. Longer lines are cut at the maximum.
 */
EDGE_MUST_CHECK int line_reader_next(struct line_reader *reader, const char **ret_line,
                                     size_t *ret_length);

#endif
