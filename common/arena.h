/*
 * Memory that lives and dies together: allocate piece by piece, free all at once. Each piece is a
 * heap block of its own, so that the sanitizers see every overrun.
 */
#ifndef EDGE_COMMON_ARENA_H
#define EDGE_COMMON_ARENA_H

#include "common/attributes.h"

#include <stddef.h>

struct arena {
    struct arena_block *blocks; /* newest first; {0} is an empty arena */
};

/* Frees every piece. */
void arena_deinit(struct arena *a);

/* `count` elements of `size` bytes, zeroed, aligned for any type; a pointer also for 0 elements.
 * NULL when out of memory. */
EDGE_MUST_CHECK void *arena_alloc(struct arena *a, size_t count, size_t size);

/* A NUL-terminated copy of `length` bytes. NULL when out of memory. */
EDGE_MUST_CHECK char *arena_copy(struct arena *a, const char *text, size_t length);

#endif
