/* A log that is damaged in one way or another: what is lost, and what is not. */
#include "common/database.h"
#include "tests/unit/store_bench.h"
#include "tests/unit/store_image.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE_BYTES  1024
#define RECOVERY_US (10 * US_PER_S)

static void damage_that_a_commit_meets_costs_nothing_in_memory(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    store_bench_run_until_committed(b, store_bench_append_many(b, 100));
    store_bench_acknowledge(b, 60);
    (void)store_bench_append_many(b, 50);
    fault_disk_arm(b->disk,
                   &(struct disk_fault){.op = FAULT_WRITE, .nth = 1, .code = SQLITE_CORRUPT});
    store_bench_run_until_committed(b, 150);
    assert_int_equal(fault_disk_end(b->disk), 1);
    assert_int_equal(b->notices[STORE_NOTICE_SET_ASIDE], 1);
    assert_int_equal(b->notices[STORE_NOTICE_FAULT], 0);
    assert_int_equal(b->notices[STORE_NOTICE_DROPPED], 1);
    assert_int_equal(b->last[STORE_NOTICE_DROPPED].first, 61);
    assert_int_equal(b->last[STORE_NOTICE_DROPPED].last, 100);
    assert_int_equal(store_stats(b->store).voids[SEGMENT_VOID_CORRUPT], 40);
    b->is_damaged = true;
    struct store_bench_account account = store_bench_read(b, 61, 150);
    assert_int_equal(account.voids[SEGMENT_VOID_CORRUPT], 40);
    assert_int_equal(account.frames, 50);
}

static void overwrite(const struct store_bench *b, off_t from, size_t length)
{
    pid_t child = fork();
    if (child == 0) {
        int fd = open(b->path, O_WRONLY | O_CLOEXEC);
        for (size_t i = 0; i < length; i++) {
            (void)!pwrite(fd, "x", 1, from + (off_t)i);
        }
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void damage_that_a_reader_meets_is_set_aside_at_once(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    (void)store_bench_append_many(b, 100);
    store_bench_close(b); /* so that nothing is in the WAL */
    store_bench_open(b);
    overwrite(b, PAGE_BYTES, (size_t)100 * PAGE_BYTES); /* all but the list of tables */
    (void)store_bench_append_many(b, 50);
    assert_int_equal(store_bench_fetch(b, 10)->found, STORE_FOUND_FAULT);
    store_bench_await_well(b, RECOVERY_US);
    assert_int_equal(b->notices[STORE_NOTICE_SET_ASIDE], 1);
    assert_int_equal(b->notices[STORE_NOTICE_FAULT], 0);
    b->is_damaged = true;
    struct store_bench_account account = store_bench_read(b, 1, 150);
    assert_int_equal(account.voids[SEGMENT_VOID_CORRUPT], 100);
    assert_int_equal(account.frames, 50);
}

/* Frames in memory carry the ids that the buses had in the file that is gone. */
static void buses_keep_their_ids_in_a_new_file(void **state)
{
    struct store_bench *b = *state;
    static const struct store_bus swapped[] = {{.name = "can1"}, {.name = "can0"}};
    store_bench_open(b);
    store_bench_close(b);
    b->options.buses = swapped;
    store_bench_open(b);
    (void)store_bench_append_many(b, 50);
    fault_disk_arm(b->disk,
                   &(struct disk_fault){.op = FAULT_WRITE, .nth = 1, .code = SQLITE_CORRUPT});
    store_bench_run_until_committed(b, 50);
    assert_int_equal(b->notices[STORE_NOTICE_SET_ASIDE], 1);
    assert_int_equal(store_bench_read(b, 1, 50).frames, 50);
}

/* No file is kept for each time that a disk damages an empty one. */
static void a_disk_that_damages_every_file_is_not_filled_with_them(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    store_bench_run_until_committed(b, store_bench_append_many(b, 10));
    fault_disk_arm(b->disk,
                   &(struct disk_fault){
                       .op = FAULT_WRITE, .nth = 1, .code = SQLITE_CORRUPT, .is_lasting = true});
    (void)store_bench_append_many(b, 10);
    store_bench_pass(b, 60 * US_PER_S);
    assert_true(fault_disk_end(b->disk) > 10);
    store_bench_await_well(b, RECOVERY_US);
    assert_int_equal(b->notices[STORE_NOTICE_SET_ASIDE], 1);
    assert_int_equal(store_stats(b->store).voids[SEGMENT_VOID_CORRUPT], 10);
    assert_int_equal(store_bench_read(b, 11, 20).frames, 10);
}

static void half_a_seal_is_enough(struct store_bench *b, size_t line)
{
    store_bench_open(b);
    store_bench_run_until_committed(b, store_bench_append_many(b, 140000));
    (void)store_bench_append_many(b, 160000); /* of the second block that was reserved */
    struct store_image image = store_image_take(b);
    store_bench_close(b);
    char path[128];
    for (int i = 0; i < STORE_FILE_COUNT; i++) {
        store_image_path(b, (enum store_file)i, path, sizeof(path));
        (void)unlink(path);
    }
    memset(image.bytes[STORE_FILE_SEAL] + 4096 * line, 'x', 20);
    store_image_remove(&image, STORE_FILE_DATABASE);
    store_image_remove(&image, STORE_FILE_WAL);
    store_image_put(&image, b);
    store_image_drop(&image);
    store_bench_open(b);
    uint64_t newest = store_opened_at(b->store).newest;
    assert_true(newest >= b->highest && newest < b->highest + 1000000);
    assert_int_equal(store_bench_fetch(b, newest)->reason, SEGMENT_VOID_CORRUPT);
}

static void the_first_half_of_a_seal_is_enough(void **state)
{
    half_a_seal_is_enough(*state, 1);
}

static void the_second_half_of_a_seal_is_enough(void **state)
{
    half_a_seal_is_enough(*state, 0);
}

/* A log whose seal is lost goes on where no seq was given out before, by the clock; and the time
 * after that as any other. */
static void without_a_seal_the_clock_says_where_to_go_on(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    (void)store_bench_append_many(b, 100);
    store_bench_acknowledge(b, 30);
    store_bench_close(b);
    char path[128];
    store_image_path(b, STORE_FILE_SEAL, path, sizeof(path));
    assert_int_equal(unlink(path), 0);
    store_bench_open(b);
    struct store_position at = store_opened_at(b->store);
    assert_true(at.newest > (uint64_t)1700000000 * US_PER_S);
    assert_int_equal(at.acknowledged, 30);
    store_bench_run_until_committed(b, store_bench_append_many(b, 10));
    struct store_bench_account account = store_bench_read(b, 1, at.newest + 10);
    assert_int_equal(account.frames, 110);
    assert_int_equal(account.voids[SEGMENT_VOID_CORRUPT], at.newest - 100);
    store_bench_close(b);
    store_bench_open(b);
    assert_int_equal(store_opened_at(b->store).newest, at.newest + 10);
}

static void assert_begins_at_1(struct store_bench *b)
{
    store_bench_open(b);
    assert_int_equal(store_opened_at(b->store).newest, 0);
    store_bench_run_until_committed(b, store_bench_append_many(b, 10));
    assert_int_equal(store_stats(b->store).committed, 10);
    assert_int_equal(store_bench_read(b, 1, 10).frames, 10);
    assert_int_equal(b->notices[STORE_NOTICE_DROPPED], 0);
}

/* The file that both daemons use, as the automation node makes it in so many steps. */
static sqlite3 *make_for_automation(const struct store_bench *b, size_t steps)
{
    static const char *const migrations[] = {"CREATE TABLE device_states (device TEXT);"};
    const struct database_schema schema = {"automation", migrations, steps};
    const struct database_options options = {.path = b->path, .schema = &schema};
    sqlite3 *db;
    assert_int_equal(database_open(&options, &db, NULL), 0);
    return db;
}

/* That is no log which lost its seal. */
static void a_file_that_another_program_made_holds_no_log(void **state)
{
    struct store_bench *b = *state;
    database_close(make_for_automation(b, 1));
    assert_begins_at_1(b);
}

static void a_file_that_another_program_is_making_holds_no_log(void **state)
{
    struct store_bench *b = *state;
    sqlite3 *db = make_for_automation(b, 0);
    assert_begins_at_1(b);
    database_close(db);
}

static void make_one_that_refuses(struct store_bench *b)
{
    store_bench_open(b);
    (void)store_bench_append_many(b, 100);
    store_bench_close(b);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "ALTER TABLE gaps RENAME TO holes", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    store_bench_open(b);
    assert_int_equal(b->notices[STORE_NOTICE_SET_ASIDE], 1);
}

static void empty_folder(const char *path)
{
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *e = readdir(folder); e != NULL; e = readdir(folder)) {
        (void)unlinkat(dirfd(folder), e->d_name, 0); /* refuses . and .. */
    }
    (void)closedir(folder);
}

static void a_long_name_is_told_by_its_end(void **state)
{
    struct store_bench *b = *state;
    char folder[320];
    char link[320];
    (void)snprintf(folder, sizeof(folder), "%s/%0200d", b->directory, 7);
    (void)snprintf(link, sizeof(link), "%s/link", b->directory);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(symlink(folder, link), 0);
    (void)snprintf(b->path, sizeof(b->path), "%.80s/link/edge.db", b->directory);
    make_one_that_refuses(b);
    const char *text = b->texts[STORE_NOTICE_SET_ASIDE];
    assert_non_null(strstr(text, "no such table: gaps; kept as ...0000"));
    assert_non_null(strstr(text, "0007/edge.db.damaged-"));
    assert_int_equal(text[strlen(text) - 1], 'Z');
    store_bench_close(b);
    empty_folder(folder);
    assert_int_equal(rmdir(folder), 0);
}

static void tables_that_refuse_are_damaged(void **state)
{
    struct store_bench *b = *state;
    make_one_that_refuses(b);
    assert_non_null(strstr(b->texts[STORE_NOTICE_SET_ASIDE], "no such table: gaps; kept as /tmp"));
    store_bench_run_until_committed(b, store_bench_append_many(b, 10));
}

/* As where the index by which they are unique was damaged: a bus was not found, and made again. */
static void make_a_bus_twice(const struct store_bench *b)
{
    static const char *const sql[] = {
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, ' UNIQUE', '')"
        " WHERE name = 'buses'; DELETE FROM sqlite_schema WHERE name = 'sqlite_autoindex_buses_1'",
        "INSERT INTO buses VALUES (7, 'can0')",
    };
    for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
        sqlite3 *db;
        assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
        assert_int_equal(database_exec(db, sql[i]), 0);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
    }
}

static void a_log_that_knows_a_bus_twice_is_damaged(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    store_bench_run_until_committed(b, store_bench_append_many(b, 10));
    store_bench_close(b);
    make_a_bus_twice(b);
    store_bench_open(b);
    store_bench_await_well(b, RECOVERY_US);
    assert_int_equal(b->notices[STORE_NOTICE_SET_ASIDE], 1);
    b->is_damaged = true;
    uint64_t last = store_bench_append_many(b, 10);
    store_bench_run_until_committed(b, last);
    assert_int_equal(store_bench_read(b, last - 9, last).frames, 10);
}

#define CASE(test) \
    cmocka_unit_test_setup_teardown(test, store_bench_set_up_fake_clock, store_bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(damage_that_a_commit_meets_costs_nothing_in_memory),
        CASE(damage_that_a_reader_meets_is_set_aside_at_once),
        CASE(buses_keep_their_ids_in_a_new_file),
        CASE(a_disk_that_damages_every_file_is_not_filled_with_them),
        CASE(the_first_half_of_a_seal_is_enough),
        CASE(the_second_half_of_a_seal_is_enough),
        CASE(without_a_seal_the_clock_says_where_to_go_on),
        CASE(a_file_that_another_program_made_holds_no_log),
        CASE(a_file_that_another_program_is_making_holds_no_log),
        CASE(tables_that_refuse_are_damaged),
        CASE(a_log_that_knows_a_bus_twice_is_damaged),
        CASE(a_long_name_is_told_by_its_end),
    };
    return cmocka_run_group_tests_name("store_damage", tests, NULL, NULL);
}
