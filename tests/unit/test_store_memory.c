/* What a killed run had in memory, and the next one finds. */
#include "edge-gateway/store/store_memory.h"
#include "tests/unit/seed.h"
#include "tests/unit/store_bench.h"
#include "tests/unit/store_image.h"

#include <errno.h>
#include <glob.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEVER_US (3600 * US_PER_S)
#define KILLS    40

static int set_up(void **state)
{
    int r = store_bench_set_up(state);
    struct store_bench *b = *state;
    b->options.crash_directory = b->directory;
    b->options.commit_interval_us = NEVER_US;
    return r;
}

/* Runs `life` in a process that is killed when it returns. */
static void live_and_die(struct store_bench *b, void (*life)(struct store_bench *))
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        store_bench_open(b);
        life(b);
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void append_100(struct store_bench *b)
{
    (void)store_bench_append_many(b, 100);
}

static void nothing(struct store_bench *b)
{
    (void)b;
}

static size_t memory_files(const struct store_bench *b)
{
    char pattern[128];
    glob_t found;
    (void)snprintf(pattern, sizeof(pattern), "%s/edge-gateway-*", b->directory);
    int r = glob(pattern, 0, NULL, &found);
    assert_true(r == 0 || r == GLOB_NOMATCH);
    size_t count = r == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return count;
}

static void remove_log(const struct store_bench *b)
{
    for (int file = 0; file < STORE_FILE_COUNT; file++) {
        char path[128];
        store_image_path(b, (enum store_file)file, path, sizeof(path));
        assert_true(unlink(path) == 0 || errno == ENOENT);
    }
}

static void a_killed_run_loses_nothing(void **state)
{
    struct store_bench *b = *state;
    live_and_die(b, append_100);
    store_bench_open(b);
    assert_int_equal(store_stats(b->store).recovered, 100);
    struct store_position at = store_opened_at(b->store);
    struct store_bench_account account = store_bench_read(b, 1, at.newest);
    assert_int_equal(account.frames, 100);
    assert_int_equal(account.voids[SEGMENT_VOID_RESTART], at.newest - 100);
    uint64_t seq = store_bench_append(b); /* into the memory that was found */
    assert_int_equal(seq, at.newest + 1);
    store_bench_close(b);
    assert_int_equal(memory_files(b), 0); /* all is on the disk */
    store_bench_open(b);
    assert_int_equal(store_stats(b->store).recovered, 0);
    assert_int_equal(store_bench_read(b, 1, seq).frames, 101);
}

static void runs_that_die_at_once_keep_it(void **state)
{
    struct store_bench *b = *state;
    live_and_die(b, append_100);
    live_and_die(b, nothing);
    live_and_die(b, nothing);
    store_bench_open(b);
    assert_int_equal(store_stats(b->store).recovered, 0); /* by the first of them */
    assert_int_equal(store_bench_read(b, 1, 100).frames, 100);
}

static void commit_some(struct store_bench *b)
{
    (void)store_bench_append_many(b, 12000); /* more than a batch holds: it is committed */
    store_bench_run_until_committed(b, 1);
}

static void what_is_on_the_disk_already_is_not_taken_in(void **state)
{
    struct store_bench *b = *state;
    live_and_die(b, commit_some);
    store_bench_open(b);
    uint64_t recovered = store_stats(b->store).recovered;
    assert_true(recovered > 0);
    assert_true(recovered < 12000);
    assert_int_equal(store_bench_read(b, 1, 12000).frames, 12000);
}

static void a_disk_that_fails_is_waited_for(void **state)
{
    struct store_bench *b = *state;
    live_and_die(b, append_100);
    fault_disk_arm(
        b->disk,
        &(struct disk_fault){.op = FAULT_WRITE, .nth = 1, .code = SQLITE_FULL, .is_lasting = true});
    b->options.commit_interval_us = 10 * US_PER_MS;
    store_bench_open(b);
    assert_false(store_stats(b->store).open);
    (void)fault_disk_end(b->disk);
    store_bench_await_well(b, 10 * US_PER_S);
    assert_int_equal(store_stats(b->store).recovered, 100);
    assert_int_equal(store_bench_read(b, 1, 100).frames, 100);
}

static void acknowledge_60(struct store_bench *b)
{
    append_100(b);
    store_note_acknowledged(b->store, 60);
}

static void a_killed_run_leaves_its_cursor(void **state)
{
    struct store_bench *b = *state;
    live_and_die(b, acknowledge_60);
    live_and_die(b, nothing);
    store_bench_open(b);
    assert_int_equal(store_opened_at(b->store).acknowledged, 60);
}

/* What came after the copy would lie above all seqs that it knows, and be given out once more. */
static void a_copy_that_was_put_back_gets_none_of_what_came_after_it(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    (void)store_bench_append_many(b, 100);
    store_bench_close(b);
    struct store_image old = store_image_take(b);
    live_and_die(b, commit_some);
    remove_log(b);
    store_image_put(&old, b);
    store_image_drop(&old);
    store_bench_open(b);
    assert_int_equal(store_stats(b->store).recovered, 0);
    assert_int_equal(store_bench_append(b), 101);
    b->options.commit_interval_us = 10 * US_PER_MS;
    store_bench_close(b);
    store_bench_open(b);
    assert_int_equal(store_bench_read(b, 1, 101).frames, 101);
}

static void another_log_at_the_same_place_gets_none_of_it(void **state)
{
    struct store_bench *b = *state;
    live_and_die(b, append_100);
    remove_log(b);
    store_bench_open(b);
    assert_int_equal(store_stats(b->store).recovered, 0);
    assert_int_equal(store_opened_at(b->store).newest, 0);
    live_and_die(b, nothing); /* the log is held by us: it gets neither that nor the memory */
    assert_int_equal(store_bench_append_many(b, 50), 50);
    store_bench_close(b);
    store_bench_open(b);
    assert_int_equal(store_bench_read(b, 1, 50).frames, 50);
}

static void without_a_place_for_it_commits_come_more_often(void **state)
{
    struct store_bench *b = *state;
    b->options.crash_directory = "/nowhere/at/all";
    b->options.unsafe_interval_us = 10 * US_PER_MS;
    store_bench_open(b);
    assert_int_equal(store_stats(b->store).memory_fault, -ENOENT);
    store_bench_run_until_committed(b, store_bench_append_many(b, 10));
}

static void a_file_that_is_none_is_begun_anew(void **state)
{
    struct store_bench *b = *state;
    struct store_memory *memory;
    char path[160];
    assert_int_equal(store_memory_open(b->directory, b->path, 2, 8192, &memory), 0);
    (void)snprintf(path, sizeof(path), "%s", memory->path);
    store_memory_close(memory, false);
    for (off_t length = 0; length < 40000; length += 1999) {
        assert_int_equal(truncate(path, length), 0);
        assert_int_equal(store_memory_open(b->directory, b->path, 3, 8192, &memory), 0);
        assert_int_equal(memory->remain_count, 0);
        store_memory_close(memory, false);
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(store_memory_open(b->directory, b->path, 3, 8192, &memory), -EISDIR);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_int_equal(store_memory_open(b->directory, b->path, 3, 8192, &memory), -ELOOP);
}

/* What the process that is to be killed says, in memory that it shares. */
struct word {
    volatile uint64_t first; /* seq that it appended */
    volatile uint64_t last;
};

static void append_until_killed(struct store_bench *b, struct word *word, int begun)
{
    store_bench_open(b);
    word->first = store_stats(b->store).newest + 1;
    for (bool has_begun = false;; has_begun = true) {
        for (int i = 0; i < 1000 && store_room(b->store) > 0; i++) {
            word->last = store_bench_append(b);
        }
        if (!has_begun) {
            (void)!write(begun, "x", 1);
        }
        (void)loop_run_once(b->loop, 0);
    }
}

static void kill_at_random(struct store_bench *b, struct word *word, const int begun[2])
{
    char byte;
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        append_until_killed(b, word, begun[1]);
    }
    assert_int_equal(read(begun[0], &byte, 1), 1);
    for (uint64_t target = word->last + (uint64_t)rand() % 20000; word->last < target;) {
        (void)sched_yield(); /* to the process that is waited for; always succeeds */
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
}

static void whatever_the_moment_of_death_all_that_was_appended_is_there(void **state)
{
    struct store_bench *b = *state;
    uint64_t recovered = 0;
    int begun[2];
    srand(test_seed());
    struct word *word =
        mmap(NULL, sizeof(*word), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(word, MAP_FAILED);
    assert_int_equal(pipe(begun), 0);
    b->options.commit_interval_us = 10 * US_PER_MS;
    for (int i = 0; i < KILLS; i++) {
        kill_at_random(b, word, begun);
        store_bench_open(b);
        recovered += store_stats(b->store).recovered;
        struct store_bench_account account = store_bench_read(b, word->first, word->last);
        assert_int_equal(account.frames, word->last - word->first + 1);
        store_bench_close(b);
    }
    assert_true(recovered > 0);
    (void)close(begun[0]);
    (void)close(begun[1]);
    (void)munmap(word, sizeof(*word));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_killed_run_loses_nothing, set_up, store_bench_tear_down),
        cmocka_unit_test_setup_teardown(runs_that_die_at_once_keep_it, set_up,
                                        store_bench_tear_down),
        cmocka_unit_test_setup_teardown(what_is_on_the_disk_already_is_not_taken_in, set_up,
                                        store_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_disk_that_fails_is_waited_for, set_up,
                                        store_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_killed_run_leaves_its_cursor, set_up,
                                        store_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_copy_that_was_put_back_gets_none_of_what_came_after_it,
                                        set_up, store_bench_tear_down),
        cmocka_unit_test_setup_teardown(another_log_at_the_same_place_gets_none_of_it, set_up,
                                        store_bench_tear_down),
        cmocka_unit_test_setup_teardown(without_a_place_for_it_commits_come_more_often, set_up,
                                        store_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_none_is_begun_anew, set_up,
                                        store_bench_tear_down),
        cmocka_unit_test_setup_teardown(whatever_the_moment_of_death_all_that_was_appended_is_there,
                                        set_up, store_bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
