#include "common/packet_ids.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* Ids come from a counter, so they are their own hash: neighbours lie side by side, and what is
 * probed is next to nothing while the table is at most half full. */
struct entry {
    uint64_t token;
    uint16_t id; /* 0 = free */
};

struct packet_ids {
    size_t max;
    size_t count;
    size_t mask; /* of the table's size, a power of two */
    struct entry entries[];
};

int packet_ids_new(size_t max, struct packet_ids **ret)
{
    if (max == 0 || max > UINT16_MAX) {
        return -EINVAL;
    }
    size_t size = 2;
    while (size < 2 * max) {
        size *= 2;
    }
    struct packet_ids *ids = calloc(1, sizeof(*ids) + size * sizeof(struct entry));
    if (ids == NULL) {
        return -ENOMEM;
    }
    ids->max = max;
    ids->mask = size - 1;
    *ret = ids;
    return 0;
}

void packet_ids_free(struct packet_ids *ids)
{
    free(ids);
}

size_t packet_ids_count(const struct packet_ids *ids)
{
    return ids->count;
}

/* Where the id is, or would be. */
static size_t find(const struct packet_ids *ids, uint16_t id)
{
    size_t i = id & ids->mask;
    while (ids->entries[i].id != 0 && ids->entries[i].id != id) {
        i = (i + 1) & ids->mask;
    }
    return i;
}

bool packet_ids_contain(const struct packet_ids *ids, uint16_t id)
{
    return ids->entries[find(ids, id)].id == id;
}

void packet_ids_add(struct packet_ids *ids, uint16_t id, uint64_t token)
{
    size_t i = find(ids, id);
    assert(id != 0 && ids->count < ids->max && ids->entries[i].id == 0);
    ids->entries[i] = (struct entry){token, id};
    ids->count++;
}

/* Leaves no hole between an id and where its search begins (Knuth, The Art of Computer
 * Programming 3, 6.4, algorithm R). */
static void remove_at(struct packet_ids *ids, size_t hole)
{
    for (size_t i = (hole + 1) & ids->mask; ids->entries[i].id != 0; i = (i + 1) & ids->mask) {
        size_t wanted = ids->entries[i].id & ids->mask;
        if (((i - wanted) & ids->mask) >= ((i - hole) & ids->mask)) {
            ids->entries[hole] = ids->entries[i];
            hole = i;
        }
    }
    ids->entries[hole].id = 0;
    ids->count--;
}

bool packet_ids_take(struct packet_ids *ids, uint16_t id, uint64_t *ret_token)
{
    size_t i = find(ids, id);
    if (id == 0 || ids->entries[i].id != id) {
        return false;
    }
    *ret_token = ids->entries[i].token;
    remove_at(ids, i);
    return true;
}

bool packet_ids_take_any(struct packet_ids *ids, uint64_t *ret_token)
{
    for (size_t i = 0; ids->count > 0 && i <= ids->mask; i++) {
        if (ids->entries[i].id != 0) {
            return packet_ids_take(ids, ids->entries[i].id, ret_token);
        }
    }
    return false;
}
