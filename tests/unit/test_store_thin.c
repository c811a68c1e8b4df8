#include "tests/unit/store_bench.h"

#include "tests/unit/dbc_text.h"

#include <math.h>
#include <stdlib.h>

#define STEP_US      1000 /* between two frames */
#define PER_COMMIT   5000
#define FRAMES       100000
#define LOW_ID       0x100u
#define NORMAL_ID    0x101u
#define HIGH_ID      0x102u
#define UNKNOWN_ID   0x103u
#define AGE_US       (3600 * US_PER_S) /* of the first frame */
#define QUOTA_BYTES  ((uint64_t)1 << 20)
#define FRAME_VOLUME 16.0 /* bytes that a frame takes, at least */

static const char dbc[] = "VERSION \"\"\n"
                          "BU_: N\n"
                          "BO_ 256 Low: 8 N\n"
                          " SG_ Number : 0|32@1+ (0.5,0) [0|0] \"\" N\n"
                          " SG_ Wave : 32|8@1+ (1,0) [0|0] \"\" N\n"
                          "BO_ 257 Normal: 8 N\n"
                          " SG_ Number : 0|32@1+ (0.5,0) [0|0] \"\" N\n"
                          "BO_ 258 High: 8 N\n"
                          " SG_ Number : 0|32@1+ (0.5,0) [0|0] \"\" N\n";

static const enum store_priority priorities[] = {STORE_PRIORITY_LOW, STORE_PRIORITY_NORMAL,
                                                 STORE_PRIORITY_HIGH};

struct bench {
    struct store_bench *store;
    struct dbc_text dbc;
    struct store_bus bus;
    int64_t t0_us;      /* stamp of seq 0 */
    uint64_t event_seq; /* is no frame; 0 = none */
};

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    void *store;
    assert_non_null(b);
    assert_int_equal(store_bench_set_up(&store), 0);
    b->store = store;
    dbc_text_init(&b->dbc, dbc);
    b->bus = (struct store_bus){.name = "can0", .database = b->dbc.db, .priorities = priorities};
    b->store->options.buses = &b->bus;
    b->store->options.bus_count = 1;
    b->store->options.memory_bytes = (size_t)4 << 20;
    b->store->options.quota_bytes = QUOTA_BYTES;
    b->store->options.thinning = (struct store_thinning){
        .from_percent = 40, .older_than_us = 60 * US_PER_S, .interval_us = 10 * US_PER_S};
    b->t0_us = loop_realtime_us(b->store->loop) - AGE_US;
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    void *store = b->store;
    assert_int_equal(store_bench_tear_down(&store), 0);
    dbc_text_deinit(&b->dbc);
    free(b);
    return 0;
}

static uint8_t wave_of(uint64_t seq)
{
    return (uint8_t)(seq * 37 % 251);
}

/* The frame of a seq: `ids` take turns. */
static struct frame frame_of(const struct bench *b, uint64_t seq, const uint32_t ids[4])
{
    struct frame frame = {
        .ts_us = b->t0_us + (int64_t)seq * STEP_US, .can_id = ids[seq % 4], .len = 8};
    for (int i = 0; i < 4; i++) {
        frame.data[i] = (uint8_t)(seq >> 8 * i);
    }
    frame.data[4] = wave_of(seq);
    return frame;
}

static void fill(struct bench *b, uint64_t count, const uint32_t ids[4])
{
    uint64_t newest = store_stats(b->store->store).newest;
    for (uint64_t i = 1; i <= count; i++) {
        const struct frame frame = frame_of(b, newest + i, ids);
        assert_int_equal(store_append_frame(b->store->store, &frame), newest + i);
        if (i % PER_COMMIT == 0) {
            store_bench_run_until_committed(b->store, newest + i);
        }
    }
}

/* What the log holds, by id; summaries are checked on the way. */
struct account {
    uint64_t whole[4]; /* by id - LOW_ID */
    uint64_t events;
    uint64_t voids[SEGMENT_VOID_COUNT];
    uint64_t summaries;
    uint64_t summarized; /* the sum of their counts */
};

static void check_signal(const struct store_summary_signal *signal, const struct bucket *wanted)
{
    assert_int_equal(signal->bucket.count, wanted->count);
    assert_true(signal->bucket.min == wanted->min);
    assert_true(signal->bucket.max == wanted->max);
    assert_true(signal->bucket.last == wanted->last);
    assert_true(fabs(bucket_mean(&signal->bucket) - bucket_mean(wanted)) < 1e-6);
}

/* Against all frames of the id between its first and last seq. */
static void check_summary(const struct bench *b, const struct store_summary *summary,
                          const uint32_t ids[4])
{
    struct bucket number = {.count = 0};
    struct bucket wave = {.count = 0};
    const struct dbc_message *message = dbc_find_by_name(b->dbc.db, summary->message);
    assert_non_null(message);
    assert_string_equal(summary->bus, "can0");
    for (uint64_t seq = summary->first_seq; seq <= summary->last_seq; seq++) {
        const struct frame frame = frame_of(b, seq, ids);
        struct bucket_hold none = {.valid = false};
        if (frame.can_id == message->can_id && seq != b->event_seq) {
            bucket_add(&number, &none, (double)seq / 2, frame.ts_us, 0);
            bucket_add(&wave, &none, wave_of(seq), frame.ts_us, 0);
        }
    }
    assert_int_equal(summary->count, number.count);
    assert_int_equal(summary->from_us, number.first_us);
    assert_int_equal(summary->to_us, number.last_us);
    assert_true(summary->to_us - summary->from_us < 10 * US_PER_S);
    assert_int_equal(summary->signal_count, message->signal_count);
    assert_string_equal(summary->signals[0].name, "Number");
    check_signal(&summary->signals[0], &number);
    if (summary->signal_count == 2) {
        assert_string_equal(summary->signals[1].name, "Wave");
        check_signal(&summary->signals[1], &wave);
    }
}

static uint64_t read_segment(struct bench *b, const uint32_t ids[4], struct account *account)
{
    const struct store_fetched *fetched = &b->store->fetched;
    struct segment_reader reader;
    struct segment_record record;
    segment_reader_init(&reader, &fetched->segment);
    while (segment_next(&reader, &record) != SEGMENT_END) {
        assert_int_not_equal(record.kind, SEGMENT_CORRUPT);
        if (record.kind == SEGMENT_VOID) {
            account->voids[record.reason] += record.count;
        } else if (record.kind == SEGMENT_EVENT) {
            account->events++;
        } else {
            const struct frame wanted = frame_of(b, record.seq, ids);
            assert_int_equal(record.frame.can_id, wanted.can_id);
            assert_int_equal(record.ts_us, wanted.ts_us);
            assert_memory_equal(record.frame.data, wanted.data, 8);
            account->whole[record.frame.can_id - LOW_ID]++;
        }
    }
    for (const struct store_summary *s = fetched->summaries; s != NULL; s = s->next) {
        check_summary(b, s, ids);
        account->summaries++;
        account->summarized += s->count;
    }
    return fetched->segment.first_seq + fetched->segment.count;
}

/* Reads all of the log; every seq up to `last` is in it. */
static struct account read_all(struct bench *b, uint64_t last, const uint32_t ids[4])
{
    struct account account = {.events = 0};
    for (uint64_t seq = 1; seq <= last;) {
        const struct store_fetched *found = store_bench_fetch(b->store, seq);
        if (found->found == STORE_FOUND_SEGMENT) {
            seq = read_segment(b, ids, &account);
            continue;
        }
        assert_int_equal(found->found, STORE_FOUND_VOID);
        account.voids[found->reason] += found->last - found->first + 1;
        seq = found->last + 1;
    }
    return account;
}

static void assert_accounted(const struct bench *b, const struct account *a, uint64_t count)
{
    struct store_stats stats = store_stats(b->store->store);
    uint64_t sum = a->events;
    for (int i = 0; i < 4; i++) {
        sum += a->whole[i];
    }
    for (int i = 0; i < SEGMENT_VOID_COUNT; i++) {
        sum += a->voids[i];
    }
    assert_int_equal(sum, count);
    assert_int_equal(stats.voids[SEGMENT_VOID_THINNED], 0); /* is counted apart */
}

static void low_priority_is_thinned_and_nothing_is_dropped(void **state)
{
    static const uint32_t ids[4] = {LOW_ID, LOW_ID, LOW_ID, HIGH_ID};
    struct bench *b = *state;
    store_bench_open(b->store);
    fill(b, FRAMES, ids);
    struct account a = read_all(b, FRAMES, ids);
    struct store_stats stats = store_stats(b->store->store);
    assert_accounted(b, &a, FRAMES);
    assert_true(stats.thinned > FRAMES / 4);
    assert_int_equal(a.voids[SEGMENT_VOID_THINNED], stats.thinned);
    assert_int_equal(a.summarized, stats.thinned);
    assert_int_equal(a.whole[HIGH_ID - LOW_ID], FRAMES / 4);
    assert_int_equal(a.voids[SEGMENT_VOID_QUOTA_BYTES], 0);
    assert_true(a.summaries < 20);
    assert_true(b->store->notices[STORE_NOTICE_THINNED] > 0);
    assert_int_equal(b->store->notices[STORE_NOTICE_DROPPED], 0);
    assert_int_equal(b->store->last[STORE_NOTICE_THINNED].reason, SEGMENT_VOID_THINNED);
}

static void normal_priority_follows_from_half_way_on(void **state)
{
    static const uint32_t ids[4] = {NORMAL_ID, NORMAL_ID, NORMAL_ID, UNKNOWN_ID};
    struct bench *b = *state;
    double half_way = QUOTA_BYTES * 0.7;
    store_bench_open(b->store);
    uint64_t count = 0;
    while ((double)store_stats(b->store->store).used_bytes < half_way - PER_COMMIT * FRAME_VOLUME) {
        fill(b, PER_COMMIT, ids);
        count += PER_COMMIT;
    }
    assert_int_equal(store_stats(b->store->store).thinned, 0);
    fill(b, FRAMES, ids);
    count += FRAMES;
    struct account a = read_all(b, count, ids);
    assert_accounted(b, &a, count);
    assert_true(a.voids[SEGMENT_VOID_THINNED] > 0);
    assert_int_equal(a.summarized, a.voids[SEGMENT_VOID_THINNED]);
    assert_int_equal(a.voids[SEGMENT_VOID_QUOTA_BYTES], 0);
    assert_int_equal(a.whole[UNKNOWN_ID - LOW_ID], count / 4); /* no DBC names it */
}

static void what_was_thinned_of_low_priority_is_thinned_again_of_normal(void **state)
{
    static const uint32_t ids[4] = {LOW_ID, NORMAL_ID, LOW_ID, NORMAL_ID};
    struct bench *b = *state;
    store_bench_open(b->store);
    fill(b, 2 * FRAMES, ids);
    struct account a = read_all(b, 2 * FRAMES, ids);
    assert_accounted(b, &a, 2 * FRAMES);
    assert_int_equal(a.voids[SEGMENT_VOID_QUOTA_BYTES], 0);
    assert_int_equal(a.summarized, a.voids[SEGMENT_VOID_THINNED]);
    assert_true(a.whole[0] < a.whole[1]);
    assert_true(a.whole[1] < FRAMES);
}

static void events_stay_whole(void **state)
{
    static const uint32_t ids[4] = {LOW_ID, LOW_ID, LOW_ID, LOW_ID};
    static const char event[] = "{\"event\":\"bus_state\"}";
    struct bench *b = *state;
    store_bench_open(b->store);
    fill(b, 10, ids);
    b->event_seq = store_append_event(b->store->store, b->t0_us, event, sizeof(event) - 1);
    assert_int_equal(b->event_seq, 11);
    fill(b, FRAMES, ids);
    struct account a = read_all(b, FRAMES + 11, ids);
    assert_accounted(b, &a, FRAMES + 11);
    assert_int_equal(a.events, 1);
    assert_true(a.voids[SEGMENT_VOID_THINNED] > 10);
}

static void young_readings_stay_whole_as_long_as_they_stay(void **state)
{
    static const uint32_t ids[4] = {LOW_ID, LOW_ID, LOW_ID, LOW_ID};
    struct bench *b = *state;
    b->store->options.thinning.older_than_us = 2 * AGE_US;
    store_bench_open(b->store);
    fill(b, FRAMES, ids);
    struct account a = read_all(b, FRAMES, ids);
    assert_accounted(b, &a, FRAMES);
    assert_int_equal(a.voids[SEGMENT_VOID_THINNED], 0);
    assert_true(a.voids[SEGMENT_VOID_QUOTA_BYTES] > 0);
}

/* The log goes on where the run before ended, and in the same way. */
static void thinning_goes_on_after_a_restart(void **state)
{
    static const uint32_t ids[4] = {LOW_ID, LOW_ID, LOW_ID, HIGH_ID};
    struct bench *b = *state;
    store_bench_open(b->store);
    fill(b, FRAMES / 2, ids);
    store_bench_close(b->store);
    store_bench_open(b->store);
    fill(b, FRAMES / 2, ids);
    struct account a = read_all(b, FRAMES, ids);
    assert_accounted(b, &a, FRAMES);
    assert_int_equal(a.whole[HIGH_ID - LOW_ID], FRAMES / 4);
    assert_int_equal(a.voids[SEGMENT_VOID_QUOTA_BYTES], 0);
    assert_int_equal(a.summarized, a.voids[SEGMENT_VOID_THINNED]);
    assert_true(a.summarized > FRAMES / 4);
}

static void what_thinning_cannot_save_is_dropped_with_its_summaries(void **state)
{
    static const uint32_t ids[4] = {LOW_ID, HIGH_ID, HIGH_ID, HIGH_ID};
    struct bench *b = *state;
    store_bench_open(b->store);
    fill(b, 2 * FRAMES, ids);
    struct account a = read_all(b, 2 * FRAMES, ids);
    struct store_stats stats = store_stats(b->store->store);
    assert_accounted(b, &a, 2 * FRAMES);
    assert_true(stats.used_bytes <= QUOTA_BYTES);
    assert_true(a.voids[SEGMENT_VOID_QUOTA_BYTES] > 0);
    assert_int_equal(a.voids[SEGMENT_VOID_QUOTA_BYTES], stats.voids[SEGMENT_VOID_QUOTA_BYTES]);
    assert_true(a.voids[SEGMENT_VOID_THINNED] < stats.thinned);
    assert_int_equal(a.summarized, a.voids[SEGMENT_VOID_THINNED]);
}

static void without_a_level_nothing_is_thinned(void **state)
{
    static const uint32_t ids[4] = {LOW_ID, LOW_ID, LOW_ID, LOW_ID};
    struct bench *b = *state;
    b->store->options.thinning.from_percent = 0;
    store_bench_open(b->store);
    fill(b, FRAMES, ids);
    struct account a = read_all(b, FRAMES, ids);
    assert_accounted(b, &a, FRAMES);
    assert_int_equal(a.voids[SEGMENT_VOID_THINNED], 0);
    assert_true(a.voids[SEGMENT_VOID_QUOTA_BYTES] > 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(low_priority_is_thinned_and_nothing_is_dropped),
        CASE(normal_priority_follows_from_half_way_on),
        CASE(what_was_thinned_of_low_priority_is_thinned_again_of_normal),
        CASE(events_stay_whole),
        CASE(young_readings_stay_whole_as_long_as_they_stay),
        CASE(thinning_goes_on_after_a_restart),
        CASE(what_thinning_cannot_save_is_dropped_with_its_summaries),
        CASE(without_a_level_nothing_is_thinned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
