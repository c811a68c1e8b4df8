/* The newest lines of the log, in a fixed number of bytes: the oldest make room, as whole lines. */
#ifndef EDGE_COMMON_LOG_RING_H
#define EDGE_COMMON_LOG_RING_H

#include "common/attributes.h"
#include "common/buf.h"

#include <stddef.h>

/* {0}: keeps nothing. */
struct log_ring {
    char *data;
    size_t size;
    size_t first;  /* where the oldest line begins */
    size_t length; /* bytes in use; each line ends with a newline */
};

/* 0 or -ENOMEM. */
EDGE_MUST_CHECK int log_ring_init(struct log_ring *ring, size_t size);
void log_ring_deinit(struct log_ring *ring);

/* `text` has no newline. One that is longer than the ring is not kept. */
void log_ring_add(struct log_ring *ring, const char *text);

/* Appends all lines, the oldest first, each with its newline. */
void log_ring_read(const struct log_ring *ring, struct buf *out);

#endif
