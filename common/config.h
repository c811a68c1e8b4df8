/*
 * A YAML file as const structs: loaded through the tables of common/config_schema.h, checked
 * completely, every fault reported with line, column, what was found and what is expected.
 *
 * In every scalar ${NAME} stands for an environment variable (unset is an error), ${NAME:-text} has
 * a default, $$ is a dollar sign. A key marked secret may be "file:/path": the file's text without
 * its final newline. YAML anchors, aliases and tags are refused. File size, depth and number of
 * nodes are bounded, so any bytes are harmless.
 */
#ifndef EDGE_COMMON_CONFIG_H
#define EDGE_COMMON_CONFIG_H

#include "common/attributes.h"
#include "common/buf.h"
#include "common/config_schema.h"
#include "common/diagnostics.h"

#include <stddef.h>
#include <stdint.h>

#define CONFIG_FILE_MAX_BYTES (1024u * 1024u)

struct config;

/* Where a value was written. A value that was not written has the place of its section; `line` is 0
 * when that is the whole file. */
struct config_mark {
    const char *file; /* as given to config_load_*; owned by the config */
    unsigned line;    /* from 1 */
    unsigned column;  /* in characters, from 1 */
};

struct config_text {
    const char *name; /* for messages; its directory is the base of relative paths */
    const char *text;
    size_t length; /* bytes */
};

/* Both return 0, -EINVAL (everything that is wrong is in `d`), -ENOMEM, or for a file that cannot
 * be read -errno (also in `d`). Warnings in `d` do not fail. `schema` must outlive the config. */
EDGE_MUST_CHECK int config_load_file(const char *path, const struct config_section *schema,
                                     struct diagnostics *d, struct config **ret);
EDGE_MUST_CHECK int config_load_text(const struct config_text *text,
                                     const struct config_section *schema, struct diagnostics *d,
                                     struct config **ret);
/* Frees the root struct and all it points to. */
void config_free(struct config *c);

/* The struct that `schema` describes; lives as long as the config. */
const void *config_root(const struct config *c);

/* `field` is the address of any field, list item, map item or section reachable from the root:
 * &bus->driver, &root->dbc[2], &message->deadbands[0]. A map item's place is its key. Where a
 * struct and its first field share an address, the field's place is given. */
struct config_mark config_mark_of(const struct config *c, const void *field);

/* Adds a diagnostic at the place of `field`: for what only the caller can check. */
void config_report(const struct config *c, const void *field, struct diagnostics *d,
                   enum severity severity, const char *format, ...) EDGE_PRINTF(5, 6);

/* The same at byte `offset` of the value of a string, with the line that is at fault: for texts
 * that have a grammar of their own. */
void config_report_at(const struct config *c, const char *const *field, size_t offset,
                      struct diagnostics *d, const char *format, ...) EDGE_PRINTF(5, 6);

/* The effective configuration with defaults as YAML, secrets as ********. It loads again. */
void config_print(const struct config *c, struct buf *out);

/* Each secret that it holds: what must not be told to anybody. */
void config_each_secret(const struct config *c, void (*each)(void *context, const char *secret),
                        void *context);

/* Hash of what config_print() prints: two nodes with equal hashes behave alike, secrets apart. */
uint64_t config_hash(const struct config *c);

#endif
