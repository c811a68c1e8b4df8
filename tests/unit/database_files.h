/* A directory of its own for a test's database files; the fixture of the database tests. */
#ifndef EDGE_TESTS_UNIT_DATABASE_FILES_H
#define EDGE_TESTS_UNIT_DATABASE_FILES_H

#include "common/database.h"
#include "tests/unit/cmocka_all.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUSY_MS 10000 /* longer than any load makes a writer wait */

struct files {
    char directory[32];
    char path[64]; /* test.db in it */
    char error[DATABASE_ERROR_BYTES];
};

static const char *const notes_migrations[] = {
    ("CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT NOT NULL);"
     "INSERT INTO notes(text) VALUES ('first')"),
    "ALTER TABLE notes ADD COLUMN author TEXT NOT NULL DEFAULT 'nobody'",
    "UPDATE notes SET author = 'somebody'",
};

/* `count`: as if the program knew only so many migrations. */
static inline struct database_schema notes_schema(size_t count)
{
    return (struct database_schema){"notes", notes_migrations, count};
}

static inline int make_files(void **state)
{
    struct files *files = calloc(1, sizeof(*files));
    assert_non_null(files);
    memcpy(files->directory, "/tmp/edge-database-XXXXXX", sizeof("/tmp/edge-database-XXXXXX"));
    assert_non_null(mkdtemp(files->directory));
    (void)snprintf(files->path, sizeof(files->path), "%s/test.db", files->directory);
    *state = files;
    return 0;
}

static inline int remove_files(void **state)
{
    struct files *files = *state;
    DIR *directory = opendir(files->directory);
    assert_non_null(directory);
    for (const struct dirent *e = readdir(directory); e != NULL; e = readdir(directory)) {
        (void)unlinkat(dirfd(directory), e->d_name, 0); /* "." and ".." refuse */
    }
    (void)closedir(directory);
    assert_int_equal(rmdir(files->directory), 0);
    free(files);
    return 0;
}

static inline void write_bytes(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static inline int try_open(struct files *files, size_t version, sqlite3 **ret)
{
    struct database_schema schema = notes_schema(version);
    struct database_options options = {
        .path = files->path, .busy_timeout_ms = BUSY_MS, .schema = &schema};
    files->error[0] = '\0';
    return database_open(&options, ret, files->error);
}

static inline sqlite3 *open_notes(struct files *files, size_t version)
{
    sqlite3 *db = NULL;
    int r = try_open(files, version, &db);
    if (r < 0) {
        fail_msg("%d: %s", r, files->error);
    }
    return db;
}

static inline void assert_refused(struct files *files, size_t version, int expected)
{
    sqlite3 *db = NULL;
    assert_int_equal(try_open(files, version, &db), expected);
    assert_null(db);
    assert_true(files->error[0] != '\0');
}

static inline void exec(sqlite3 *db, const char *sql)
{
    int r = database_exec(db, sql);
    if (r < 0) {
        fail_msg("%s: %d, %s", sql, r, sqlite3_errmsg(db));
    }
}

/* The text of the first column of the only row. */
static inline void assert_answer(sqlite3 *db, const char *sql, const char *expected)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(database_prepare(db, sql, &statement), 0);
    assert_int_equal(database_step(statement), 1);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), expected);
    assert_int_equal(database_step(statement), 0);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
}

/* What `child` returns in a process of its own. */
static inline int in_child(int (*child)(struct files *), struct files *files)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(child(files));
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* For in_child(): ends without closing, as in a power cut: the file's last note is in the WAL. */
static inline int add_a_note_and_crash(struct files *files)
{
    sqlite3 *db = NULL;
    int r = try_open(files, 3, &db);
    if (r == 0) {
        r = database_exec(db, "INSERT INTO notes(text, author) VALUES ('last', 'me')");
    }
    return -r;
}

#endif
