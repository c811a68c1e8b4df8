/* Where each value of a loaded configuration was written: address to line and column. */
#ifndef EDGE_COMMON_CONFIG_MARKS_H
#define EDGE_COMMON_CONFIG_MARKS_H

#include "common/attributes.h"

#include <stddef.h>

struct config_marks_entry {
    const void *field;
    unsigned line;
    unsigned column;
    size_t order; /* of several entries for one address, the last added counts */
};

/* {0} is empty. Add everything, sort once, then find. */
struct config_marks {
    struct config_marks_entry *entries;
    size_t count;
    size_t capacity;
};

void config_marks_deinit(struct config_marks *m);

/* 0 or -ENOMEM. */
EDGE_MUST_CHECK int config_marks_add(struct config_marks *m, const void *field, unsigned line,
                                     unsigned column);
void config_marks_sort(struct config_marks *m);

/* NULL if that address was never added. */
const struct config_marks_entry *config_marks_find(const struct config_marks *m, const void *field);

#endif
