/* Files that are damaged, foreign, or on a full disk; and how they are set aside. */
#include "common/database.h"

#include "common/clock.h"
#include "tests/unit/database_files.h"

#include <errno.h>
#include <limits.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define NOW_US (1767323045LL * US_PER_S + 678901) /* 2026-01-02T03:04:05.678901Z */
#define STAMP  "20260102T030405Z"

enum {
    PAGE_BYTES = 4096
};

static long size_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return (long)st.st_size;
}

static size_t read_bytes(const char *path, char *bytes, size_t size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(bytes, 1, size, file);
    assert_true(length < size);
    assert_int_equal(fclose(file), 0);
    return length;
}

/* A closed file of several pages. */
static void make_full_file(struct files *files)
{
    sqlite3 *db = open_notes(files, 3);
    exec(db, "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
             " INSERT INTO notes(text) SELECT 'a note of some length ' || i FROM n");
    database_close(db);
    assert_true(size_of(files->path) > 10 * PAGE_BYTES);
}

static void make_foreign_file(struct files *files, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(files->path, &db), SQLITE_OK);
    exec(db, sql);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_database_of_something_else_is_left_as_it_is(void **state)
{
    struct files *files = *state;
    static char before[64 * 1024];
    static char after[sizeof(before)];
    make_foreign_file(files, "CREATE TABLE messages(id INTEGER PRIMARY KEY)");
    size_t length = read_bytes(files->path, before, sizeof(before));
    assert_refused(files, 3, -EBADMSG);
    assert_non_null(strstr(files->error, "a database of something else"));
    assert_int_equal(read_bytes(files->path, after, sizeof(after)), length);
    assert_memory_equal(before, after, length);
}

static void a_stranger_of_the_same_name_is_refused(void **state)
{
    struct files *files = *state;
    make_foreign_file(files, "CREATE TABLE schema_versions(number INTEGER PRIMARY KEY)");
    assert_refused(files, 3, -EBADMSG);
}

/* A byte of the row was another: its tables seem to be still to come. */
static void tables_of_which_no_version_is_known_are_corrupt(void **state)
{
    struct files *files = *state;
    make_full_file(files);
    make_foreign_file(files, "UPDATE schema_versions SET component = 'motes'");
    assert_refused(files, 3, -EBADMSG);
    assert_non_null(strstr(files->error, "the tables of notes to version 1: table notes already"));
}

static void text_is_no_database(void **state)
{
    struct files *files = *state;
    static char text[3 * PAGE_BYTES];
    memset(text, 'x', sizeof(text));
    const size_t lengths[] = {2, 15, 16, 99, 100, 511, 512, PAGE_BYTES, sizeof(text)};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        write_bytes(files->path, text, lengths[i]);
        assert_refused(files, 3, -EBADMSG);
        assert_string_equal(files->error, "file is not a database");
        assert_int_equal(size_of(files->path), (long)lengths[i]);
    }
}

static void a_truncated_file_is_corrupt(void **state)
{
    struct files *files = *state;
    make_full_file(files);
    for (long length = size_of(files->path) - PAGE_BYTES; length > 0; length -= PAGE_BYTES) {
        assert_int_equal(truncate(files->path, length), 0);
        assert_refused(files, 3, -EBADMSG);
    }
    const long headers[] = {PAGE_BYTES - 1, 512, 511, 100, 99, 16, 15, 2};
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        assert_int_equal(truncate(files->path, headers[i]), 0);
        assert_refused(files, 3, -EBADMSG);
    }
}

/* SQLite calls it no corruption: it may be of a version to come. */
static void a_header_of_another_format_is_corrupt(void **state)
{
    struct files *files = *state;
    const struct {
        long at;
        int byte;
        const char *error;
    } cases[] = {
        {18, 3, "of a format that can only be read"}, /* write version */
        {19, 3, "file is not a database"},            /* read version */
        {47, 5, "unsupported file format"},           /* schema format */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        make_full_file(files);
        FILE *file = fopen(files->path, "r+b");
        assert_non_null(file);
        assert_int_equal(fseek(file, cases[i].at, SEEK_SET), 0);
        assert_int_equal(fputc(cases[i].byte, file), cases[i].byte);
        assert_int_equal(fclose(file), 0);
        assert_refused(files, 3, -EBADMSG);
        assert_string_equal(files->error, cases[i].error);
        assert_int_equal(unlink(files->path), 0);
    }
}

static void damage_that_opening_does_not_meet_shows_in_a_step(void **state)
{
    struct files *files = *state;
    make_full_file(files);
    FILE *file = fopen(files->path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 5 * PAGE_BYTES, SEEK_SET), 0);
    for (long i = 5 * PAGE_BYTES; i < size_of(files->path); i++) {
        assert_int_equal(fputc(0xff, file), 0xff);
    }
    assert_int_equal(fclose(file), 0);
    sqlite3 *db = open_notes(files, 3);
    sqlite3_stmt *statement = NULL;
    assert_int_equal(database_prepare(db, "SELECT sum(length(text)) FROM notes", &statement), 0);
    assert_int_equal(database_step(statement), -EBADMSG);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    database_close(db);
}

static void a_full_file_refuses_and_keeps_what_it_has(void **state)
{
    struct files *files = *state;
    make_full_file(files);
    sqlite3 *db = open_notes(files, 3);
    exec(db, "PRAGMA max_page_count = 1"); /* the count it has */
    assert_int_equal(database_exec(db, "INSERT INTO notes(text) SELECT text FROM notes"), -ENOSPC);
    assert_answer(db, "SELECT count(*) FROM notes", "2001");
    database_close(db);
}

static void fill_disk(const char *path)
{
    static const char page[PAGE_BYTES];
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    while (fwrite(page, 1, sizeof(page), file) == sizeof(page)) {
    }
    assert_int_equal(errno, ENOSPC);
    (void)fclose(file); /* what is still in its buffer has no room */
}

static void assert_fills_up(struct files *files)
{
    sqlite3 *db = open_notes(files, 3);
    int r = 0;
    for (int i = 0; i < 100 && r == 0; i++) {
        r = database_exec(db, "INSERT INTO notes(text) VALUES (zeroblob(3000))");
    }
    assert_int_equal(r, -ENOSPC);
    assert_answer(db, "PRAGMA quick_check", "ok");
    database_close(db);
}

static void a_full_disk_has_an_errno_of_its_own(void **state)
{
    struct files *files = *state;
    if (mount("edge-test", files->directory, "tmpfs", 0, "size=256k") < 0) {
        skip(); /* only root may, and not in every container */
    }
    assert_fills_up(files);
    database_close(open_notes(files, 3));
    /* Not even a new file. */
    char other[80];
    (void)snprintf(other, sizeof(other), "%s/other.db", files->directory);
    char filler[80];
    (void)snprintf(filler, sizeof(filler), "%s/filler", files->directory);
    fill_disk(filler);
    struct database_schema schema = notes_schema(3);
    struct database_options options = {.path = other, .schema = &schema};
    sqlite3 *db = NULL;
    assert_int_equal(database_open(&options, &db, files->error), -ENOSPC);
    assert_null(db);
}

static int unmount_and_remove_files(void **state)
{
    struct files *files = *state;
    (void)umount2(files->directory, MNT_DETACH); /* fails if the test was skipped */
    return remove_files(state);
}

static void assert_there(const struct files *files, const char *suffix, bool expected)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s%s", files->path, suffix);
    if ((access(path, F_OK) == 0) != expected) {
        fail_msg("%s is %s", path, expected ? "missing" : "there");
    }
}

static void a_file_is_set_aside_with_its_wal(void **state)
{
    struct files *files = *state;
    assert_int_equal(in_child(add_a_note_and_crash, files), 0);
    assert_there(files, "-wal", true);
    char name[PATH_MAX];
    assert_int_equal(database_set_aside(files->path, "corrupt", NOW_US, name, sizeof(name)), 0);
    char expected[PATH_MAX];
    (void)snprintf(expected, sizeof(expected), "%s.corrupt-" STAMP, files->path);
    assert_string_equal(name, expected);
    const char *const gone[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
        assert_there(files, gone[i], false);
    }
    assert_there(files, ".corrupt-" STAMP "-wal", true);
    assert_there(files, ".corrupt-" STAMP "-shm", true);
    /* A new one begins, and the old one can still be read in full. */
    sqlite3 *db = open_notes(files, 3);
    assert_answer(db, "SELECT count(*) FROM notes", "1");
    database_close(db);
    struct database_options options = {.path = name, .read_only = true};
    assert_int_equal(database_open(&options, &db, files->error), 0);
    assert_answer(db, "SELECT text FROM notes WHERE author = 'me'", "last");
    database_close(db);
}

static void a_name_that_is_taken_gets_a_number(void **state)
{
    struct files *files = *state;
    static const char *const suffixes[] = {".newer-" STAMP, ".newer-" STAMP ".2",
                                           ".newer-" STAMP ".3"};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        write_bytes(files->path, "0123456789", i);
        char name[PATH_MAX];
        assert_int_equal(database_set_aside(files->path, "newer", NOW_US, name, sizeof(name)), 0);
        assert_string_equal(name + strlen(files->path), suffixes[i]);
        assert_int_equal(size_of(name), (long)i);
        assert_there(files, "", false);
    }
}

static void the_last_three_are_kept(void **state)
{
    struct files *files = *state;
    char names[6][PATH_MAX];
    char wals[6][PATH_MAX + 8];
    for (size_t i = 0; i < 6; i++) {
        write_bytes(files->path, "x", 1);
        assert_int_equal(database_set_aside(files->path, "corrupt", NOW_US + (int64_t)i * 1000000,
                                            names[i], PATH_MAX),
                         0);
        (void)snprintf(wals[i], sizeof(wals[i]), "%.*s-wal", PATH_MAX - 1, names[i]);
        write_bytes(wals[i], "x", 1);
    }
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(access(names[i], F_OK) == 0, i >= 3);
        assert_int_equal(access(wals[i], F_OK) == 0, i >= 3);
    }
}

static void a_name_that_does_not_fit_changes_nothing(void **state)
{
    struct files *files = *state;
    write_bytes(files->path, "x", 1);
    char name[PATH_MAX] = "untouched";
    size_t needed = strlen(files->path) + sizeof(".corrupt-" STAMP);
    assert_int_equal(database_set_aside(files->path, "corrupt", NOW_US, name, needed - 1),
                     -ENAMETOOLONG);
    assert_string_equal(name, "untouched");
    assert_there(files, "", true);
    assert_int_equal(database_set_aside(files->path, "corrupt", NOW_US, name, needed), 0);
}

static void a_link_stays_where_its_file_was(void **state)
{
    struct files *files = *state;
    char target[80];
    (void)snprintf(target, sizeof(target), "%s/target.db", files->directory);
    write_bytes(target, "x", 1);
    assert_int_equal(symlink(target, files->path), 0);
    char name[PATH_MAX];
    assert_int_equal(database_set_aside(files->path, "corrupt", NOW_US, name, sizeof(name)), 0);
    assert_int_equal(strncmp(name, target, strlen(target)), 0);
    database_close(open_notes(files, 3));
    assert_true(size_of(target) > 1);
}

static void what_is_not_there_cannot_be_set_aside(void **state)
{
    struct files *files = *state;
    char name[PATH_MAX];
    assert_int_equal(database_set_aside(files->path, "corrupt", NOW_US, name, sizeof(name)),
                     -ENOENT);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make_files, remove_files)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_database_of_something_else_is_left_as_it_is),
        CASE(a_stranger_of_the_same_name_is_refused),
        CASE(tables_of_which_no_version_is_known_are_corrupt),
        CASE(text_is_no_database),
        CASE(a_truncated_file_is_corrupt),
        CASE(a_header_of_another_format_is_corrupt),
        CASE(damage_that_opening_does_not_meet_shows_in_a_step),
        CASE(a_full_file_refuses_and_keeps_what_it_has),
        cmocka_unit_test_setup_teardown(a_full_disk_has_an_errno_of_its_own, make_files,
                                        unmount_and_remove_files),
        CASE(a_file_is_set_aside_with_its_wal),
        CASE(a_name_that_is_taken_gets_a_number),
        CASE(the_last_three_are_kept),
        CASE(a_name_that_does_not_fit_changes_nothing),
        CASE(a_link_stays_where_its_file_was),
        CASE(what_is_not_there_cannot_be_set_aside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
