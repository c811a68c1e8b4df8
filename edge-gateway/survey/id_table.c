#include "edge-gateway/survey/id_table.h"

#include <stdlib.h>

#define SLOTS (2 * ID_TABLE_MAX) /* a power of two; never more than half full */

struct id_table {
    size_t count;
    uint64_t overflow;
    struct id_entry entries[ID_TABLE_MAX];
    uint16_t slots[SLOTS]; /* index of the entry + 1; 0 = free */
};

struct id_table *id_table_new(void)
{
    return calloc(1, sizeof(struct id_table));
}

void id_table_free(struct id_table *table)
{
    free(table);
}

/* The slot of this id, or the free one where it belongs. */
static uint16_t *find_slot(struct id_table *table, uint32_t can_id, bool extended)
{
    uint32_t key = can_id << 1 | extended;
    size_t at = (key * 0x9E3779B1u >> 16) % SLOTS;
    for (;; at = (at + 1) % SLOTS) {
        uint16_t *slot = &table->slots[at];
        if (*slot == 0) {
            return slot;
        }
        const struct id_entry *entry = &table->entries[*slot - 1];
        if (entry->can_id == can_id && entry->extended == extended) {
            return slot;
        }
    }
}

void id_table_add(struct id_table *table, const struct frame *frame)
{
    bool extended = (frame->flags & FRAME_EXTENDED) != 0;
    uint16_t *slot = find_slot(table, frame->can_id, extended);
    if (*slot == 0) {
        if (table->count == ID_TABLE_MAX) {
            table->overflow++;
            return;
        }
        table->entries[table->count] = (struct id_entry){.can_id = frame->can_id,
                                                         .extended = extended,
                                                         .len_min = frame->len,
                                                         .len_max = frame->len,
                                                         .first_us = frame->ts_us};
        *slot = (uint16_t)++table->count;
    }
    struct id_entry *entry = &table->entries[*slot - 1];
    entry->fd = entry->fd || (frame->flags & FRAME_FD) != 0;
    entry->len_min = frame->len < entry->len_min ? frame->len : entry->len_min;
    entry->len_max = frame->len > entry->len_max ? frame->len : entry->len_max;
    entry->last_us = frame->ts_us;
    entry->frames++;
}

static int compare(const void *a, const void *b)
{
    const struct id_entry *x = a;
    const struct id_entry *y = b;
    if (x->extended != y->extended) {
        return x->extended ? 1 : -1;
    }
    return (x->can_id > y->can_id) - (x->can_id < y->can_id);
}

void id_table_sort(struct id_table *table)
{
    qsort(table->entries, table->count, sizeof(struct id_entry), compare);
    for (size_t i = 0; i < SLOTS; i++) {
        table->slots[i] = 0;
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct id_entry *entry = &table->entries[i];
        *find_slot(table, entry->can_id, entry->extended) = (uint16_t)(i + 1);
    }
}

size_t id_table_count(const struct id_table *table)
{
    return table->count;
}

const struct id_entry *id_table_at(const struct id_table *table, size_t index)
{
    return &table->entries[index];
}

uint64_t id_table_overflow(const struct id_table *table)
{
    return table->overflow;
}
