/*
 * YAML text as an immutable tree with the place of every node: the subset that configuration needs.
 * Mappings, sequences and scalars, one document. Anchors, aliases and tags are refused, a key that
 * stands twice is an error. Size, depth and number of nodes are bounded. Pure; on top of libyaml.
 */
#ifndef EDGE_COMMON_YAML_TREE_H
#define EDGE_COMMON_YAML_TREE_H

#include "common/attributes.h"
#include "common/diagnostics.h"

#include <stdbool.h>
#include <stddef.h>

#define YAML_TREE_MAX_BYTES (1024u * 1024u)
#define YAML_TREE_MAX_DEPTH 32
#define YAML_TREE_MAX_NODES 100000

enum yaml_kind {
    YAML_KIND_SCALAR,
    YAML_KIND_SEQUENCE,
    YAML_KIND_MAPPING
};

struct yaml_node {
    enum yaml_kind kind;
    unsigned line;                 /* where the value begins, from 1 */
    unsigned column;               /* in characters, from 1 */
    const char *key;               /* in a mapping: UTF-8, may be empty; else NULL */
    unsigned key_line;             /* as line; 0 without a key */
    unsigned key_column;           /* as column; 0 without a key */
    const char *text;              /* scalar: UTF-8 without NUL inside; else NULL */
    bool empty;                    /* scalar: nothing was written, not even quotes */
    const struct yaml_node *first; /* first child in the order of the text; NULL if none */
    const struct yaml_node *next;  /* next child of the same parent; NULL at the end */
    size_t count;                  /* number of children */
};

struct yaml_tree;

/* `file` is the name for diagnostics. 0; -EINVAL with at least one error in `d`; -ENOMEM. */
EDGE_MUST_CHECK int yaml_tree_parse(const char *file, const char *text, size_t length,
                                    struct diagnostics *d, struct yaml_tree **ret);
void yaml_tree_free(struct yaml_tree *tree);

/* NULL if the text holds no node (empty, or comments only). */
const struct yaml_node *yaml_tree_root(const struct yaml_tree *tree);

/* "a mapping", "a list" or "text", for messages. */
const char *yaml_kind_name(enum yaml_kind kind);

#endif
