/* The tables in a database file: whose they are, and of which version. A part of database_open().
 */
#ifndef EDGE_COMMON_DATABASE_MIGRATE_H
#define EDGE_COMMON_DATABASE_MIGRATE_H

#include "common/attributes.h"
#include "common/database.h"

#include <sqlite3.h>

/* All write why they failed to `error` (of DATABASE_ERROR_BYTES). */

/* Only reads. 0: an empty database or one of ours; -EBADMSG: one of something else; or -errno. */
EDGE_MUST_CHECK int database_recognise(sqlite3 *db, char *error);

/* Only reads. 0: the component has exactly the version that `schema` ends with; -EPROTO: another,
 * or none; or -errno. */
EDGE_MUST_CHECK int database_compare_version(sqlite3 *db, const struct database_schema *schema,
                                             char *error);

/* Applies the migrations that are missing. 0, -EPROTO (the file is newer) or -errno: then the
 * connection is good for nothing but closing, which rolls a half migration back. */
EDGE_MUST_CHECK int database_migrate(sqlite3 *db, const struct database_schema *schema,
                                     char *error);

#endif
