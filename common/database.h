/*
 * One SQLite file, opened the way both daemons need it: WAL, synchronous=FULL, foreign keys on,
 * a busy time-out (the other daemon may write too), a migration per component, and a damaged file
 * set aside instead of an end.
 *
 * A connection belongs to one thread. Faults are -errno values made from SQLite's result codes by
 * database_errno(): -ENOSPC (full), -EIO, -EBADMSG (corrupt or no database), -EBUSY, -EROFS,
 * -EACCES, -ENOENT, -ENOMEM; what else goes wrong is -EINVAL: our own mistake.
 */
#ifndef EDGE_COMMON_DATABASE_H
#define EDGE_COMMON_DATABASE_H

#include "common/attributes.h"

#include <sqlite3.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One component's tables: migrations[i] is the SQL (one or more statements) from version i to
 * i + 1. Both daemons may keep their components in one file: the versions are kept by name. */
struct database_schema {
    const char *component; /* "framelog" */
    const char *const *migrations;
    size_t migration_count;
};

struct database_options {
    const char *path;
    bool read_only;      /* no migration; the file must exist */
    uint32_t page_bytes; /* of a new file; 0 = SQLite's default */
    int busy_timeout_ms; /* how long a statement waits for another writer; 0 = not at all */
    const struct database_schema *schema; /* NULL with read_only */
};

/*
 * 0 and an open connection. -EBADMSG: corrupt, or no database, or a database of something else;
 * -EPROTO: written by a newer version of the program; other faults as above. `error` (of
 * DATABASE_ERROR_BYTES, may be NULL) says why in words. Nothing stays open on failure. A migration
 * is one transaction with its version's row.
 */
#define DATABASE_ERROR_BYTES 256
EDGE_MUST_CHECK int database_open(const struct database_options *options, sqlite3 **ret,
                                  char *error);
/* Accepts NULL. The last one to close checkpoints the WAL. */
void database_close(sqlite3 *db);

/* Renames the file with its -wal and -shm to PATH.REASON-YYYYMMDDTHHMMSSZ (a number is added while
 * that exists). 0 or -errno; `ret_name` has `size` bytes. */
EDGE_MUST_CHECK int database_set_aside(const char *path, const char *reason, int64_t now_us,
                                       char *ret_name, size_t size);

/* SQL without results; one or more statements. 0 or -errno. */
EDGE_MUST_CHECK int database_exec(sqlite3 *db, const char *sql);
/* A statement to be kept. 0 or -errno. */
EDGE_MUST_CHECK int database_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret);
/* Steps, 1: a row; 0: done (and reset); else -errno (and reset). */
EDGE_MUST_CHECK int database_step(sqlite3_stmt *statement);

/* From an SQLite result code (plain or extended). 0 for SQLITE_OK, _ROW and _DONE. */
int database_errno(int code);

#endif
