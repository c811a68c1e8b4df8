#include "common/database_migrate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

/* A failure that SQLite can put into words; asked before anything else is done with `db`. */
static int fail(sqlite3 *db, int r, char *error)
{
    (void)snprintf(error, DATABASE_ERROR_BYTES, "%s", sqlite3_errmsg(db));
    return r;
}

/* All of the file, indices and views too, and those of them that are called schema_versions. */
static int count_tables(sqlite3 *db, int64_t *ret_all, int64_t *ret_versions)
{
    sqlite3_stmt *statement = NULL;
    int r = database_prepare(db,
                             "SELECT count(*), count(*) FILTER (WHERE name = 'schema_versions')"
                             " FROM sqlite_schema",
                             &statement);
    if (r == 0) {
        r = database_step(statement);
    }
    if (r == 1) {
        *ret_all = sqlite3_column_int64(statement, 0);
        *ret_versions = sqlite3_column_int64(statement, 1);
        r = 0;
    }
    (void)sqlite3_finalize(statement); /* its error is the step's */
    return r;
}

int database_recognise(sqlite3 *db, char *error)
{
    int64_t all = 0;
    int64_t versions = 0;
    int r = count_tables(db, &all, &versions);
    if (r < 0) {
        return fail(db, r == -EINVAL ? -EBADMSG : r, error); /* the SQL is right */
    }
    if (all > 0 && versions == 0) {
        (void)snprintf(error, DATABASE_ERROR_BYTES,
                       "a database of something else: it has tables, but no schema_versions");
        return -EBADMSG;
    }
    return 0;
}

static int prepare_for(sqlite3 *db, const char *sql, const char *component, sqlite3_stmt **ret)
{
    sqlite3_stmt *statement = NULL;
    int r = database_prepare(db, sql, &statement);
    if (r == 0) {
        r = database_errno(sqlite3_bind_text(statement, 1, component, -1, SQLITE_STATIC));
    }
    if (r < 0) {
        (void)sqlite3_finalize(statement);
        return r;
    }
    *ret = statement;
    return 0;
}

/* 0 is the version of a component that is not in the table. */
static int read_version(sqlite3 *db, const char *component, int64_t *ret)
{
    sqlite3_stmt *statement = NULL;
    int r = prepare_for(db, "SELECT version FROM schema_versions WHERE component = ?1", component,
                        &statement);
    if (r < 0) {
        return r == -EINVAL ? -EBADMSG : r; /* the SQL is right: it is not our table */
    }
    r = database_step(statement);
    int64_t version = r == 1 ? sqlite3_column_int64(statement, 0) : 0;
    (void)sqlite3_finalize(statement); /* its error is the step's */
    if (r < 0) {
        return r;
    }
    *ret = version;
    return 0;
}

static int write_version(sqlite3 *db, const char *component, int64_t version)
{
    sqlite3_stmt *statement = NULL;
    int r = prepare_for(db,
                        "INSERT INTO schema_versions(component, version) VALUES (?1, ?2)"
                        " ON CONFLICT(component) DO UPDATE SET version = excluded.version",
                        component, &statement);
    if (r < 0) {
        return r;
    }
    r = database_errno(sqlite3_bind_int64(statement, 2, version));
    if (r == 0) {
        r = database_step(statement);
    }
    (void)sqlite3_finalize(statement); /* its error is the step's */
    return r;
}

static int differs(const struct database_schema *schema, int64_t version, char *error)
{
    (void)snprintf(error, DATABASE_ERROR_BYTES,
                   "the tables of %s have version %" PRId64 ", this program's have %zu",
                   schema->component, version, schema->migration_count);
    return -EPROTO;
}

int database_compare_version(sqlite3 *db, const struct database_schema *schema, char *error)
{
    int64_t all = 0;
    int64_t versions = 0;
    int64_t version = 0;
    int r = count_tables(db, &all, &versions);
    if (r == 0 && versions > 0) {
        r = read_version(db, schema->component, &version);
    }
    if (r < 0) {
        return fail(db, r, error);
    }
    return (uint64_t)version == schema->migration_count ? 0 : differs(schema, version, error);
}

/* In a transaction. Nothing to do if another process has been faster. */
static int migrate_within(sqlite3 *db, const struct database_schema *schema, int64_t from)
{
    int64_t version = 0;
    int r = read_version(db, schema->component, &version);
    if (r < 0 || version != from) {
        return r;
    }
    r = database_exec(db, schema->migrations[from]);
    if (r < 0) {
        return r == -EINVAL ? -EBADMSG : r; /* the SQL is right: the version is not the tables' */
    }
    return write_version(db, schema->component, from + 1);
}

static int migrate_from(sqlite3 *db, const struct database_schema *schema, int64_t from,
                        char *error)
{
    int r = database_exec(db, "BEGIN IMMEDIATE");
    if (r < 0) {
        return fail(db, r, error);
    }
    r = migrate_within(db, schema, from);
    if (r == 0) {
        r = database_exec(db, "COMMIT");
    }
    if (r < 0) {
        (void)snprintf(error, DATABASE_ERROR_BYTES, "the tables of %s to version %" PRId64 ": %s",
                       schema->component, from + 1, sqlite3_errmsg(db));
    }
    return r;
}

int database_migrate(sqlite3 *db, const struct database_schema *schema, char *error)
{
    int r = database_exec(db, "CREATE TABLE IF NOT EXISTS schema_versions("
                              "component TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT");
    if (r < 0) {
        return fail(db, r, error);
    }
    for (;;) {
        /* Read outside of a transaction first: no lock where nothing is to be done. */
        int64_t version = 0;
        r = read_version(db, schema->component, &version);
        if (r < 0) {
            return fail(db, r, error);
        }
        if ((uint64_t)version > schema->migration_count) { /* so is a negative one */
            return differs(schema, version, error);
        }
        if ((uint64_t)version == schema->migration_count) {
            return 0;
        }
        r = migrate_from(db, schema, version, error);
        if (r < 0) {
            return r;
        }
    }
}
