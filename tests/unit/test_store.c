#include "tests/unit/cmocka_all.h"

#include "common/database.h"
#include "common/loop.h"
#include "edge-gateway/store/store.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define T0_US (1795423160 * US_PER_S)

static const struct store_bus buses[] = {{.name = "can0"}, {.name = "can1"}};

struct bench {
    char directory[64];
    char path[96];
    struct loop *loop;
    struct store *store;
    uint64_t committed;
    struct store_fetched fetched;
    uint8_t blobs[65536];
    bool has_fetched;
    int notices[8];
    char notice_text[256];
};

static void on_committed(void *context, uint64_t seq)
{
    struct bench *b = context;
    b->committed = seq;
}

static void on_fetched(void *context, const struct store_fetched *fetched)
{
    struct bench *b = context;
    b->fetched = *fetched;
    b->has_fetched = true;
}

static void on_notice(void *context, const struct store_notice *notice)
{
    struct bench *b = context;
    b->notices[notice->kind]++;
    (void)snprintf(b->notice_text, sizeof(b->notice_text), "%s", notice->text);
}

static void open_store(struct bench *b)
{
    const struct store_options options = {
        .loop = b->loop,
        .path = b->path,
        .buses = buses,
        .bus_count = 2,
        .commit_interval_us = 10 * US_PER_MS,
        .memory_bytes = (size_t)1 << 20,
        .ballast_bytes = 65536,
        .handler = {on_committed, on_fetched, on_notice, b},
    };
    assert_int_equal(store_new(&options, &b->store), 0);
}

static void close_store(struct bench *b)
{
    store_free(b->store);
    b->store = NULL;
}

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    (void)snprintf(b->directory, sizeof(b->directory), "/tmp/test_store.XXXXXX");
    assert_non_null(mkdtemp(b->directory));
    (void)snprintf(b->path, sizeof(b->path), "%s/edge.db", b->directory);
    assert_int_equal(loop_new(&b->loop), 0);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    store_free(b->store);
    loop_free(b->loop);
    DIR *directory = opendir(b->directory);
    assert_non_null(directory);
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        char path[512];
        (void)snprintf(path, sizeof(path), "%s/%s", b->directory, entry->d_name);
        (void)unlink(path); /* fails for . and .. */
    }
    (void)closedir(directory);
    assert_int_equal(rmdir(b->directory), 0);
    free(b);
    return 0;
}

static struct frame frame_of(uint64_t n)
{
    struct frame frame = {.ts_us = T0_US + (int64_t)n * 125,
                          .can_id = 0x100 + (uint32_t)(n % 50),
                          .len = 8,
                          .bus = (uint8_t)(n % 2)};
    memcpy(frame.data, &n, sizeof(n));
    return frame;
}

static uint64_t append(struct bench *b, uint64_t n)
{
    const struct frame frame = frame_of(n);
    return store_append_frame(b->store, &frame);
}

static void append_many(struct bench *b, uint64_t first, uint64_t count)
{
    for (uint64_t n = first; n < first + count; n++) {
        assert_int_equal(append(b, n), n);
    }
}

static void run_until_committed(struct bench *b, uint64_t seq)
{
    while (b->committed < seq) {
        assert_int_equal(loop_run_once(b->loop, 5 * US_PER_S), 0);
    }
}

static const struct store_fetched *fetch(struct bench *b, uint64_t seq)
{
    b->has_fetched = false;
    assert_true(store_fetch(b->store, seq));
    while (!b->has_fetched) {
        assert_int_equal(loop_run_once(b->loop, 5 * US_PER_S), 0);
    }
    return &b->fetched;
}

/* Reads every seq of the log up to `last` and checks that each frame is frame_of(seq); returns how
 * many are void. */
static uint64_t check_log(struct bench *b, uint64_t last)
{
    uint64_t voids = 0;
    for (uint64_t seq = 1; seq <= last;) {
        const struct store_fetched *found = fetch(b, seq);
        if (found->found == STORE_FOUND_VOID) {
            assert_int_equal(found->first, seq);
            voids += found->last - seq + 1;
            seq = found->last + 1;
            continue;
        }
        assert_int_equal(found->found, STORE_FOUND_SEGMENT);
        struct segment_reader reader;
        struct segment_record record;
        enum segment_kind kind;
        segment_reader_init(&reader, &found->segment);
        segment_seek(&reader, seq);
        while ((kind = segment_next(&reader, &record)) != SEGMENT_END) {
            assert_int_not_equal(kind, SEGMENT_CORRUPT);
            assert_int_equal(record.seq, seq);
            if (kind == SEGMENT_FRAME) {
                struct frame wanted = frame_of(seq);
                assert_int_equal(record.ts_us, wanted.ts_us);
                assert_int_equal(record.frame.can_id, wanted.can_id);
                assert_int_equal(store_bus_index(b->store, record.frame.bus), wanted.bus);
                assert_memory_equal(record.frame.data, wanted.data, 8);
            } else {
                voids += record.count;
            }
            seq += record.count;
        }
    }
    return voids;
}

static void what_was_appended_is_committed_and_read_back(void **state)
{
    struct bench *b = *state;
    open_store(b);
    append_many(b, 1, 1000);
    run_until_committed(b, 1000);
    assert_int_equal(check_log(b, 1000), 0);
    assert_int_equal(fetch(b, 1001)->found, STORE_FOUND_NOTHING);
}

static void seq_goes_on_after_a_clean_end(void **state)
{
    struct bench *b = *state;
    open_store(b);
    append_many(b, 1, 10);
    store_acknowledge(b->store, 7);
    close_store(b);
    open_store(b);
    struct store_position at = store_opened_at(b->store);
    assert_int_equal(at.newest, 10);
    assert_int_equal(at.acknowledged, 7);
    assert_int_equal(append(b, 11), 11);
    run_until_committed(b, 11);
    assert_int_equal(check_log(b, 11), 0);
}

static void a_killed_process_uses_no_seq_twice(void **state)
{
    struct bench *b = *state;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        open_store(b);
        append_many(b, 1, 100);
        run_until_committed(b, 100);
        append_many(b, 101, 50); /* published, say, and never committed */
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    open_store(b);
    struct store_position at = store_opened_at(b->store);
    assert_true(at.newest >= 150);
    const struct store_fetched *found = fetch(b, 101);
    assert_int_equal(found->found, STORE_FOUND_VOID);
    assert_int_equal(found->reason, SEGMENT_VOID_RESTART);
    assert_int_equal(found->last, at.newest);
    uint64_t seq = append(b, at.newest + 1);
    assert_int_equal(seq, at.newest + 1);
    run_until_committed(b, seq);
    assert_int_equal(check_log(b, seq), at.newest - 100);
}

static void a_damaged_file_is_set_aside_and_no_seq_is_used_twice(void **state)
{
    struct bench *b = *state;
    open_store(b);
    append_many(b, 1, 100);
    store_acknowledge(b->store, 40);
    close_store(b);
    FILE *file = fopen(b->path, "r+");
    assert_non_null(file);
    for (int i = 0; i < 4096; i++) {
        (void)fputc('x', file);
    }
    assert_int_equal(fclose(file), 0);
    open_store(b);
    assert_true(store_stats(b->store).open);
    struct store_position at = store_opened_at(b->store);
    assert_int_equal(at.newest, 100);
    assert_int_equal(at.acknowledged, 40);
    const struct store_fetched *found = fetch(b, 41);
    assert_int_equal(found->found, STORE_FOUND_VOID);
    assert_int_equal(found->reason, SEGMENT_VOID_CORRUPT);
    assert_int_equal(found->last, 100);
    assert_int_equal(append(b, 101), 101);
    run_until_committed(b, 101);
}

static void a_stalled_disk_costs_seqs_and_says_so(void **state)
{
    struct bench *b = *state;
    open_store(b);
    size_t room = store_room(b->store);
    append_many(b, 1, 200000); /* without a turn of the loop: nothing gets to the disk */
    struct store_stats stats = store_stats(b->store);
    assert_true(stats.voids[SEGMENT_VOID_STALLED] > 0);
    assert_true(200000 - stats.voids[SEGMENT_VOID_STALLED] >= room / 2);
    while (store_stats(b->store).waiting_bytes > 0) {
        assert_int_equal(loop_run_once(b->loop, 5 * US_PER_S), 0);
    }
    (void)append(b, 200001);
    run_until_committed(b, 200001);
    assert_int_equal(b->notices[STORE_NOTICE_DROPPED], 1);
}

static void the_quota_drops_the_oldest_and_keeps_account(void **state)
{
    struct bench *b = *state;
    const struct store_options options = {
        .loop = b->loop,
        .path = b->path,
        .buses = buses,
        .bus_count = 2,
        .commit_interval_us = 10 * US_PER_MS,
        .memory_bytes = (size_t)4 << 20,
        .quota_bytes = (uint64_t)1 << 20,
        .handler = {on_committed, on_fetched, on_notice, b},
    };
    assert_int_equal(store_new(&options, &b->store), 0);
    for (uint64_t n = 1; n <= 200000; n += 5000) {
        append_many(b, n, 5000);
        run_until_committed(b, n + 4999);
    }
    struct store_stats stats = store_stats(b->store);
    assert_true(stats.used_bytes <= options.quota_bytes);
    assert_true(stats.voids[SEGMENT_VOID_QUOTA_BYTES] > 100000);
    const struct store_fetched *found = fetch(b, 1);
    assert_int_equal(found->found, STORE_FOUND_VOID);
    assert_int_equal(found->reason, SEGMENT_VOID_QUOTA_BYTES);
    assert_int_equal(found->last, stats.voids[SEGMENT_VOID_QUOTA_BYTES]);
    assert_int_equal(check_log(b, 200000), found->last);
}

static void two_gateways_cannot_share_a_log(void **state)
{
    struct bench *b = *state;
    open_store(b);
    struct bench other = *b;
    other.store = NULL;
    open_store(&other);
    assert_false(store_stats(other.store).open);
    assert_int_equal(append(&other, 1), 0);
    close_store(&other);
    assert_int_equal(append(b, 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_appended_is_committed_and_read_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(seq_goes_on_after_a_clean_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_killed_process_uses_no_seq_twice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_file_is_set_aside_and_no_seq_is_used_twice,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stalled_disk_costs_seqs_and_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_quota_drops_the_oldest_and_keeps_account, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(two_gateways_cannot_share_a_log, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
