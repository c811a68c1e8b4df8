#include "edge-gateway/dbc/dbc_arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES 65536
#define ALIGNMENT   alignof(max_align_t)

/* Tables grow from the front, texts, which need no alignment, from the back. */
struct dbc_arena_chunk {
    struct dbc_arena_chunk *next;
    size_t used; /* bytes in front */
    size_t end;  /* where the texts begin */
    alignas(max_align_t) unsigned char data[];
};

static struct dbc_arena_chunk *chunk_with_room(struct dbc_arena *arena, size_t bytes)
{
    struct dbc_arena_chunk *newest = arena->chunks;
    if (newest != NULL && newest->end - newest->used >= bytes) {
        return newest;
    }
    size_t size = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
    struct dbc_arena_chunk *chunk = calloc(1, sizeof(*chunk) + size);
    if (chunk == NULL) {
        arena->failed = true;
        return NULL;
    }
    chunk->end = size;
    chunk->next = newest;
    arena->chunks = chunk;
    return chunk;
}

void *dbc_arena_alloc(struct dbc_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes >= SIZE_MAX / 2) {
        arena->failed = true;
        return NULL;
    }
    bytes = (bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    struct dbc_arena_chunk *chunk = chunk_with_room(arena, bytes);
    if (chunk == NULL) {
        return NULL;
    }
    void *memory = chunk->data + chunk->used;
    chunk->used += bytes;
    return memory;
}

const char *dbc_arena_text(struct dbc_arena *arena, const char *text, size_t length)
{
    if (length == 0) {
        return "";
    }
    struct dbc_arena_chunk *chunk = chunk_with_room(arena, length + 1);
    if (chunk == NULL) {
        return "";
    }
    chunk->end -= length + 1;
    char *copy = (char *)chunk->data + chunk->end;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

void dbc_arena_deinit(struct dbc_arena *arena)
{
    while (arena->chunks != NULL) {
        struct dbc_arena_chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        free(chunk);
    }
    arena->failed = false;
}
