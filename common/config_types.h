/*
 * The scalar types of a configuration: text to value and back, limits, and what to tell a person
 * whose text is not of that type. Used by config_fill.c, config_print.c and config_compare.c only.
 */
#ifndef EDGE_COMMON_CONFIG_TYPES_H
#define EDGE_COMMON_CONFIG_TYPES_H

#include "common/arena.h"
#include "common/attributes.h"
#include "common/buf.h"
#include "common/config_schema.h"

#include <stdbool.h>
#include <stddef.h>

/* What a text is to become. */
struct config_scalar {
    const struct config_key *key;
    const char *directory; /* of the configuration file with its slash, or "" */
    struct arena *arena;   /* owns the strings */
    struct buf *why;       /* receives the complaint on -EINVAL */
};

/* Writes the value to `field`. 0, -ENOMEM, or -EINVAL with a complaint such as "'5 parsecs' is not
 * a duration - write it like 250ms". */
EDGE_MUST_CHECK int config_types_parse(const struct config_scalar *s, const char *text,
                                       void *field);

/* Letters, digits, '_' and '-', 1 to `max` of them. */
bool config_types_is_id(const char *text, size_t max);

/* The value as YAML that loads again; nothing for a string that is NULL. */
void config_types_print(const struct config_key *key, const void *field, struct buf *out);

/* False for a string that is NULL: there is nothing to print. */
bool config_types_is_set(const struct config_key *key, const void *field);

/* What a key holds, whatever its shape. */
struct config_items {
    const char *data; /* first value or item */
    size_t count;
};

/* `base`: a struct of the section that the key is of. */
struct config_items config_types_items(const struct config_key *key, const char *base);

/* "a duration" */
const char *config_types_what(enum config_type type);

/* "write it like 250ms, 5s or 2min" */
const char *config_types_hint(enum config_type type);

size_t config_types_size(enum config_type type);

/* Of a config_named_* struct of that type; 0 if there is none. */
size_t config_types_named_size(enum config_type type);
size_t config_types_named_offset(enum config_type type);

#endif
