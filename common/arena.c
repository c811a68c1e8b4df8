#include "common/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
    struct arena_block *next;
    _Alignas(max_align_t) unsigned char data[];
};

void arena_deinit(struct arena *a)
{
    while (a->blocks != NULL) {
        struct arena_block *block = a->blocks;
        a->blocks = block->next;
        free(block);
    }
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
    if (size > 0 && count > (SIZE_MAX - sizeof(struct arena_block)) / size) {
        return NULL;
    }
    struct arena_block *block = calloc(1, sizeof(*block) + count * size);
    if (block == NULL) {
        return NULL;
    }
    block->next = a->blocks;
    a->blocks = block;
    return block->data;
}

char *arena_copy(struct arena *a, const char *text, size_t length)
{
    if (length == SIZE_MAX) {
        return NULL;
    }
    char *copy = arena_alloc(a, length + 1, 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
    }
    return copy;
}
