/* A disk without room: because the log has grown, or because something else has. */
#include "tests/unit/store_bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
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

/* One commit's worth of frames; each gets its seq whatever the disk does. */
static void log_some(struct store_bench *b)
{
    (void)store_bench_append_many(b, 500);
    store_bench_pass(b, 100 * US_PER_MS);
}

static void print(struct store_bench *b, const char *what)
{
    struct store_stats s = store_stats(b->store);
    print_message("%s: newest %lu committed %lu commits %lu failed %lu used %lu waiting %lu "
                  "stalled %lu quota %lu expired %lu faults %d recovered %d ballast %d: %s\n",
                  what, s.newest, s.committed, s.commits, s.failed_commits, s.used_bytes,
                  s.waiting_bytes, s.voids[SEGMENT_VOID_STALLED], s.voids[SEGMENT_VOID_QUOTA_BYTES],
                  s.expired, b->notices[STORE_NOTICE_FAULT], b->notices[STORE_NOTICE_RECOVERED],
                  has_ballast(b), b->texts[STORE_NOTICE_FAULT]);
    char cmd[200];
    snprintf(cmd, sizeof(cmd), "df -k %s | tail -1; ls -la %s", b->directory, b->directory);
    FILE *f = popen(cmd, "r");
    char line[300];
    while (fgets(line, sizeof(line), f))
        printf("   %s", line);
    pclose(f);
}

static void a_log_that_fills_the_disk_drops_its_oldest(void **state)
{
    struct store_bench *b = *state;
    if (!mount_small_disk(b)) {
        skip();
    }
    store_bench_open(b);
    for (int i = 0; i < 1000; i++) {
        log_some(b);
        if (i % 100 == 99)
            print(b, "self");
    }
    store_bench_await_well(b, RECOVERY_US);
    uint64_t newest = store_stats(b->store).newest;
    struct store_bench_account account = store_bench_read(b, 1, newest);
    print_message("frames %lu voids %lu\n", account.frames, account.void_count);
    print(b, "end");
}

static int fill_disk(struct store_bench *b, const char *name)
{
    char path[128];
    static const char page[1024];
    (void)snprintf(path, sizeof(path), "%s/%s", b->directory, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    assert_true(fd >= 0);
    while (write(fd, page, sizeof(page)) > 0) {
    }
    assert_int_equal(errno, ENOSPC);
    return fd;
}

static void another_file_that_fills_the_disk_holds_the_log_up(void **state)
{
    struct store_bench *b = *state;
    if (!mount_small_disk(b)) {
        skip();
    }
    store_bench_open(b);
    for (int i = 0; i < 50; i++)
        log_some(b);
    print(b, "before");
    int fd = fill_disk(b, "other");
    print(b, "filled");
    for (int i = 0; i < 100; i++) {
        log_some(b);
        if (i % 10 == 9) {
            (void)close(fd);
            fd = fill_disk(b, "other");
        }
        if (i % 20 == 19)
            print(b, "full");
    }
    assert_int_equal(ftruncate(fd, 0), 0);
    store_bench_await_well(b, RECOVERY_US);
    print(b, "after");
    for (int i = 0; i < 700; i++)
        log_some(b);
    print(b, "later");
    (void)close(fd);
    uint64_t newest = store_stats(b->store).newest;
    struct store_bench_account account = store_bench_read(b, 1, newest);
    print_message("frames %lu voids %lu\n", account.frames, account.void_count);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_log_that_fills_the_disk_drops_its_oldest),
        CASE(another_file_that_fills_the_disk_holds_the_log_up),
    };
    return cmocka_run_group_tests_name("store_full", tests, NULL, NULL);
}
