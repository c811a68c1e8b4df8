#include "edge-gateway/store/store_space.h"

#include "common/database.h"
#include "edge-gateway/store/store_state.h"

#include <errno.h>

/* SQLite touches each block of what it grows by: those that a checkpoint syncs before they have
 * their content are written twice. */
#define GROW_BYTES (64 << 10)

/* Of one of the connection's files, as `op` says which; 0 if it is not open. */
static int size_of(sqlite3 *db, int op, uint64_t *ret)
{
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    int code = sqlite3_file_control(db, "main", op, &file);
    if (code == SQLITE_OK && file != NULL && file->pMethods != NULL) {
        code = file->pMethods->xFileSize(file, &size);
    }
    if (code != SQLITE_OK) {
        return database_errno(code);
    }
    *ret = (uint64_t)size;
    return 0;
}

int store_space_prepare(sqlite3 *db)
{
    int bytes = GROW_BYTES;
    return database_errno(sqlite3_file_control(db, "main", SQLITE_FCNTL_CHUNK_SIZE, &bytes));
}

int store_space_claim(sqlite3 *db)
{
    uint64_t pages = 0, page_bytes = 0, size = 0;
    int r = store_state_query(db, "PRAGMA page_count", &pages);
    if (r == 0) {
        r = store_state_query(db, "PRAGMA page_size", &page_bytes);
    }
    if (r == 0) {
        r = size_of(db, SQLITE_FCNTL_FILE_POINTER, &size);
    }
    if (r < 0 || size >= pages * page_bytes) {
        return r;
    }
    sqlite3_int64 wanted = (sqlite3_int64)(pages * page_bytes);
    int code = sqlite3_file_control(db, "main", SQLITE_FCNTL_SIZE_HINT, &wanted);
    return code == SQLITE_OK ? 0 : -ENOSPC; /* whatever it was, the file is too small */
}

void store_space_recycle(sqlite3 *db)
{
    /* A reader in the way, or a fault: the WAL goes on growing, and who writes to it meets it. */
    (void)sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL);
}

uint64_t store_space_wal_bytes(sqlite3 *db)
{
    uint64_t bytes = 0;
    return size_of(db, SQLITE_FCNTL_JOURNAL_POINTER, &bytes) == 0 ? bytes : 0;
}
