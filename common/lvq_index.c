#include "common/lvq_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MIN 64

/* FNV-1a. */
uint32_t lvq_index_hash(const char *topic)
{
    uint32_t hash = 0x811c9dc5u;
    for (; *topic != '\0'; topic++) {
        hash = (hash ^ (uint8_t)*topic) * 0x01000193u;
    }
    return hash;
}

/* There is a free one: at least half of them are. */
static void put(struct lvq_index_entry *entries, size_t size, struct lvq_index_entry entry)
{
    size_t at = entry.hash & (size - 1);
    while (entries[at].place != 0) {
        at = (at + 1) & (size - 1);
    }
    entries[at] = entry;
}

static int grow(struct lvq_index *index)
{
    size_t size = index->size > 0 ? index->size * 2 : SIZE_MIN;
    struct lvq_index_entry *entries = calloc(size, sizeof(*entries));
    if (entries == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < index->size; i++) {
        if (index->entries[i].place != 0) {
            put(entries, size, index->entries[i]);
        }
    }
    free(index->entries);
    index->entries = entries;
    index->size = size;
    return 0;
}

int lvq_index_add(struct lvq_index *index, uint32_t hash, size_t place)
{
    int r = 2 * (index->count + 1) > index->size ? grow(index) : 0;
    if (r < 0) {
        return r;
    }
    put(index->entries, index->size, (struct lvq_index_entry){hash, (uint32_t)place + 1});
    index->count++;
    return 0;
}

void lvq_index_clear(struct lvq_index *index)
{
    if (index->entries != NULL) {
        memset(index->entries, 0, index->size * sizeof(*index->entries));
    }
    index->count = 0;
}

void lvq_index_deinit(struct lvq_index *index)
{
    free(index->entries);
    *index = (struct lvq_index){0};
}

size_t lvq_index_next(const struct lvq_index *index, uint32_t hash, size_t *at)
{
    if (index->size == 0) {
        return LVQ_INDEX_NONE;
    }
    size_t mask = index->size - 1;
    for (size_t i = *at == LVQ_INDEX_NONE ? hash & mask : (*at + 1) & mask;
         index->entries[i].place != 0; i = (i + 1) & mask) {
        if (index->entries[i].hash == hash) {
            *at = i;
            return index->entries[i].place - 1;
        }
    }
    return LVQ_INDEX_NONE;
}
