/* YAML tree and schema to structs. Used by config.c only. */
#ifndef EDGE_COMMON_CONFIG_FILL_H
#define EDGE_COMMON_CONFIG_FILL_H

#include "common/arena.h"
#include "common/attributes.h"
#include "common/config_marks.h"
#include "common/config_schema.h"
#include "common/diagnostics.h"
#include "common/yaml_tree.h"

#include <stdbool.h>

struct config_fill {
    const char *file;      /* for diagnostics */
    const char *directory; /* base of relative paths with its slash, or "" */
    struct diagnostics *d;
    struct arena *arena;        /* owns what the structs point to */
    struct config_marks *marks; /* where each field was written */
    bool faulty;                /* at least one error was reported */
};

/* Fills `target`, a zeroed struct of schema->size bytes. `root` may be NULL (an empty file). 0,
 * -ENOMEM, or -EINVAL when f->faulty. */
EDGE_MUST_CHECK int config_fill(struct config_fill *f, const struct config_section *schema,
                                const struct yaml_node *root, void *target);

#endif
