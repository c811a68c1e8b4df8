/*
 * Memory that lives as long as its database: strings and tables are cut from large chunks and freed
 * together. A failed allocation is remembered, so that a parser can ask once at its end.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_ARENA_H
#define EDGE_GATEWAY_DBC_DBC_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct dbc_arena_chunk;

struct dbc_arena {
    struct dbc_arena_chunk *chunks; /* newest first */
    bool failed;                    /* an allocation returned NULL */
};

/* Zeroed memory for `count` elements, aligned for any type; NULL when out of memory. Also for 0. */
void *dbc_arena_alloc(struct dbc_arena *arena, size_t count, size_t size);

/* A NUL-terminated copy; "" when out of memory (and `failed` is set), never NULL. */
const char *dbc_arena_text(struct dbc_arena *arena, const char *text, size_t length);

void dbc_arena_deinit(struct dbc_arena *arena);

#endif
