/*
 * All inputs of an engine in one block, found by index on the hot path and by id when references
 * are resolved. Allocates only when it is made.
 */
#ifndef EDGE_AUTOMATION_INPUT_INPUT_TABLE_H
#define EDGE_AUTOMATION_INPUT_INPUT_TABLE_H

#include "automation-node/input/input.h"
#include "common/attributes.h"

#include <stddef.h>

struct input_table;

/* The options are copied; indices are theirs. -EEXIST when two ids are equal, -ENOMEM, or an error
 * of input_init(). */
EDGE_MUST_CHECK int input_table_new(const struct input_options *options, size_t count,
                                    struct input_table **ret);
void input_table_free(struct input_table *table);

size_t input_table_count(const struct input_table *table);

/* `index` is below the count. */
struct input *input_table_at(struct input_table *table, size_t index);

/* -ENOENT when no input has that id, or it is NULL. O(log n). */
EDGE_MUST_CHECK int input_table_find(const struct input_table *table, const char *id,
                                     size_t *ret_index);

#endif
