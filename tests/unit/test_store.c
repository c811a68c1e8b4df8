#include "tests/unit/store_bench.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void what_was_appended_is_committed_and_read_back(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    (void)store_bench_append_many(b, 1000);
    store_bench_run_until_committed(b, 1000);
    assert_int_equal(store_bench_read(b, 1, 1000).frames, 1000);
    assert_int_equal(store_bench_fetch(b, 1001)->found, STORE_FOUND_NOTHING);
}

static void seq_goes_on_after_a_clean_end(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    (void)store_bench_append_many(b, 10);
    store_acknowledge(b->store, 7);
    store_bench_close(b);
    store_bench_open(b);
    struct store_position at = store_opened_at(b->store);
    assert_int_equal(at.newest, 10);
    assert_int_equal(at.acknowledged, 7);
    assert_int_equal(store_bench_append(b), 11);
    store_bench_run_until_committed(b, 11);
    assert_int_equal(store_bench_read(b, 1, 11).frames, 11);
}

static void a_killed_process_uses_no_seq_twice(void **state)
{
    struct store_bench *b = *state;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        store_bench_open(b);
        (void)store_bench_append_many(b, 100);
        store_bench_run_until_committed(b, 100);
        (void)store_bench_append_many(b, 50); /* published, say, and never committed */
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    store_bench_open(b);
    struct store_position at = store_opened_at(b->store);
    assert_true(at.newest >= 150);
    const struct store_fetched *found = store_bench_fetch(b, 101);
    assert_int_equal(found->found, STORE_FOUND_VOID);
    assert_int_equal(found->reason, SEGMENT_VOID_RESTART);
    assert_int_equal(found->last, at.newest);
    uint64_t seq = store_bench_append(b);
    assert_int_equal(seq, at.newest + 1);
    store_bench_run_until_committed(b, seq);
    assert_int_equal(store_bench_read(b, 1, seq).frames, 101);
}

static void a_damaged_file_is_set_aside_and_no_seq_is_used_twice(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    (void)store_bench_append_many(b, 100);
    store_acknowledge(b->store, 40);
    store_bench_close(b);
    FILE *file = fopen(b->path, "r+");
    assert_non_null(file);
    for (int i = 0; i < 4096; i++) {
        (void)fputc('x', file);
    }
    assert_int_equal(fclose(file), 0);
    store_bench_open(b);
    assert_true(store_stats(b->store).open);
    struct store_position at = store_opened_at(b->store);
    assert_int_equal(at.newest, 100);
    assert_int_equal(at.acknowledged, 40);
    const struct store_fetched *found = store_bench_fetch(b, 41);
    assert_int_equal(found->found, STORE_FOUND_VOID);
    assert_int_equal(found->reason, SEGMENT_VOID_CORRUPT);
    assert_int_equal(found->last, 100);
    assert_int_equal(store_bench_append(b), 101);
    store_bench_run_until_committed(b, 101);
}

static void a_stalled_disk_costs_seqs_and_says_so(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    size_t room = store_room(b->store);
    /* Without a turn of the loop: nothing gets to the disk. */
    (void)store_bench_append_many(b, 200000);
    struct store_stats stats = store_stats(b->store);
    assert_true(stats.voids[SEGMENT_VOID_STALLED] > 0);
    assert_true(200000 - stats.voids[SEGMENT_VOID_STALLED] >= room / 2);
    while (store_stats(b->store).waiting_bytes > 0) {
        store_bench_turn(b);
    }
    (void)store_bench_append(b);
    store_bench_run_until_committed(b, 200001);
    assert_int_equal(b->notices[STORE_NOTICE_DROPPED], 1);
}

static void the_quota_drops_the_oldest_and_keeps_account(void **state)
{
    struct store_bench *b = *state;
    b->options.memory_bytes = (size_t)4 << 20;
    b->options.quota_bytes = (uint64_t)1 << 20;
    store_bench_open(b);
    for (int i = 0; i < 40; i++) {
        store_bench_run_until_committed(b, store_bench_append_many(b, 5000));
    }
    struct store_stats stats = store_stats(b->store);
    uint64_t dropped = stats.voids[SEGMENT_VOID_QUOTA_BYTES];
    assert_true(stats.used_bytes <= b->options.quota_bytes);
    assert_true(dropped > 100000);
    struct store_bench_account account = store_bench_read(b, 1, 200000);
    assert_int_equal(account.voids[SEGMENT_VOID_QUOTA_BYTES], dropped);
    assert_int_equal(account.frames, 200000 - dropped);
    assert_int_equal(store_bench_fetch(b, 1)->last, dropped);
}

/* More than what is being filled has room for; a few times only, as they make for more losses. */
static void append_events(void *context, const struct store_notice *notice)
{
    struct store_bench *b = context;
    static const char text[SEGMENT_EVENT_MAX_BYTES] = "{}";
    if (notice->kind == STORE_NOTICE_DROPPED && b->notices[STORE_NOTICE_DROPPED]++ < 5) {
        for (int i = 0; i < 50; i++) {
            assert_true(store_append_event(b->store, 1, text, sizeof(text)) > 0);
        }
    }
}

static void who_hears_of_a_loss_may_append(void **state)
{
    struct store_bench *b = *state;
    b->options.memory_bytes = (size_t)8 << 20;
    b->options.quota_bytes = (uint64_t)1 << 20;
    b->options.handler.notice = append_events;
    store_bench_open(b);
    for (int i = 0; i < 40; i++) {
        store_bench_run_until_committed(b, store_bench_append_many(b, 5000));
    }
    uint64_t newest = store_stats(b->store).newest;
    store_bench_run_until_committed(b, newest);
    struct store_bench_account account = store_bench_read(b, 1, newest);
    assert_true(account.frames > 0);
    assert_int_equal(account.frames + account.events + account.void_count, newest);
    assert_int_equal(account.void_count, account.voids[SEGMENT_VOID_QUOTA_BYTES]);
}

/* As long as there is memory, however often it would have been time for a commit. */
static void a_disk_that_waits_costs_nothing(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    fault_disk_hold(b->disk, 0);
    for (int i = 0; i < 50; i++) {
        (void)store_bench_append_many(b, 10);
        store_bench_pass(b, 2 * b->options.commit_interval_us);
    }
    assert_true(fault_disk_is_holding(b->disk));
    fault_disk_release(b->disk);
    store_bench_run_until_committed(b, 500);
    assert_int_equal(store_bench_read(b, 1, 500).frames, 500);
}

/* A copy of the file alone has everything then. */
static void a_clean_end_leaves_nothing_in_the_wal(void **state)
{
    struct store_bench *b = *state;
    char wal[128];
    store_bench_open(b);
    store_bench_run_until_committed(b, store_bench_append_many(b, 10));
    (void)store_bench_fetch(b, 1);
    (void)snprintf(wal, sizeof(wal), "%s-wal", b->path);
    assert_int_equal(access(wal, F_OK), 0);
    store_bench_close(b);
    assert_int_equal(access(wal, F_OK), -1);
}

static void two_gateways_cannot_share_a_log(void **state)
{
    struct store_bench *b = *state;
    store_bench_open(b);
    struct store_bench other = *b;
    other.store = NULL;
    store_bench_open(&other);
    assert_false(store_stats(other.store).open);
    assert_int_equal(store_bench_append(&other), 0);
    store_bench_close(&other);
    assert_int_equal(store_bench_append(b), 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, store_bench_set_up, store_bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_was_appended_is_committed_and_read_back),
        CASE(seq_goes_on_after_a_clean_end),
        CASE(a_killed_process_uses_no_seq_twice),
        CASE(a_damaged_file_is_set_aside_and_no_seq_is_used_twice),
        CASE(a_stalled_disk_costs_seqs_and_says_so),
        CASE(the_quota_drops_the_oldest_and_keeps_account),
        CASE(who_hears_of_a_loss_may_append),
        CASE(a_disk_that_waits_costs_nothing),
        CASE(a_clean_end_leaves_nothing_in_the_wal),
        CASE(two_gateways_cannot_share_a_log),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
