/*
 * A growing text or byte buffer that cannot exist without a cap. Errors are sticky: append as often
 * as you like, then ask once with buf_ok(). Always NUL-terminated after a successful append.
 */
#ifndef EDGE_COMMON_BUF_H
#define EDGE_COMMON_BUF_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data;    /* NULL until the first append */
    size_t length; /* bytes in use, without the final NUL */
    size_t size;   /* bytes allocated */
    size_t max;    /* never grows beyond this many bytes */
    bool failed;   /* an append did not fit or memory ran out; later appends do nothing */
    bool starved;  /* memory ran out */
};

void buf_init(struct buf *b, size_t max);
void buf_deinit(struct buf *b);

/* Empties the buffer and clears a failure; keeps the memory. */
void buf_reset(struct buf *b);

void buf_append(struct buf *b, const void *data, size_t length);
void buf_puts(struct buf *b, const char *text);
void buf_printf(struct buf *b, const char *format, ...) EDGE_PRINTF(2, 3);

/* Lets the buffer fail as `cause` has failed: what was to be appended stood there. */
void buf_fail(struct buf *b, const struct buf *cause);

EDGE_MUST_CHECK bool buf_ok(const struct buf *b);

/* 0; or of the first append that failed: -EMSGSIZE, it did not fit, or -ENOMEM. */
EDGE_MUST_CHECK int buf_error(const struct buf *b);

/* Hands the text over to the caller, who frees it; the buffer is empty afterwards. NULL if an
 * append had failed. */
EDGE_MUST_CHECK char *buf_take(struct buf *b);

#endif
