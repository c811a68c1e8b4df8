/*
 * Which slots of a last-value queue have a topic: hashes to places, several of which may have the
 * same hash. Grows, never shrinks; who wants to forget something makes it anew. Pure.
 */
#ifndef EDGE_COMMON_LVQ_INDEX_H
#define EDGE_COMMON_LVQ_INDEX_H

#include "common/attributes.h"

#include <stddef.h>
#include <stdint.h>

#define LVQ_INDEX_NONE SIZE_MAX

struct lvq_index_entry {
    uint32_t hash;
    uint32_t place; /* and one; 0 = free */
};

/* All zero: an empty one. */
struct lvq_index {
    struct lvq_index_entry *entries;
    size_t size; /* a power of two, or 0 */
    size_t count;
};

uint32_t lvq_index_hash(const char *topic);

/* 0, or -ENOMEM with nothing changed. */
EDGE_MUST_CHECK int lvq_index_add(struct lvq_index *index, uint32_t hash, size_t place);
void lvq_index_clear(struct lvq_index *index);
void lvq_index_deinit(struct lvq_index *index);

/* The places with that hash, one after the other, then LVQ_INDEX_NONE. *at is LVQ_INDEX_NONE before
 * the first one. */
size_t lvq_index_next(const struct lvq_index *index, uint32_t hash, size_t *at);

#endif
