#include "automation-node/input/input_table.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct input_table {
    struct input *inputs;
    const struct input **by_id; /* sorted by id */
    size_t count;
};

static int compare_ids(const void *a, const void *b)
{
    const struct input *const *left = a;
    const struct input *const *right = b;
    return strcmp((*left)->id, (*right)->id);
}

static int compare_key(const void *key, const void *element)
{
    const struct input *const *input = element;
    return strcmp(key, (*input)->id);
}

static bool has_twins(const struct input_table *table)
{
    for (size_t i = 1; i < table->count; i++) {
        if (strcmp(table->by_id[i - 1]->id, table->by_id[i]->id) == 0) {
            return true;
        }
    }
    return false;
}

static int fill(struct input_table *table, const struct input_options *options)
{
    for (size_t i = 0; i < table->count; i++) {
        int r = input_init(&options[i], &table->inputs[i]);
        if (r < 0) {
            return r;
        }
        table->by_id[i] = &table->inputs[i];
    }
    qsort(table->by_id, table->count, sizeof(*table->by_id), compare_ids);
    return has_twins(table) ? -EEXIST : 0;
}

int input_table_new(const struct input_options *options, size_t count, struct input_table **ret)
{
    struct input_table *table = calloc(1, sizeof(*table));
    if (table == NULL) {
        return -ENOMEM;
    }
    int r = -ENOMEM;
    table->count = count;
    /* One more than asked for: an empty table is legal, and calloc(0) may return NULL. */
    table->inputs = calloc(count + 1, sizeof(*table->inputs));
    table->by_id = calloc(count + 1, sizeof(*table->by_id));
    if (table->inputs != NULL && table->by_id != NULL) {
        r = fill(table, options);
    }
    if (r < 0) {
        input_table_free(table);
        return r;
    }
    *ret = table;
    return 0;
}

void input_table_free(struct input_table *table)
{
    if (table != NULL) {
        free(table->by_id);
        free(table->inputs);
        free(table);
    }
}

size_t input_table_count(const struct input_table *table)
{
    return table->count;
}

struct input *input_table_at(struct input_table *table, size_t index)
{
    assert(index < table->count);
    return &table->inputs[index];
}

int input_table_find(const struct input_table *table, const char *id, size_t *ret_index)
{
    if (id == NULL) {
        return -ENOENT;
    }
    const struct input *const *found =
        bsearch(id, table->by_id, table->count, sizeof(const struct input *), compare_key);
    if (found == NULL) {
        return -ENOENT;
    }
    *ret_index = (size_t)(*found - table->inputs);
    return 0;
}
