/*
 * DBC files from disk into one database, and what there is to say about them on stderr.
 */
#ifndef EDGE_GATEWAY_APP_DBC_FILES_H
#define EDGE_GATEWAY_APP_DBC_FILES_H

#include "common/attributes.h"
#include "common/diagnostics.h"
#include "edge-gateway/dbc/dbc.h"

#include <stddef.h>

/* Adds one file. 0, -errno of opening or reading, or what dbc_load_text() gives; the reason is in
 * `d`. */
EDGE_MUST_CHECK int dbc_files_add(struct dbc_database *db, const char *path, struct diagnostics *d);

/*
 * All files into one new database, which the caller frees; warnings and errors go to stderr. NULL
 * when one cannot be used at all.
 */
struct dbc_database *dbc_files_load(const char *const *paths, size_t count);

#endif
