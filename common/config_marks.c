#include "common/config_marks.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

void config_marks_deinit(struct config_marks *m)
{
    free(m->entries);
    *m = (struct config_marks){0};
}

int config_marks_add(struct config_marks *m, const void *field, unsigned line, unsigned column)
{
    if (m->count == m->capacity) {
        size_t capacity = m->capacity > 0 ? m->capacity * 2 : 64;
        struct config_marks_entry *entries = reallocarray(m->entries, capacity, sizeof(*entries));
        if (entries == NULL) {
            return -ENOMEM;
        }
        m->entries = entries;
        m->capacity = capacity;
    }
    m->entries[m->count] = (struct config_marks_entry){field, line, column, m->count};
    m->count++;
    return 0;
}

static int compare(const void *a, const void *b)
{
    const struct config_marks_entry *x = a;
    const struct config_marks_entry *y = b;
    if (x->field != y->field) {
        return (uintptr_t)x->field < (uintptr_t)y->field ? -1 : 1;
    }
    return x->order < y->order ? -1 : x->order > y->order;
}

void config_marks_sort(struct config_marks *m)
{
    if (m->count > 0) {
        qsort(m->entries, m->count, sizeof(m->entries[0]), compare);
    }
}

const struct config_marks_entry *config_marks_find(const struct config_marks *m, const void *field)
{
    size_t low = 0;
    size_t high = m->count;
    while (low < high) { /* the first entry behind those of `field` */
        size_t middle = low + (high - low) / 2;
        if ((uintptr_t)m->entries[middle].field <= (uintptr_t)field) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && m->entries[low - 1].field == field ? &m->entries[low - 1] : NULL;
}
