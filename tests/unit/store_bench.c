#include "tests/unit/store_bench.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define T0_US (1795423160 * US_PER_S)

static const struct store_bus buses[] = {{.name = "can0"}, {.name = "can1"}};

static void on_committed(void *context, uint64_t seq)
{
    struct store_bench *b = context;
    b->committed = seq;
    while (b->safe_count < b->given_count && b->given[b->safe_count] <= seq) {
        b->safe_count++;
    }
}

static void on_fetched(void *context, const struct store_fetched *fetched)
{
    struct store_bench *b = context;
    b->fetched = *fetched;
    b->fetching = false;
}

static void on_notice(void *context, const struct store_notice *notice)
{
    struct store_bench *b = context;
    b->notices[notice->kind]++;
    b->last[notice->kind] = *notice;
    (void)snprintf(b->texts[notice->kind], sizeof(b->texts[0]), "%s", notice->text);
}

static int set_up(struct store_bench *b)
{
    (void)snprintf(b->directory, sizeof(b->directory), "/tmp/test_store.XXXXXX");
    assert_non_null(mkdtemp(b->directory));
    (void)snprintf(b->path, sizeof(b->path), "%s/edge.db", b->directory);
    b->disk = fault_disk_new();
    b->options = (struct store_options){
        .loop = b->loop,
        .path = b->path,
        .buses = buses,
        .bus_count = 2,
        .commit_interval_us = 10 * US_PER_MS,
        .memory_bytes = (size_t)1 << 20,
        .ballast_bytes = 65536,
        .handler = {on_committed, on_fetched, on_notice, b},
    };
    return 0;
}

int store_bench_set_up(void **state)
{
    struct store_bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    *state = b;
    assert_int_equal(loop_new(&b->loop), 0);
    return set_up(b);
}

int store_bench_set_up_fake_clock(void **state)
{
    struct store_bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    *state = b;
    b->has_fake_clock = true;
    b->clock = (struct clock_fake){.monotonic_us = US_PER_S, .realtime_us = T0_US};
    assert_int_equal(loop_new_fake(&b->clock, &b->loop), 0);
    return set_up(b);
}

int store_bench_tear_down(void **state)
{
    struct store_bench *b = *state;
    fault_disk_release(b->disk); /* of a test that failed: the store waits for it */
    store_free(b->store);
    loop_free(b->loop);
    fault_disk_free(b->disk);
    DIR *directory = opendir(b->directory);
    assert_non_null(directory);
    for (const struct dirent *e = readdir(directory); e != NULL; e = readdir(directory)) {
        (void)unlinkat(dirfd(directory), e->d_name, 0); /* "." and ".." refuse */
    }
    (void)closedir(directory);
    assert_int_equal(rmdir(b->directory), 0);
    free(b->given);
    free(b);
    return 0;
}

void store_bench_open(struct store_bench *bench)
{
    assert_int_equal(store_new(&bench->options, &bench->store), 0);
}

void store_bench_close(struct store_bench *bench)
{
    store_free(bench->store);
    bench->store = NULL;
    bench->fetching = false;
}

static void turn(struct store_bench *b, int64_t timeout_us)
{
    bool waits = b->has_fake_clock && (b->fetching || store_stats(b->store).writing);
    if (waits) {
        (void)sched_yield(); /* to the thread that is waited for; always succeeds */
    }
    assert_int_equal(loop_run_once(b->loop, waits ? 0 : timeout_us), 0);
}

void store_bench_turn(struct store_bench *bench)
{
    turn(bench, 5 * US_PER_S);
}

void store_bench_pass(struct store_bench *bench, int64_t us)
{
    int64_t end_us = loop_now_us(bench->loop) + us;
    while (loop_now_us(bench->loop) < end_us) {
        turn(bench, end_us - loop_now_us(bench->loop));
    }
}

static bool is_well(const struct store_bench *b)
{
    struct store_stats stats = store_stats(b->store);
    return stats.open && !stats.writing && stats.waiting_bytes == 0;
}

void store_bench_await_well(struct store_bench *bench, int64_t limit_us)
{
    int64_t since_us = loop_now_us(bench->loop);
    while (!is_well(bench)) {
        store_bench_turn(bench);
        assert_true(loop_now_us(bench->loop) - since_us <= limit_us);
    }
}

void store_bench_run_until_committed(struct store_bench *bench, uint64_t seq)
{
    while (bench->committed < seq) {
        store_bench_turn(bench);
    }
}

struct frame store_bench_frame(uint64_t seq)
{
    struct frame frame = {.ts_us = T0_US + (int64_t)(seq % 1000000) * 125,
                          .can_id = 0x100 + (uint32_t)(seq % 50),
                          .len = 8,
                          .bus = (uint8_t)(seq % 2)};
    memcpy(frame.data, &seq, sizeof(seq));
    return frame;
}

static void remember(struct store_bench *b, uint64_t seq)
{
    if (b->given_count == b->given_size) {
        b->given_size = b->given_size > 0 ? 2 * b->given_size : 4096;
        b->given = realloc(b->given, b->given_size * sizeof(*b->given));
        assert_non_null(b->given);
    }
    b->given[b->given_count++] = seq;
    b->highest = seq;
}

uint64_t store_bench_append(struct store_bench *bench)
{
    const struct frame frame = store_bench_frame(store_stats(bench->store).newest + 1);
    uint64_t seq = store_append_frame(bench->store, &frame);
    if (seq > 0) {
        assert_true(seq > bench->highest);
        remember(bench, seq);
    }
    return seq;
}

uint64_t store_bench_append_many(struct store_bench *bench, uint64_t count)
{
    uint64_t newest = store_stats(bench->store).newest;
    for (uint64_t i = 0; i < count; i++) {
        assert_int_equal(store_bench_append(bench), ++newest);
    }
    return newest;
}

void store_bench_acknowledge(struct store_bench *bench, uint64_t seq)
{
    bench->acknowledged = seq;
    store_acknowledge(bench->store, seq);
}

const struct store_fetched *store_bench_fetch(struct store_bench *bench, uint64_t seq)
{
    bench->fetching = true;
    assert_true(store_fetch(bench->store, seq));
    while (bench->fetching) {
        store_bench_turn(bench);
    }
    return &bench->fetched;
}

static void assert_is_frame(struct store_bench *b, const struct segment_record *record)
{
    const struct frame wanted = store_bench_frame(record->seq);
    assert_int_equal(record->ts_us, wanted.ts_us);
    assert_int_equal(record->frame.can_id, wanted.can_id);
    assert_int_equal(record->frame.len, wanted.len);
    assert_memory_equal(record->frame.data, wanted.data, wanted.len);
    int bus = store_bus_index(b->store, record->frame.bus);
    if (!b->is_damaged || bus >= 0) {
        assert_int_equal(bus, wanted.bus);
    }
}

/* Whether a seq of the range was reported as committed, and not acknowledged. */
static bool has_safe(const struct store_bench *b, uint64_t first, uint64_t last)
{
    for (size_t i = b->safe_count; i > 0 && b->given[i - 1] >= first; i--) {
        if (b->given[i - 1] <= last && b->given[i - 1] > b->acknowledged) {
            return true;
        }
    }
    return false;
}

static void count_void(struct store_bench *b, enum segment_void reason, uint64_t first,
                       uint64_t last, struct store_bench_account *account)
{
    if (!b->is_damaged && (reason == SEGMENT_VOID_RESTART || reason == SEGMENT_VOID_CORRUPT)) {
        assert_false(has_safe(b, first, last));
    }
    account->voids[reason] += last - first + 1;
    account->void_count += last - first + 1;
}

static void take_record(struct store_bench *b, const struct segment_record *record, uint64_t last,
                        struct store_bench_account *account)
{
    if (record->kind == SEGMENT_FRAME) {
        assert_is_frame(b, record);
        account->frames++;
    } else if (record->kind == SEGMENT_EVENT) {
        account->events++;
    } else {
        uint64_t end = record->seq + record->count - 1;
        count_void(b, record->reason, record->seq, end < last ? end : last, account);
    }
}

/* What the segment at hand has from `seq` to `last`; the first seq after it. */
static uint64_t read_segment(struct store_bench *b, uint64_t seq, uint64_t last,
                             struct store_bench_account *account)
{
    struct segment_reader reader;
    struct segment_record record;
    uint64_t next = seq;
    segment_reader_init(&reader, &b->fetched.segment);
    segment_seek(&reader, seq);
    while (next <= last && segment_next(&reader, &record) != SEGMENT_END) {
        assert_int_not_equal(record.kind, SEGMENT_CORRUPT);
        assert_int_equal(record.seq, next);
        take_record(b, &record, last, account);
        next += record.count;
    }
    assert_true(next > seq); /* it was said to hold it */
    return next;
}

uint64_t store_bench_check(struct store_bench *bench, uint64_t seq, uint64_t last,
                           struct store_bench_account *account)
{
    const struct store_fetched *found = &bench->fetched;
    if (found->found == STORE_FOUND_SEGMENT) {
        return read_segment(bench, seq, last, account);
    }
    assert_int_equal(found->found, STORE_FOUND_VOID);
    assert_int_equal(found->first, seq);
    assert_true(found->last >= seq);
    uint64_t end = found->last < last ? found->last : last;
    count_void(bench, found->reason, seq, end, account);
    return end + 1;
}

struct store_bench_account store_bench_read(struct store_bench *bench, uint64_t first,
                                            uint64_t last)
{
    struct store_bench_account account = {0};
    for (uint64_t seq = first; seq <= last;) {
        (void)store_bench_fetch(bench, seq);
        seq = store_bench_check(bench, seq, last, &account);
    }
    return account;
}
