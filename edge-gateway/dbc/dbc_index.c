#include "edge-gateway/dbc/dbc_index.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_SIZE   64
#define NULL_ADDRESS 0xFEu

uint32_t dbc_index_pgn(uint32_t can_id)
{
    uint32_t pgn = can_id >> 8 & 0x3FFFFu;
    bool has_destination = (can_id >> 16 & 0xFFu) < 240;
    return has_destination ? pgn & ~0xFFu : pgn;
}

uint32_t dbc_index_pgn_key(uint32_t can_id)
{
    return DBC_INDEX_PGN | dbc_index_pgn(can_id);
}

bool dbc_index_has_null_address(uint32_t can_id)
{
    return (can_id & 0xFFu) == NULL_ADDRESS;
}

static size_t first_slot(uint32_t key, size_t size)
{
    return (size_t)(key * 2654435761u >> 7) & (size - 1); /* Knuth's multiplicative hash */
}

static void place(struct dbc_index_slot *slots, size_t size, struct dbc_index_slot entry)
{
    size_t at = first_slot(entry.key, size);
    while (slots[at].message != NULL) {
        at = (at + 1) & (size - 1);
    }
    slots[at] = entry;
}

static int grow(struct dbc_index *index)
{
    size_t size = index->size > 0 ? index->size * 2 : FIRST_SIZE;
    struct dbc_index_slot *slots = calloc(size, sizeof(*slots));
    if (slots == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < index->size; i++) {
        if (index->slots[i].message != NULL) {
            place(slots, size, index->slots[i]);
        }
    }
    free(index->slots);
    index->slots = slots;
    index->size = size;
    return 0;
}

int dbc_index_add(struct dbc_index *index, uint32_t key, struct dbc_message *message)
{
    if (key < DBC_INDEX_STANDARD) {
        index->standard[key] = message;
        return 0;
    }
    if (index->used * 2 >= index->size) {
        int r = grow(index);
        if (r < 0) {
            return r;
        }
    }
    place(index->slots, index->size, (struct dbc_index_slot){key, message});
    index->used++;
    return 0;
}

struct dbc_message *dbc_index_find(const struct dbc_index *index, uint32_t key)
{
    if (key < DBC_INDEX_STANDARD) {
        return index->standard[key];
    }
    if (index->size == 0) {
        return NULL;
    }
    size_t at = first_slot(key, index->size);
    while (index->slots[at].message != NULL && index->slots[at].key != key) {
        at = (at + 1) & (index->size - 1);
    }
    return index->slots[at].message;
}

void dbc_index_deinit(struct dbc_index *index)
{
    free(index->slots);
    *index = (struct dbc_index){.slots = NULL};
}
