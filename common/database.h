/*
 * One SQLite file, opened the way both daemons need it: WAL, synchronous=FULL, foreign keys on,
 * a busy time-out (the other daemon may write too), a migration per component, and a damaged file
 * set aside instead of an end. The WAL is checkpointed by whoever commits its 1000th page (SQLite's
 * wal_autocheckpoint) and cut to 16 MiB when it begins anew. What is deleted is not overwritten
 * (Debian's SQLite would): a log at its quota would write a third more.
 *
 * A connection belongs to one thread at a time. Faults are -errno values made from SQLite's result
 * codes by database_errno(): -ENOSPC (full), -EIO, -EBADMSG (corrupt or no
 * database), -EBUSY, -EROFS, -EACCES, -ENOMEM, -EINTR (sqlite3_interrupt()); what else goes wrong
 * is -EINVAL: our own mistake. The functions with a connection at hand give what open() said of a
 * file that cannot be opened (-ENOENT, -EACCES, -EISDIR, -EMFILE, ...), and -ENOSPC for a full
 * quota or a file that may not grow.
 */
#ifndef EDGE_COMMON_DATABASE_H
#define EDGE_COMMON_DATABASE_H

#include "common/attributes.h"

#include <sqlite3.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One component's tables: migrations[i] is the SQL (one or more statements, no transaction of its
 * own) from version i to i + 1. Both daemons may keep their components in one file: the versions
 * are kept by name, in the table `schema_versions`. */
struct database_schema {
    const char *component; /* "framelog" */
    const char *const *migrations;
    size_t migration_count;
};

struct database_options {
    const char *path;
    bool read_only;      /* no migration; the file must exist */
    bool immutable;      /* with read_only: nobody writes it meanwhile, and its WAL does not count;
                            no file is made beside it, so this works where none can be */
    uint32_t page_bytes; /* of a new file, a power of 2 from 512 to 65536; 0 = SQLite's default */
    int busy_timeout_ms; /* how long a statement waits for another writer; 0 = not at all */
    const struct database_schema *schema; /* may be NULL with read_only: any version will do */
};

/*
 * 0 and an open connection. -EBADMSG: corrupt, or no database, or a database of something else
 * (tables, but no `schema_versions`), which is left as it is, or its tables are not those of its
 * version: a migration fails; -EPROTO: written by a newer version of the program, or, with
 * read_only, by any other; other faults as above. `error` (of DATABASE_ERROR_BYTES, may be NULL)
 * says why in words, without the path; what is longer is cut. Nothing stays open on failure.
 *
 * A file of no bytes is a new one (SQLite counts a single byte as none). Opening reads the list of
 * tables, not the tables: damage elsewhere shows as -EBADMSG when a statement meets it. A migration
 * is one transaction with its version's row; processes that open the same new file at once wait for
 * each other.
 */
#define DATABASE_ERROR_BYTES 256
EDGE_MUST_CHECK int database_open(const struct database_options *options, sqlite3 **ret,
                                  char *error);
/* After all statements are finalised. Accepts NULL. The last one to close checkpoints the WAL,
 * unless the file has moved: then it leaves everything as it is. */
void database_close(sqlite3 *db);

/* True: the file was deleted or renamed, or another one put in its place (with its directory, say).
 * SQLite itself goes on with a file that nobody finds any more. */
bool database_has_moved(sqlite3 *db);

/* So many that were set aside for the same reason are kept; the older ones are deleted. */
#define DATABASE_ASIDE_KEPT 3

/* Renames the file (a symbolic link's target) with its -wal and -shm to
 * PATH.REASON-YYYYMMDDTHHMMSSZ, PATH being absolute and without links; while that exists, a number
 * from 2 on is added: ...Z.2. No process may have it open. 0, -ENAMETOOLONG (more than `size`
 * bytes) or -errno of a file system call; the file itself goes first, so a failure afterwards
 * leaves no old file for a new database to meet. */
EDGE_MUST_CHECK int database_set_aside(const char *path, const char *reason, int64_t now_us,
                                       char *ret_name, size_t size);

/* SQL whose results do not matter; one or more statements. 0 or -errno. */
EDGE_MUST_CHECK int database_exec(sqlite3 *db, const char *sql);
/* A statement to be kept; sqlite3_finalize() ends it. 0 or -errno. */
EDGE_MUST_CHECK int database_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret);
/* One step. 1: a row; 0: done (and reset); else -errno (and reset). */
EDGE_MUST_CHECK int database_step(sqlite3_stmt *statement);
/* The one number of a statement that gives one row, and a reset. 1; 0: no row, or NULL; -errno. */
EDGE_MUST_CHECK int database_number(sqlite3_stmt *statement, int64_t *ret);

/* From an SQLite result code (plain or extended). 0 for SQLITE_OK, _ROW and _DONE. */
int database_errno(int code);

#endif
