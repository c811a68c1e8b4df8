#include "edge-gateway/framelog/segment_builder.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"
#include "tests/unit/segment_help.h"

#include <errno.h>

#define BASE_US  1700000000000000
#define RECORDS  5000
#define ONE_MEGA (1024u * 1024u)

static struct segment_builder *new_builder(size_t records_bytes, uint64_t first_seq)
{
    struct segment_builder *builder = NULL;
    assert_int_equal(segment_builder_new(records_bytes, &builder), 0);
    segment_builder_reset(builder, first_seq);
    return builder;
}

static struct frame plain_frame(int64_t ts_us, uint32_t can_id, uint8_t len)
{
    return (struct frame){
        .ts_us = ts_us, .can_id = can_id, .flags = FRAME_EXTENDED, .len = len, .bus = 1};
}

static bool append_at(struct segment_builder *builder, int64_t ts_us)
{
    struct frame frame = plain_frame(ts_us, 0x42, 8);
    return segment_append_frame(builder, &frame);
}

/* The stamp of record `index` when read. */
static int64_t stamp_of(const struct segment_builder *builder, uint64_t index)
{
    struct segment view = segment_builder_view(builder);
    struct segment_reader reader;
    struct segment_record record;
    segment_reader_init(&reader, &view);
    segment_seek(&reader, view.first_seq + index);
    assert_int_equal(segment_next(&reader, &record), SEGMENT_FRAME);
    return record.ts_us;
}

static void too_little_room_is_refused(void **state)
{
    (void)state;
    struct segment_builder *builder = NULL;
    assert_int_equal(segment_builder_new(SEGMENT_RECORD_MAX_BYTES - 1, &builder), -EINVAL);
    assert_int_equal(segment_builder_new(SIZE_MAX, &builder), -EINVAL);
    assert_null(builder);
    segment_builder_free(NULL);
}

static void an_empty_one_covers_nothing(void **state)
{
    (void)state;
    struct segment_builder *builder = new_builder(ONE_MEGA, 42);
    struct segment view = segment_builder_view(builder);
    assert_int_equal(view.first_seq, 42);
    assert_int_equal(view.count, 0);
    assert_int_equal(view.base_us, 0);
    assert_int_equal(view.from_us, 0);
    assert_int_equal(view.to_us, 0);
    assert_int_equal(view.keys_bytes + view.records_bytes, 0);
    segment_builder_free(builder);
}

static void a_classic_frame_of_8_bytes_takes_12(void **state)
{
    (void)state;
    struct segment_builder *builder = new_builder(ONE_MEGA, 1);
    for (int i = 0; i < 100; i++) {
        assert_true(append_at(builder, BASE_US + i * 125));
    }
    struct segment view = segment_builder_view(builder);
    assert_int_equal(view.records_bytes, 1200);
    assert_int_equal(view.keys_bytes, 8);
    segment_builder_free(builder);
}

static void a_remote_frame_has_no_data(void **state)
{
    (void)state;
    struct segment_builder *builder = new_builder(ONE_MEGA, 1);
    struct frame frame = plain_frame(BASE_US, 0x42, 8);
    frame.flags |= FRAME_REMOTE;
    assert_true(segment_append_frame(builder, &frame));
    assert_int_equal(segment_builder_view(builder).records_bytes, 4);
    segment_builder_free(builder);
}

/* bus, flags, length and id each make a key of their own. */
static void frames_of_the_same_kind_share_a_key(void **state)
{
    (void)state;
    struct segment_builder *builder = new_builder(ONE_MEGA, 1);
    struct frame frames[5];
    for (size_t i = 0; i < 5; i++) {
        frames[i] = plain_frame(BASE_US, 0x42, 8);
    }
    frames[1].bus = 2;
    frames[2].flags = FRAME_EXTENDED | FRAME_TX;
    frames[3].len = 7;
    frames[4].can_id = 0x43;
    for (size_t i = 0; i < 25; i++) {
        assert_true(segment_append_frame(builder, &frames[i % 5]));
    }
    assert_int_equal(segment_builder_view(builder).keys_bytes, 5 * 8);
    segment_builder_free(builder);
}

static void view_tells_the_earliest_and_the_latest_stamp(void **state)
{
    (void)state;
    struct segment_builder *builder = new_builder(ONE_MEGA, 10);
    assert_true(segment_append_void(builder, 5, SEGMENT_VOID_RESTART));
    assert_true(append_at(builder, BASE_US));
    assert_true(append_at(builder, BASE_US - 3600000000));
    assert_true(segment_append_event(builder, BASE_US + 7, "{}", 2));
    assert_true(append_at(builder, BASE_US + 3));
    struct segment view = segment_builder_view(builder);
    assert_int_equal(view.first_seq, 10);
    assert_int_equal(view.count, 9);
    assert_int_equal(view.base_us, BASE_US);
    assert_int_equal(view.from_us, BASE_US - 3600000000);
    assert_int_equal(view.to_us, BASE_US + 7);
    segment_builder_free(builder);
}

/* 20 bits, biased, without the escape: steps from -2^19 to 2^19 - 2. */
static void steps_beyond_20_bits_take_8_bytes_more(void **state)
{
    (void)state;
    static const struct {
        int64_t step_us;
        size_t bytes;
    } cases[] = {
        {0, 12},
        {524286, 12},
        {524287, 20},
        {-524288, 12},
        {-524289, 20},
        {-86400000000, 20},
        {INT64_MAX - BASE_US, 20},
        {INT64_MIN + BASE_US, 20},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct segment_builder *builder = new_builder(ONE_MEGA, 1);
        assert_true(append_at(builder, 0));
        size_t before = segment_builder_view(builder).records_bytes;
        assert_true(append_at(builder, cases[i].step_us));
        assert_int_equal(segment_builder_view(builder).records_bytes - before, cases[i].bytes);
        assert_int_equal(stamp_of(builder, 1), cases[i].step_us);
        segment_builder_free(builder);
    }
}

static void a_stamp_beyond_64_bits_needs_a_new_segment(void **state)
{
    (void)state;
    struct segment_builder *builder = new_builder(ONE_MEGA, 1);
    assert_true(append_at(builder, -2));
    assert_true(append_at(builder, INT64_MIN));
    struct segment before = segment_builder_view(builder);
    assert_false(append_at(builder, INT64_MAX - 1));
    assert_false(segment_append_event(builder, INT64_MAX, "{}", 2));
    struct segment after = segment_builder_view(builder);
    assert_memory_equal(&before, &after, sizeof(before));
    assert_true(append_at(builder, INT64_MAX - 2)); /* the step overflows, the offset does not */
    assert_int_equal(stamp_of(builder, 1), INT64_MIN);
    assert_int_equal(stamp_of(builder, 2), INT64_MAX - 2);

    segment_builder_reset(builder, 4);
    assert_true(append_at(builder, INT64_MAX - 1));
    assert_int_equal(stamp_of(builder, 0), INT64_MAX - 1);
    segment_builder_free(builder);
}

static void voids_of_one_reason_join(void **state)
{
    (void)state;
    struct segment_builder *builder = new_builder(ONE_MEGA, 1);
    assert_true(segment_append_void(builder, 3, SEGMENT_VOID_STALLED));
    assert_true(segment_append_void(builder, 4, SEGMENT_VOID_STALLED));
    assert_int_equal(segment_builder_view(builder).records_bytes, 9);
    assert_true(segment_append_void(builder, 1, SEGMENT_VOID_REFUSED));
    assert_int_equal(segment_builder_view(builder).records_bytes, 18);
    assert_true(append_at(builder, BASE_US));
    assert_true(segment_append_void(builder, 1, SEGMENT_VOID_REFUSED));
    struct segment view = segment_builder_view(builder);
    assert_int_equal(view.records_bytes, 18 + 12 + 9);
    assert_int_equal(view.count, 10);
    assert_int_equal(read_anything(&view), SEGMENT_END);
    segment_builder_free(builder);
}

static void a_joined_void_beyond_32_bits_becomes_two(void **state)
{
    (void)state;
    struct segment_builder *builder = new_builder(ONE_MEGA, 1);
    assert_true(segment_append_void(builder, UINT32_MAX, SEGMENT_VOID_STALLED));
    assert_true(segment_append_void(builder, 2, SEGMENT_VOID_STALLED));
    struct segment view = segment_builder_view(builder);
    assert_int_equal(view.count, (uint64_t)UINT32_MAX + 2);
    assert_int_equal(view.records_bytes, 18);
    assert_int_equal(read_anything(&view), SEGMENT_END);
    segment_builder_free(builder);
}

static void a_seq_beyond_64_bits_is_refused(void **state)
{
    (void)state;
    struct segment_builder *builder = new_builder(ONE_MEGA, UINT64_MAX - 2);
    assert_true(segment_append_void(builder, 1, SEGMENT_VOID_STALLED));
    assert_false(segment_append_void(builder, 2, SEGMENT_VOID_STALLED));
    assert_true(append_at(builder, BASE_US));
    assert_false(append_at(builder, BASE_US));
    struct segment view = segment_builder_view(builder);
    assert_int_equal(view.count, 2);
    assert_int_equal(read_anything(&view), SEGMENT_END);
    segment_builder_free(builder);
}

static void a_full_one_refuses_and_keeps_what_it_has(void **state)
{
    (void)state;
    struct segment_builder *builder = new_builder(SEGMENT_RECORD_MAX_BYTES, 1);
    char text[SEGMENT_EVENT_MAX_BYTES];
    memset(text, 'x', sizeof(text));
    assert_true(segment_append_event(builder, BASE_US, text, sizeof(text)));
    struct segment before = segment_builder_view(builder);
    assert_int_equal(before.records_bytes, SEGMENT_RECORD_MAX_BYTES - 8);
    struct frame new_key = plain_frame(BASE_US, 0x99, 8);
    assert_false(segment_append_frame(builder, &new_key));
    assert_false(segment_append_event(builder, BASE_US, text, 3));
    assert_false(segment_append_void(builder, 1, SEGMENT_VOID_STALLED));
    struct segment after = segment_builder_view(builder);
    assert_memory_equal(&before, &after, sizeof(before));
    struct frame fits = plain_frame(BASE_US, 0x99, 4);
    assert_true(segment_append_frame(builder, &fits));
    assert_int_equal(segment_builder_view(builder).records_bytes, SEGMENT_RECORD_MAX_BYTES);
    segment_builder_free(builder);
}

static void keys_end_at_4094(void **state)
{
    (void)state;
    struct segment_builder *builder = new_builder(ONE_MEGA, 1);
    for (uint32_t i = 0; i < SEGMENT_KEYS_MAX; i++) {
        struct frame frame = plain_frame(BASE_US, i * 4096, 0);
        assert_true(segment_append_frame(builder, &frame));
    }
    struct frame one_more = plain_frame(BASE_US, FRAME_ID_EXTENDED_MAX, 0);
    assert_false(segment_append_frame(builder, &one_more));
    struct frame known = plain_frame(BASE_US, 4093u * 4096u, 0);
    assert_true(segment_append_frame(builder, &known));
    assert_true(segment_append_event(builder, BASE_US, "{}", 2));
    struct segment view = segment_builder_view(builder);
    assert_int_equal(view.count, SEGMENT_KEYS_MAX + 2);
    assert_int_equal(read_anything(&view), SEGMENT_END);

    segment_builder_reset(builder, 9);
    assert_true(segment_append_frame(builder, &one_more));
    assert_int_equal(segment_builder_view(builder).keys_bytes, 8);
    segment_builder_free(builder);
}

/* What went into the segment, to compare with what comes out. */
struct history {
    struct segment_record records[RECORDS];
    char text[RECORDS][SEGMENT_EVENT_MAX_BYTES];
    size_t count;
};

static void fill(struct segment_builder *builder, struct history *history)
{
    uint64_t seq = segment_builder_view(builder).first_seq;
    int64_t ts_us = BASE_US;
    history->count = 0;
    while (history->count < RECORDS) {
        ts_us += random_step_us();
        struct segment_record record = random_record(ts_us, history->text[history->count]);
        if (!append_record(builder, &record)) {
            return;
        }
        struct segment_record *last = &history->records[history->count];
        bool joins = history->count > 0 && record.kind == SEGMENT_VOID &&
                     last[-1].kind == SEGMENT_VOID && last[-1].reason == record.reason;
        if (joins) {
            last[-1].count += record.count;
        } else {
            record.seq = seq;
            *last = record;
            history->count++;
        }
        seq += record.count;
    }
}

static void assert_record_equal(const struct segment_record *a, const struct segment_record *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->seq, b->seq);
    assert_int_equal(a->count, b->count);
    if (a->kind == SEGMENT_VOID) {
        assert_int_equal(a->reason, b->reason);
        return;
    }
    assert_int_equal(a->ts_us, b->ts_us);
    if (a->kind == SEGMENT_FRAME) {
        assert_frame_equal(&a->frame, &b->frame);
        return;
    }
    assert_int_equal(a->length, b->length);
    assert_memory_equal(a->text, b->text, a->length);
}

/* From a seq in the middle the rest comes as from the beginning. */
static void check_seek(const struct segment *view, const struct history *history)
{
    size_t index = (size_t)rand() % history->count;
    const struct segment_record *expected = &history->records[index];
    uint32_t passed = (uint32_t)rand() % expected->count;
    struct segment_reader reader;
    struct segment_record record;
    segment_reader_init(&reader, view);
    segment_seek(&reader, expected->seq + passed);
    struct segment_record rest = *expected;
    rest.seq += passed;
    rest.count -= passed;
    (void)segment_next(&reader, &record); /* also in record.kind */
    assert_record_equal(&record, &rest);
}

static void check_times(const struct segment *view, const struct history *history)
{
    int64_t from_us = INT64_MAX;
    int64_t to_us = INT64_MIN;
    for (size_t i = 0; i < history->count; i++) {
        const struct segment_record *record = &history->records[i];
        if (record->kind != SEGMENT_VOID) {
            from_us = record->ts_us < from_us ? record->ts_us : from_us;
            to_us = record->ts_us > to_us ? record->ts_us : to_us;
        }
    }
    assert_int_equal(view->from_us, from_us);
    assert_int_equal(view->to_us, to_us);
}

static void random_segments_come_back_as_they_were(void **state)
{
    (void)state;
    srand(test_seed());
    static struct history history;
    struct segment_builder *builder = new_builder(64 * 1024, 1);
    for (int round = 0; round < 20; round++) {
        segment_builder_reset(builder, random_bits() >> 2);
        fill(builder, &history);
        struct segment view = segment_builder_view(builder);
        struct segment_reader reader;
        struct segment_record record;
        segment_reader_init(&reader, &view);
        for (size_t i = 0; i < history.count; i++) {
            (void)segment_next(&reader, &record); /* also in record.kind */
            assert_record_equal(&record, &history.records[i]);
        }
        assert_int_equal(segment_next(&reader, &record), SEGMENT_END);
        check_times(&view, &history);
        for (int i = 0; i < 50; i++) {
            check_seek(&view, &history);
        }
    }
    segment_builder_free(builder);
}

static void assert_is_whole(const struct segment *segment)
{
    struct segment_reader reader;
    struct segment_record record;
    uint64_t seqs = 0;
    segment_reader_init(&reader, segment);
    while (segment_next(&reader, &record) != SEGMENT_END) {
        assert_int_not_equal(record.kind, SEGMENT_CORRUPT);
        assert_true(record.kind == SEGMENT_VOID ||
                    (record.ts_us >= segment->from_us && record.ts_us <= segment->to_us));
        seqs += record.count;
    }
    assert_int_equal(seqs, segment->count);
}

static void what_remains_in_memory_is_all_that_was_appended(void **state)
{
    (void)state;
    static struct history history;
    const size_t records_bytes = 64 * 1024;
    void *memory = malloc(segment_builder_size(records_bytes));
    assert_non_null(memory);
    srand(test_seed());
    struct segment_builder *builder = segment_builder_place(memory, records_bytes);
    struct segment remains;
    assert_false(segment_builder_remains(memory, records_bytes, &remains));
    fill(builder, &history);
    struct segment view = segment_builder_view(builder);
    assert_true(segment_builder_remains(memory, records_bytes, &remains));
    assert_int_equal(remains.count, view.count);
    assert_int_equal(remains.records_bytes, view.records_bytes);
    assert_int_equal(segment_crc(&remains), segment_crc(&view));
    assert_false(segment_builder_remains(memory, records_bytes - 1, &remains));
    free(memory);
}

static void what_remains_of_random_memory_is_whole(void **state)
{
    (void)state;
    static struct history history;
    const size_t records_bytes = SEGMENT_RECORD_MAX_BYTES;
    size_t size = segment_builder_size(records_bytes);
    uint8_t *memory = calloc(1, size);
    assert_non_null(memory);
    srand(test_seed());
    for (int round = 0; round < 2000; round++) {
        fill(segment_builder_place(memory, records_bytes), &history);
        size_t reach = rand() % 2 == 0 ? 128 : size; /* of its numbers, or anywhere */
        for (int i = rand() % 8; i >= 0; i--) {
            memory[(size_t)rand() % reach] = (uint8_t)rand();
        }
        struct segment remains;
        if (segment_builder_remains(memory, records_bytes, &remains)) {
            assert_is_whole(&remains);
        }
    }
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_little_room_is_refused),
        cmocka_unit_test(an_empty_one_covers_nothing),
        cmocka_unit_test(a_classic_frame_of_8_bytes_takes_12),
        cmocka_unit_test(a_remote_frame_has_no_data),
        cmocka_unit_test(frames_of_the_same_kind_share_a_key),
        cmocka_unit_test(view_tells_the_earliest_and_the_latest_stamp),
        cmocka_unit_test(steps_beyond_20_bits_take_8_bytes_more),
        cmocka_unit_test(a_stamp_beyond_64_bits_needs_a_new_segment),
        cmocka_unit_test(voids_of_one_reason_join),
        cmocka_unit_test(a_joined_void_beyond_32_bits_becomes_two),
        cmocka_unit_test(a_seq_beyond_64_bits_is_refused),
        cmocka_unit_test(a_full_one_refuses_and_keeps_what_it_has),
        cmocka_unit_test(keys_end_at_4094),
        cmocka_unit_test(random_segments_come_back_as_they_were),
        cmocka_unit_test(what_remains_in_memory_is_all_that_was_appended),
        cmocka_unit_test(what_remains_of_random_memory_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
