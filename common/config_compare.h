/* What two configurations of one schema say differently: so that a reload can name what a running
 * program cannot change. */
#ifndef EDGE_COMMON_CONFIG_COMPARE_H
#define EDGE_COMMON_CONFIG_COMPARE_H

#include "common/buf.h"
#include "common/config_schema.h"

#include <stdbool.h>

/*
 * Adds the first key of the section whose values differ, with those of its sections before it:
 * "retry_max", "tls.ca". Keys of `except` (a list that ends with NULL; names of this section) do
 * not count. False: there is none. `a` and `b` are structs that `schema` describes.
 */
bool config_find_difference(const struct config_section *schema, const void *a, const void *b,
                            const char *const *except, struct buf *ret_key);

/* A key that a running program cannot change; of a section, without the keys of `in_flight` (a list
 * that ends with NULL; NULL: none). So what is new in a section is fixed until it is listed. */
struct config_fixed {
    const char *key;
    const char *const *in_flight;
};

/* The same among the keys of `fixed` alone, a list that ends with {NULL}: "store.file". */
bool config_find_fixed(const struct config_section *schema, const struct config_fixed *fixed,
                       const void *a, const void *b, struct buf *ret_key);

/* Whether the values of that one key of the section differ. */
bool config_key_differs(const struct config_key *key, const void *a, const void *b);

#endif
