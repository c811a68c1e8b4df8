#include "common/database.h"

#include "tests/unit/database_files.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum {
    OPENERS = 4,
    ROUNDS = 25
};

static void a_new_file_is_opened_as_the_header_says(void **state)
{
    struct files *files = *state;
    struct database_schema schema = notes_schema(3);
    struct database_options options = {
        .path = files->path, .page_bytes = 8192, .busy_timeout_ms = 1234, .schema = &schema};
    sqlite3 *db = NULL;
    assert_int_equal(database_open(&options, &db, NULL), 0);
    assert_answer(db, "PRAGMA journal_mode", "wal");
    assert_answer(db, "PRAGMA synchronous", "2");
    assert_answer(db, "PRAGMA foreign_keys", "1");
    assert_answer(db, "PRAGMA secure_delete", "0");
    assert_answer(db, "PRAGMA page_size", "8192");
    assert_answer(db, "PRAGMA auto_vacuum", "0");
    assert_answer(db, "PRAGMA busy_timeout", "1234");
    assert_answer(db, "PRAGMA wal_autocheckpoint", "1000");
    assert_answer(db, "PRAGMA journal_size_limit", "16777216");
    assert_answer(db, "SELECT text || author FROM notes", "firstsomebody");
    database_close(db);
}

static void a_file_keeps_its_content_and_its_page_size(void **state)
{
    struct files *files = *state;
    sqlite3 *db = open_notes(files, 3);
    exec(db, "INSERT INTO notes(text) VALUES ('second')");
    database_close(db);
    struct database_schema schema = notes_schema(3);
    struct database_options options = {.path = files->path, .page_bytes = 16384, .schema = &schema};
    assert_int_equal(database_open(&options, &db, files->error), 0);
    assert_answer(db, "SELECT count(*) FROM notes", "2");
    assert_answer(db, "PRAGMA page_size", "4096");
    database_close(db);
}

static void a_file_of_no_bytes_is_a_new_one(void **state)
{
    struct files *files = *state;
    write_bytes(files->path, "", 0);
    sqlite3 *db = open_notes(files, 3);
    assert_answer(db, "SELECT count(*) FROM notes", "1");
    database_close(db);
}

static void what_was_committed_survives_a_crash(void **state)
{
    struct files *files = *state;
    assert_int_equal(in_child(add_a_note_and_crash, files), 0);
    sqlite3 *db = open_notes(files, 3);
    assert_answer(db, "SELECT text FROM notes WHERE author = 'me'", "last");
    database_close(db);
}

static void the_last_to_close_leaves_no_wal(void **state)
{
    struct files *files = *state;
    char wal[80];
    (void)snprintf(wal, sizeof(wal), "%s-wal", files->path);
    sqlite3 *db = open_notes(files, 3);
    assert_int_equal(access(wal, F_OK), 0);
    database_close(db);
    assert_int_equal(access(wal, F_OK), -1);
    database_close(NULL);
}

static void move_aside(const char *path)
{
    char aside[96];
    (void)snprintf(aside, sizeof(aside), "%s.aside", path);
    assert_int_equal(rename(path, aside), 0);
}

static void a_file_that_has_moved_is_noticed_and_its_place_left_alone(void **state)
{
    struct files *files = *state;
    char wal[80];
    (void)snprintf(wal, sizeof(wal), "%s-wal", files->path);
    sqlite3 *db = open_notes(files, 3);
    assert_false(database_has_moved(db));
    move_aside(files->path);
    move_aside(wal);
    assert_true(database_has_moved(db));
    write_bytes(files->path, "another", 7);
    write_bytes(wal, "its WAL", 7);
    assert_true(database_has_moved(db));
    database_close(db);
    assert_int_equal(access(wal, F_OK), 0);
}

static void each_migration_runs_once_and_in_sequence(void **state)
{
    struct files *files = *state;
    sqlite3 *db = open_notes(files, 1);
    assert_answer(db, "SELECT version FROM schema_versions WHERE component = 'notes'", "1");
    exec(db, "INSERT INTO notes(text) VALUES ('second')");
    database_close(db);
    db = open_notes(files, 2);
    assert_answer(db, "SELECT group_concat(text || author) FROM notes", "firstnobody,secondnobody");
    database_close(db);
    for (int i = 0; i < 2; i++) {
        db = open_notes(files, 3);
        assert_answer(db, "SELECT group_concat(text || author) FROM notes",
                      "firstsomebody,secondsomebody");
        assert_answer(db, "SELECT version FROM schema_versions WHERE component = 'notes'", "3");
        database_close(db);
    }
}

static void two_components_share_a_file(void **state)
{
    struct files *files = *state;
    static const char *const migrations[] = {"CREATE TABLE timers(id INTEGER PRIMARY KEY)"};
    struct database_schema schema = {"timers", migrations, 1};
    struct database_options options = {
        .path = files->path, .busy_timeout_ms = BUSY_MS, .schema = &schema};
    sqlite3 *notes = open_notes(files, 3);
    sqlite3 *timers = NULL;
    assert_int_equal(database_open(&options, &timers, files->error), 0);
    exec(timers, "INSERT INTO timers VALUES (1)");
    exec(notes, "INSERT INTO notes(text) VALUES ('second')");
    assert_answer(notes,
                  "SELECT group_concat(component || version)"
                  " FROM (SELECT * FROM schema_versions ORDER BY component)",
                  "notes3,timers1");
    database_close(timers);
    database_close(notes);
}

static void a_migration_that_fails_leaves_nothing(void **state)
{
    struct files *files = *state;
    static const char *const migrations[] = {
        "CREATE TABLE notes(id INTEGER PRIMARY KEY)",
        "CREATE TABLE half(id INTEGER PRIMARY KEY); INSERT INTO nowhere VALUES (1)",
    };
    struct database_schema schema = {"notes", migrations, 2};
    struct database_options options = {.path = files->path, .schema = &schema};
    sqlite3 *db = NULL;
    assert_int_equal(database_open(&options, &db, files->error), -EBADMSG);
    assert_null(db);
    assert_string_equal(files->error, "the tables of notes to version 2: no such table: nowhere");
    db = open_notes(files, 1);
    assert_answer(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'", "0");
    assert_answer(db, "SELECT version FROM schema_versions", "1");
    database_close(db);
}

static void a_newer_file_is_refused_and_left_alone(void **state)
{
    struct files *files = *state;
    database_close(open_notes(files, 3));
    assert_refused(files, 2, -EPROTO);
    assert_string_equal(files->error, "the tables of notes have version 3, this program's have 2");
    database_close(open_notes(files, 3));
}

static int open_when_told(struct files *files, int told)
{
    char byte;
    sqlite3 *db = NULL;
    if (read(told, &byte, 1) != 0) { /* the end: the parent lets all go at once */
        return 1;
    }
    int r = try_open(files, 3, &db);
    if (r < 0) {
        (void)fprintf(stderr, "%d: %s\n", r, files->error);
    }
    database_close(db);
    return r < 0 ? 1 : 0;
}

static void start_opener(struct files *files, const int start[2])
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)close(start[1]);
        _exit(open_when_told(files, start[0]));
    }
}

static void processes_that_open_a_new_file_at_once_all_succeed(void **state)
{
    struct files *files = *state;
    for (int round = 0; round < ROUNDS; round++) {
        int start[2];
        assert_int_equal(pipe(start), 0);
        for (int i = 0; i < OPENERS; i++) {
            start_opener(files, start);
        }
        (void)close(start[0]);
        (void)close(start[1]);
        for (int i = 0; i < OPENERS; i++) {
            int status = 0;
            assert_true(wait(&status) > 0);
            assert_true(WIFEXITED(status));
            assert_int_equal(WEXITSTATUS(status), 0);
        }
        sqlite3 *db = open_notes(files, 3);
        assert_answer(db, "SELECT count(*) FROM notes", "1");
        assert_answer(db, "SELECT version FROM schema_versions", "3");
        database_close(db);
        assert_int_equal(unlink(files->path), 0);
    }
}

static struct database_options to_read(struct files *files, const struct database_schema *schema)
{
    return (struct database_options){
        .path = files->path, .read_only = true, .busy_timeout_ms = BUSY_MS, .schema = schema};
}

static void a_reader_reads_beside_the_writer_and_may_not_write(void **state)
{
    struct files *files = *state;
    sqlite3 *writer = open_notes(files, 3);
    struct database_options options = to_read(files, NULL);
    sqlite3 *reader = NULL;
    assert_int_equal(database_open(&options, &reader, files->error), 0);
    assert_answer(reader, "SELECT count(*) FROM notes", "1");
    exec(writer, "BEGIN IMMEDIATE; INSERT INTO notes(text) VALUES ('second')");
    assert_answer(reader, "SELECT count(*) FROM notes", "1");
    exec(writer, "COMMIT");
    assert_answer(reader, "SELECT count(*) FROM notes", "2");
    assert_int_equal(database_exec(reader, "DELETE FROM notes"), -EROFS);
    database_close(reader);
    database_close(writer);
}

static void a_reader_wants_exactly_its_version(void **state)
{
    struct files *files = *state;
    database_close(open_notes(files, 2));
    for (size_t version = 1; version <= 3; version++) {
        struct database_schema schema = notes_schema(version);
        struct database_options options = to_read(files, &schema);
        sqlite3 *db = NULL;
        int expected = version == 2 ? 0 : -EPROTO;
        assert_int_equal(database_open(&options, &db, files->error), expected);
        database_close(db);
    }
    struct database_schema other = {"other", notes_migrations, 1};
    struct database_options options = to_read(files, &other);
    sqlite3 *db = NULL;
    assert_int_equal(database_open(&options, &db, files->error), -EPROTO);
    assert_string_equal(files->error, "the tables of other have version 0, this program's have 1");
}

static void a_reader_creates_no_file(void **state)
{
    struct files *files = *state;
    struct database_options options = to_read(files, NULL);
    sqlite3 *db = NULL;
    assert_int_equal(database_open(&options, &db, files->error), -ENOENT);
    assert_string_equal(files->error, strerror(ENOENT));
    assert_int_equal(access(files->path, F_OK), -1);
}

static void what_is_no_file_is_refused(void **state)
{
    struct files *files = *state;
    struct database_schema schema = notes_schema(3);
    struct database_options options = {.path = files->directory, .schema = &schema};
    sqlite3 *db = NULL;
    assert_int_equal(database_open(&options, &db, files->error), -EISDIR);
    options.path = ":memory:";
    assert_int_equal(database_open(&options, &db, files->error), -EINVAL);
    assert_string_equal(files->error, "not the path of a file");
    char path[80];
    (void)snprintf(path, sizeof(path), "%s/absent/test.db", files->directory);
    options.path = path;
    assert_int_equal(database_open(&options, &db, files->error), -ENOENT);
    assert_null(db);
}

/* Root may write everything. */
static int open_as_nobody(struct files *files)
{
    if (setgid(65534) < 0 || setuid(65534) < 0) {
        return EPERM;
    }
    sqlite3 *db = NULL;
    return -try_open(files, 3, &db);
}

static void a_file_that_may_not_be_written_is_refused(void **state)
{
    struct files *files = *state;
    if (geteuid() != 0) {
        skip();
    }
    database_close(open_notes(files, 3));
    assert_int_equal(chmod(files->directory, 0777), 0); /* it is the file alone */
    assert_int_equal(in_child(open_as_nobody, files), EACCES);
}

/* Where root can, as somebody who may only read. */
static int read_immutable(struct files *files)
{
    if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0)) {
        return EPERM;
    }
    struct database_options options = to_read(files, NULL);
    options.immutable = true;
    sqlite3 *db = NULL;
    int r = database_open(&options, &db, files->error);
    if (r == 0) {
        assert_answer(db, "SELECT text FROM notes", "first");
        database_close(db);
    }
    return -r;
}

static void an_immutable_file_is_read_where_none_can_be_made_beside_it(void **state)
{
    struct files *files = *state;
    char path[64];
    database_close(open_notes(files, 3));
    (void)snprintf(path, sizeof(path), "%s/a ?b#%%20.db", files->directory);
    assert_int_equal(rename(files->path, path), 0);
    memcpy(files->path, path, sizeof(path));
    assert_int_equal(chmod(files->directory, 0555), 0);
    assert_int_equal(in_child(read_immutable, files), 0);
    assert_int_equal(chmod(files->directory, 0755), 0);
    memcpy(strrchr(path, '.'), ".db-shm", sizeof(".db-shm"));
    assert_int_equal(access(path, F_OK), -1);
}

static void a_writer_waits_no_longer_than_told(void **state)
{
    struct files *files = *state;
    sqlite3 *first = open_notes(files, 1);
    struct database_schema schema = notes_schema(1);
    struct database_options options = {.path = files->path, .schema = &schema};
    exec(first, "BEGIN IMMEDIATE");
    sqlite3 *second = NULL;
    assert_int_equal(database_open(&options, &second, files->error), 0); /* nothing to write */
    assert_int_equal(database_exec(second, "DELETE FROM notes"), -EBUSY);
    database_close(second);
    schema = notes_schema(2);
    second = NULL;
    assert_int_equal(database_open(&options, &second, files->error), -EBUSY);
    assert_string_equal(files->error, "database is locked");
    exec(first, "COMMIT");
    assert_int_equal(database_open(&options, &second, files->error), 0);
    database_close(second);
    database_close(first);
}

static void a_statement_is_stepped_again_after_a_fault(void **state)
{
    struct files *files = *state;
    sqlite3 *db = open_notes(files, 3);
    sqlite3_stmt *insert = NULL;
    assert_int_equal(database_prepare(db, "INSERT INTO notes(id, text) VALUES (?1, 'x')", &insert),
                     0);
    assert_int_equal(sqlite3_bind_int(insert, 1, 1), SQLITE_OK);
    assert_int_equal(database_step(insert), -EINVAL); /* `first` has this id */
    assert_int_equal(sqlite3_bind_int(insert, 1, 2), SQLITE_OK);
    assert_int_equal(database_step(insert), 0);
    assert_int_equal(sqlite3_finalize(insert), SQLITE_OK);
    sqlite3_stmt *none = NULL;
    assert_int_equal(database_prepare(db, "-- nothing", &none), -EINVAL);
    assert_int_equal(database_prepare(db, "SELECT FROM", &none), -EINVAL);
    assert_null(none);
    database_close(db);
}

static void result_codes_become_errno_values(void **state)
{
    (void)state;
    static const struct {
        int code;
        int expected;
    } cases[] = {
        {SQLITE_OK, 0},
        {SQLITE_ROW, 0},
        {SQLITE_DONE, 0},
        {SQLITE_FULL, -ENOSPC},
        {SQLITE_IOERR, -EIO},
        {SQLITE_IOERR_FSYNC, -EIO},
        {SQLITE_IOERR_NOMEM, -ENOMEM},
        {SQLITE_IOERR_CORRUPTFS, -EBADMSG},
        {SQLITE_IOERR_SHMSIZE, -ENOSPC},
        {SQLITE_CORRUPT, -EBADMSG},
        {SQLITE_CORRUPT_INDEX, -EBADMSG},
        {SQLITE_NOTADB, -EBADMSG},
        {SQLITE_BUSY, -EBUSY},
        {SQLITE_BUSY_SNAPSHOT, -EBUSY},
        {SQLITE_LOCKED, -EBUSY},
        {SQLITE_PROTOCOL, -EBUSY},
        {SQLITE_READONLY, -EROFS},
        {SQLITE_READONLY_DIRECTORY, -EACCES},
        {SQLITE_CANTOPEN, -EACCES},
        {SQLITE_PERM, -EACCES},
        {SQLITE_AUTH, -EACCES},
        {SQLITE_NOMEM, -ENOMEM},
        {SQLITE_INTERRUPT, -EINTR},
        {SQLITE_ERROR, -EINVAL},
        {SQLITE_CONSTRAINT_UNIQUE, -EINVAL},
        {SQLITE_MISUSE, -EINVAL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(database_errno(cases[i].code), cases[i].expected);
    }
}

/* A file size limit stands for a quota: the disk has room, but not for us. */
static void what_may_not_grow_is_full(void **state)
{
    struct files *files = *state;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit limit = {65536, 65536};
        sqlite3 *db = open_notes(files, 3);
        bool ok = signal(SIGXFSZ, SIG_IGN) != SIG_ERR && setrlimit(RLIMIT_FSIZE, &limit) == 0;
        int r = ok ? database_exec(db, "CREATE TABLE big (data)") : -EINVAL;
        for (int i = 0; r == 0 && i < 100; i++) {
            r = database_exec(db, "INSERT INTO big VALUES (zeroblob(10000))");
        }
        _exit(-r);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), ENOSPC);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make_files, remove_files)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_new_file_is_opened_as_the_header_says),
        CASE(a_file_keeps_its_content_and_its_page_size),
        CASE(a_file_of_no_bytes_is_a_new_one),
        CASE(what_was_committed_survives_a_crash),
        CASE(the_last_to_close_leaves_no_wal),
        CASE(a_file_that_has_moved_is_noticed_and_its_place_left_alone),
        CASE(each_migration_runs_once_and_in_sequence),
        CASE(two_components_share_a_file),
        CASE(a_migration_that_fails_leaves_nothing),
        CASE(a_newer_file_is_refused_and_left_alone),
        CASE(processes_that_open_a_new_file_at_once_all_succeed),
        CASE(a_reader_reads_beside_the_writer_and_may_not_write),
        CASE(a_reader_wants_exactly_its_version),
        CASE(a_reader_creates_no_file),
        CASE(what_is_no_file_is_refused),
        CASE(a_file_that_may_not_be_written_is_refused),
        CASE(an_immutable_file_is_read_where_none_can_be_made_beside_it),
        CASE(a_writer_waits_no_longer_than_told),
        CASE(a_statement_is_stepped_again_after_a_fault),
        CASE(what_may_not_grow_is_full),
        cmocka_unit_test(result_codes_become_errno_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
