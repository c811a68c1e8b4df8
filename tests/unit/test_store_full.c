/* A disk without room: because the log has grown, or because something else has. */
#include "tests/unit/store_bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define DISK_OPTIONS  "size=2m"
#define BALLAST_BYTES ((uint64_t)256 << 10)
#define RECOVERY_US   (10 * US_PER_S)

static int set_up(void **state)
{
    int r = store_bench_set_up_fake_clock(state);
    struct store_bench *b = *state;
    b->options.ballast_bytes = BALLAST_BYTES;
    return r;
}

/* False: not here; only root may, and not in every container. */
static bool mount_small_disk(struct store_bench *b)
{
    return mount("edge-test", b->directory, "tmpfs", 0, DISK_OPTIONS) == 0;
}

static int tear_down(void **state)
{
    struct store_bench *b = *state;
    store_bench_close(b);
    (void)umount2(b->directory, MNT_DETACH); /* fails if the test was skipped */
    return store_bench_tear_down(state);
}

static bool has_ballast(const struct store_bench *b)
{
    char path[128];
    struct stat status;
    (void)snprintf(path, sizeof(path), "%s.ballast", b->path);
    return stat(path, &status) == 0 && (uint64_t)status.st_size == BALLAST_BYTES;
}

/* A commit's worth of frames each time; each gets its seq, whatever the disk does. */
static void log_some(struct store_bench *b, int times)
{
    for (int i = 0; i < times; i++) {
        (void)store_bench_append_many(b, 500);
        store_bench_pass(b, 100 * US_PER_MS);
    }
}

/* Another program's file takes all the room there is, again and again. */
static void fill_disk(const struct store_bench *b)
{
    static const char page[1024];
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/other", b->directory);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    assert_true(fd >= 0);
    while (write(fd, page, sizeof(page)) > 0) {
    }
    assert_int_equal(errno, ENOSPC);
    (void)close(fd);
}

static void free_disk(const struct store_bench *b)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/other", b->directory);
    assert_int_equal(unlink(path), 0);
}

/* Every seq is there, or counted by its reason. */
static void assert_accounted_for(struct store_bench *b)
{
    uint64_t newest = store_stats(b->store).newest;
    struct store_bench_account account = store_bench_read(b, 1, newest);
    assert_int_equal(account.frames + account.void_count, newest);
    assert_true(account.frames > 0);
    struct store_stats stats = store_stats(b->store);
    for (int i = 0; i < SEGMENT_VOID_COUNT; i++) {
        assert_int_equal(account.voids[i], stats.voids[i]);
    }
}

static void a_log_that_fills_the_disk_drops_its_oldest(void **state)
{
    struct store_bench *b = *state;
    if (!mount_small_disk(b)) {
        skip();
    }
    store_bench_open(b);
    log_some(b, 600); /* 300,000 frames: some 4 MB */
    struct store_stats stats = store_stats(b->store);
    assert_int_equal(stats.failed_commits, 0);
    assert_int_equal(stats.voids[SEGMENT_VOID_STALLED], 0);
    assert_true(stats.voids[SEGMENT_VOID_QUOTA_BYTES] > 0);
    assert_true(has_ballast(b));
    assert_accounted_for(b);
}

/* In the room that it has. */
static void the_log_goes_on_while_another_file_fills_the_disk(void **state)
{
    struct store_bench *b = *state;
    if (!mount_small_disk(b)) {
        skip();
    }
    store_bench_open(b);
    log_some(b, 50);
    for (int i = 0; i < 20; i++) {
        fill_disk(b);
        log_some(b, 10);
    }
    struct store_stats stats = store_stats(b->store);
    assert_int_equal(stats.failed_commits, 0);
    assert_int_equal(stats.voids[SEGMENT_VOID_STALLED], 0);
    assert_true(stats.voids[SEGMENT_VOID_QUOTA_BYTES] > 0);
    assert_accounted_for(b);
    free_disk(b);
    log_some(b, 100);
    assert_accounted_for(b);
}

static void a_log_begins_on_a_full_disk_with_its_ballast(void **state)
{
    struct store_bench *b = *state;
    if (!mount_small_disk(b)) {
        skip();
    }
    store_bench_open(b);
    log_some(b, 50);
    store_bench_close(b); /* the WAL is gone */
    fill_disk(b);
    store_bench_open(b);
    log_some(b, 50);
    assert_int_equal(store_stats(b->store).failed_commits, 0);
    assert_false(has_ballast(b));
    free_disk(b);
    store_bench_pass(b, 61 * US_PER_S);
    log_some(b, 1);
    assert_true(has_ballast(b));
    assert_accounted_for(b);
}

/* Nor a WAL that has grown. */
static void a_log_without_any_room_recovers_with_it(void **state)
{
    struct store_bench *b = *state;
    if (!mount_small_disk(b)) {
        skip();
    }
    b->options.ballast_bytes = 0;
    store_bench_open(b);
    fill_disk(b);
    log_some(b, 200);
    struct store_stats stats = store_stats(b->store);
    assert_false(stats.open);
    assert_int_equal(b->notices[STORE_NOTICE_FAULT], 1);
    assert_true(stats.voids[SEGMENT_VOID_STALLED] > 0);
    free_disk(b);
    store_bench_await_well(b, RECOVERY_US);
    assert_int_equal(b->notices[STORE_NOTICE_RECOVERED], 1);
    log_some(b, 1);
    assert_true(b->notices[STORE_NOTICE_DROPPED] > 0);
    assert_accounted_for(b);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_log_that_fills_the_disk_drops_its_oldest),
        CASE(the_log_goes_on_while_another_file_fills_the_disk),
        CASE(a_log_begins_on_a_full_disk_with_its_ballast),
        CASE(a_log_without_any_room_recovers_with_it),
    };
    return cmocka_run_group_tests_name("store_full", tests, NULL, NULL);
}
