#include "common/database.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/database_migrate.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PRIMARY_CODE_MASK 0xff
#define URI_MAX_BYTES     16384 /* of the longest path, each byte as three */

/* Of every connection that writes; the header says what for. Some builds of SQLite overwrite what
 * is deleted unless told otherwise: then deleting costs as much as writing did. */
static const char settings[] = "PRAGMA synchronous = FULL;"
                               "PRAGMA foreign_keys = ON;"
                               "PRAGMA secure_delete = OFF;"
                               "PRAGMA wal_autocheckpoint = 1000;"
                               "PRAGMA journal_size_limit = 16777216;";

int database_errno(int code)
{
    switch (code) { /* extended codes that say something else than their primary one */
    case SQLITE_IOERR_NOMEM:
        return -ENOMEM;
    case SQLITE_IOERR_CORRUPTFS:
        return -EBADMSG;
    case SQLITE_IOERR_SHMSIZE: /* the WAL's index could not grow */
        return -ENOSPC;
    case SQLITE_READONLY_DIRECTORY:
        return -EACCES;
    default:
        break;
    }
    static const struct {
        int code;
        int result;
    } rows[] = {
        {SQLITE_OK, 0},
        {SQLITE_ROW, 0},
        {SQLITE_DONE, 0},
        {SQLITE_FULL, -ENOSPC},
        {SQLITE_IOERR, -EIO},
        {SQLITE_CORRUPT, -EBADMSG},
        {SQLITE_NOTADB, -EBADMSG},
        {SQLITE_BUSY, -EBUSY},
        {SQLITE_LOCKED, -EBUSY},
        {SQLITE_PROTOCOL, -EBUSY}, /* the WAL's locks: others came first, again and again */
        {SQLITE_READONLY, -EROFS},
        {SQLITE_CANTOPEN, -EACCES},
        {SQLITE_PERM, -EACCES},
        {SQLITE_AUTH, -EACCES},
        {SQLITE_NOMEM, -ENOMEM},
        {SQLITE_INTERRUPT, -EINTR},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].code == (code & PRIMARY_CODE_MASK)) {
            return rows[i].result;
        }
    }
    return -EINVAL;
}

/* What the system said last of a file, or of its WAL (SQLITE_FCNTL_JOURNAL_POINTER). */
static int last_errno(sqlite3 *db, int which)
{
    sqlite3_file *file = NULL;
    int error = 0;
    if (sqlite3_file_control(db, "main", which, &file) == SQLITE_OK && file != NULL &&
        file->pMethods != NULL) {
        (void)file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error); /* else 0 */
    }
    return error;
}

/* A quota or a limit is as full as a disk is; SQLite knows only of the disk. */
static bool is_full(sqlite3 *db)
{
    int code = sqlite3_extended_errcode(db);
    if (code != SQLITE_IOERR_WRITE && code != SQLITE_IOERR_TRUNCATE && code != SQLITE_IOERR_FSYNC) {
        return false;
    }
    const int errors[] = {last_errno(db, SQLITE_FCNTL_JOURNAL_POINTER),
                          last_errno(db, SQLITE_FCNTL_FILE_POINTER)};
    return errors[0] == EDQUOT || errors[0] == EFBIG || errors[1] == EDQUOT || errors[1] == EFBIG;
}

/* What open() or write() said, where SQLite only says that it failed. */
static int fault(sqlite3 *db, int code)
{
    int system_error = sqlite3_system_errno(db);
    if ((code & PRIMARY_CODE_MASK) == SQLITE_CANTOPEN && system_error != 0) {
        return -system_error;
    }
    return is_full(db) ? -ENOSPC : database_errno(code);
}

int database_exec(sqlite3 *db, const char *sql)
{
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : fault(db, code);
}

int database_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (code != SQLITE_OK) {
        return fault(db, code);
    }
    if (statement == NULL) { /* a text of comments and spaces */
        return -EINVAL;
    }
    *ret = statement;
    return 0;
}

int database_step(sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        return 1;
    }
    int r = code == SQLITE_DONE ? 0 : fault(sqlite3_db_handle(statement), code);
    (void)sqlite3_reset(statement); /* its error is the step's */
    return r;
}

int database_number(sqlite3_stmt *statement, int64_t *ret)
{
    int r = database_step(statement);
    if (r == 1 && sqlite3_column_type(statement, 0) == SQLITE_NULL) {
        r = 0;
    } else if (r == 1) {
        *ret = sqlite3_column_int64(statement, 0);
    }
    (void)sqlite3_reset(statement); /* the step's fault is in r */
    return r;
}

/* -EBUSY, at once, while another connection uses a file that is not in WAL mode yet. */
static int enter_wal(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    int r = database_prepare(db, "PRAGMA journal_mode = WAL", &statement);
    if (r < 0) {
        return r;
    }
    r = database_step(statement);
    if (r == 1) {
        const char *mode = (const char *)sqlite3_column_text(statement, 0);
        r = mode != NULL && strcmp(mode, "wal") == 0 ? 0
                                                     : -EINVAL; /* a file system without mmap() */
    }
    (void)sqlite3_finalize(statement); /* its error is the step's */
    return r;
}

/* SQLite's busy handler does not wait for the change to WAL, but for a lock that excludes all. */
static int enter_wal_patiently(sqlite3 *db, int timeout_ms)
{
    const struct clock *clock = &clock_system;
    int64_t deadline_us = clock->monotonic_us(clock->context) + timeout_ms * US_PER_MS;
    int r = enter_wal(db);
    while (r == -EBUSY && clock->monotonic_us(clock->context) < deadline_us) {
        r = database_exec(db, "BEGIN EXCLUSIVE; ROLLBACK");
        if (r == 0) {
            r = enter_wal(db);
        }
    }
    return r;
}

/* Without effect once the file has content; a page size of 0 is without effect at all. */
static int shape_new_file(sqlite3 *db, uint32_t page_bytes)
{
    assert((page_bytes & (page_bytes - 1)) == 0);
    char sql[80];
    (void)snprintf(sql, sizeof(sql), "PRAGMA auto_vacuum = NONE; PRAGMA page_size = %" PRIu32,
                   page_bytes);
    return database_exec(db, sql);
}

static int set_up(sqlite3 *db, const struct database_options *options)
{
    int r = shape_new_file(db, options->page_bytes);
    if (r == 0) {
        r = enter_wal_patiently(db, options->busy_timeout_ms);
    }
    return r < 0 ? r : database_exec(db, settings);
}

/* SQLite opens a file that it may not write for reading only. */
static int why_not_writable(const char *path)
{
    return access(path, W_OK) < 0 ? -errno : -EROFS;
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

/* The only way to tell SQLite. Even slashes are encoded: two at the start would be a host. */
static int open_immutable(const char *path, int flags, sqlite3 **ret)
{
    struct buf uri;
    buf_init(&uri, URI_MAX_BYTES);
    buf_puts(&uri, "file:");
    for (const char *c = path; *c != '\0'; c++) {
        buf_printf(&uri, is_plain(*c) ? "%c" : "%%%02X", (unsigned char)*c);
    }
    buf_puts(&uri, "?immutable=1");
    int code = SQLITE_NOMEM;
    if (buf_ok(&uri)) {
        code = sqlite3_open_v2(uri.data, ret, flags | SQLITE_OPEN_URI, NULL);
    }
    buf_deinit(&uri);
    return code;
}

static int connect_to(const struct database_options *options, sqlite3 **ret, char *error)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= options->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    sqlite3 *db = NULL;
    int code = options->immutable ? open_immutable(options->path, flags, &db)
                                  : sqlite3_open_v2(options->path, &db, flags, NULL);
    if (code != SQLITE_OK) {
        int r = db != NULL ? fault(db, code) : -ENOMEM;
        (void)snprintf(error, DATABASE_ERROR_BYTES, "%s", strerror(-r));
        (void)sqlite3_close(db);
        return r;
    }
    (void)sqlite3_busy_timeout(db, options->busy_timeout_ms);
    *ret = db;
    return 0;
}

/* In an order in which a file that is not ours is only read. */
static int check_in(sqlite3 *db, const struct database_options *options, char *error)
{
    if (sqlite3_db_filename(db, "main")[0] == '\0') { /* ":memory:", "" */
        (void)snprintf(error, DATABASE_ERROR_BYTES, "not the path of a file");
        return -EINVAL;
    }
    if (!options->read_only && sqlite3_db_readonly(db, "main") != 0) {
        int r = why_not_writable(options->path);
        (void)snprintf(error, DATABASE_ERROR_BYTES, "cannot be written: %s", strerror(-r));
        return r;
    }
    int r = database_recognise(db, error);
    if (r < 0) {
        return r;
    }
    if (!options->read_only && sqlite3_db_readonly(db, "main") != 0) { /* says its header */
        (void)snprintf(error, DATABASE_ERROR_BYTES, "of a format that can only be read");
        return -EBADMSG;
    }
    if (options->read_only) {
        return options->schema == NULL ? 0 : database_compare_version(db, options->schema, error);
    }
    r = set_up(db, options);
    if (r < 0) {
        (void)snprintf(error, DATABASE_ERROR_BYTES, "%s", sqlite3_errmsg(db));
        return r;
    }
    return database_migrate(db, options->schema, error);
}

int database_open(const struct database_options *options, sqlite3 **ret, char *error)
{
    char unwanted[DATABASE_ERROR_BYTES];
    char *text = error != NULL ? error : unwanted;
    sqlite3 *db = NULL;
    int r = connect_to(options, &db, text);
    if (r == 0) {
        r = check_in(db, options, text);
    }
    if (r < 0) {
        database_close(db);
        return r;
    }
    *ret = db;
    return 0;
}

bool database_has_moved(sqlite3 *db)
{
    int has_moved = 0;
    return sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved) == SQLITE_OK &&
           has_moved != 0;
}

void database_close(sqlite3 *db)
{
    int code = sqlite3_close(db);
    assert(code == SQLITE_OK); /* a statement was not finalised */
    (void)code;
}
