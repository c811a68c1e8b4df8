#include "edge-gateway/framelog/thin.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"
#include "tests/unit/segment_help.h"

#include <errno.h>

#define T0_US         INT64_C(1795423160000000)
#define RECORDS_MAX   2000
#define SEGMENTS_MAX  12
#define RECORDS_BYTES 16384

/* What has to be left, record by record, and how far it came. */
struct expectation {
    struct segment_record records[RECORDS_MAX];
    struct frame frames_summarized[RECORDS_MAX];
    uint64_t seqs_summarized[RECORDS_MAX];
    size_t count;
    size_t summarized;
    size_t seen;           /* of records, in put() */
    uint64_t seen_of_void; /* seqs of records[seen], if that is a void */
    size_t asked;          /* of those summarized, in summarize() */
    size_t puts;
    uint64_t next_seq; /* that may be put */
    int put_result;
};

struct bench {
    struct segment_builder *builders[SEGMENTS_MAX];
    size_t builder_count;
    struct expectation expected;
    struct thin *thin;
    char text[SEGMENT_EVENT_MAX_BYTES];
};

/* The rule of these tests. */
static bool goes(const struct frame *frame)
{
    return frame->can_id % 2 == 0 && (frame->flags & (FRAME_REMOTE | FRAME_ERROR)) == 0;
}

static bool summarize(void *context, uint64_t seq, const struct frame *frame)
{
    struct expectation *e = context;
    if (!goes(frame)) {
        return false;
    }
    if (e->asked < e->summarized) {
        assert_int_equal(seq, e->seqs_summarized[e->asked]);
        assert_frame_equal(frame, &e->frames_summarized[e->asked]);
    }
    e->asked++;
    return true;
}

static void see_void(struct expectation *e, const struct segment_record *record)
{
    uint64_t left = record->count;
    while (left > 0) {
        const struct segment_record *wanted = &e->records[e->seen];
        assert_true(e->seen < e->count);
        assert_int_equal(wanted->kind, SEGMENT_VOID);
        assert_int_equal(wanted->reason, record->reason);
        uint64_t part = wanted->count - e->seen_of_void;
        part = part < left ? part : left;
        e->seen_of_void += part;
        left -= part;
        if (e->seen_of_void == wanted->count) {
            e->seen++;
            e->seen_of_void = 0;
        }
    }
}

static void see(struct expectation *e, const struct segment_record *record)
{
    const struct segment_record *wanted = &e->records[e->seen];
    if (record->kind == SEGMENT_VOID) {
        see_void(e, record);
        return;
    }
    assert_true(e->seen < e->count && e->seen_of_void == 0);
    assert_int_equal(record->kind, wanted->kind);
    assert_int_equal(record->seq, wanted->seq);
    assert_int_equal(record->ts_us, wanted->ts_us);
    if (record->kind == SEGMENT_FRAME) {
        assert_frame_equal(&record->frame, &wanted->frame);
    } else {
        assert_int_equal(record->length, wanted->length);
        assert_memory_equal(record->text, wanted->text, wanted->length);
    }
    e->seen++;
}

static int put(void *context, const struct segment *segment)
{
    struct expectation *e = context;
    struct segment_reader reader;
    struct segment_record record;
    assert_true(segment->count > 0);
    assert_true(segment->first_seq >= e->next_seq);
    e->puts++;
    if (e->count > 0) {
        segment_reader_init(&reader, segment);
        while (segment_next(&reader, &record) != SEGMENT_END) {
            assert_int_not_equal(record.kind, SEGMENT_CORRUPT);
            see(e, &record);
        }
    }
    e->next_seq = segment->first_seq + segment->count;
    return e->put_result;
}

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    const struct thin_options options = {RECORDS_BYTES, summarize, put, &b->expected};
    assert_int_equal(thin_new(&options, &b->thin), 0);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    for (size_t i = 0; i < b->builder_count; i++) {
        segment_builder_free(b->builders[i]);
    }
    thin_free(b->thin);
    free(b);
    return 0;
}

static struct segment_builder *begin_segment(struct bench *b, uint64_t first_seq)
{
    struct segment_builder *builder;
    assert_int_equal(segment_builder_new(65536, &builder), 0);
    segment_builder_reset(builder, first_seq);
    b->builders[b->builder_count++] = builder;
    return builder;
}

/* What is left of a record, worked out the simple way. */
static void expect(struct expectation *e, const struct segment_record *record, uint64_t seq)
{
    struct segment_record *wanted = &e->records[e->count++];
    *wanted = *record;
    wanted->seq = seq;
    if (record->kind == SEGMENT_FRAME && goes(&record->frame)) {
        e->seqs_summarized[e->summarized] = seq;
        e->frames_summarized[e->summarized++] = record->frame;
        wanted->kind = SEGMENT_VOID;
        wanted->reason = SEGMENT_VOID_THINNED;
        wanted->count = 1;
    }
}

/* Random records; a text is the same for all, so that none need be kept. */
static uint64_t fill_segment(struct bench *b, struct segment_builder *builder, uint64_t seq,
                             int64_t *ts_us)
{
    int records = 1 + rand() % 150;
    for (int i = 0; i < records; i++) {
        struct segment_record record = random_record(*ts_us, b->text);
        memset(b->text, 'x', sizeof(b->text));
        if (!append_record(builder, &record)) {
            break;
        }
        expect(&b->expected, &record, seq);
        seq += record.count;
        *ts_us += random_step_us();
    }
    return seq;
}

static void random_segments_keep_all_but_what_was_summarized(void **state)
{
    srand(test_seed());
    for (int round = 0; round < 100; round++) {
        struct bench *b = *state;
        uint64_t seq = 1 + random_bits() % 1000000;
        int64_t ts_us = T0_US;
        b->expected = (struct expectation){.count = 0};
        for (size_t i = 0; i < SEGMENTS_MAX; i++) {
            seq += rand() % 4 == 0 ? 1 + random_bits() % 100 : 0; /* a hole */
            seq = fill_segment(b, begin_segment(b, seq), seq, &ts_us);
        }
        thin_begin(b->thin);
        for (size_t i = 0; i < SEGMENTS_MAX; i++) {
            const struct segment segment = segment_builder_view(b->builders[i]);
            assert_int_equal(thin_add(b->thin, &segment), 0);
        }
        assert_int_equal(thin_end(b->thin), 0);
        assert_int_equal(b->expected.seen, b->expected.count);
        assert_int_equal(b->expected.asked, b->expected.summarized);
        assert_int_equal(b->expected.next_seq, seq);
        assert_int_equal(tear_down(state), 0);
        assert_int_equal(set_up(state), 0);
    }
}

static struct frame frame_of(uint32_t can_id)
{
    return (struct frame){.ts_us = T0_US, .can_id = can_id, .len = 8};
}

/* A segment of `count` frames of one id. */
static struct segment uniform(struct bench *b, uint64_t first_seq, size_t count, uint32_t can_id)
{
    struct segment_builder *builder = begin_segment(b, first_seq);
    const struct frame frame = frame_of(can_id);
    for (size_t i = 0; i < count; i++) {
        assert_true(segment_append_frame(builder, &frame));
    }
    return segment_builder_view(builder);
}

static void many_thinned_segments_become_one_small_one(void **state)
{
    struct bench *b = *state;
    for (uint64_t i = 0; i < 10; i++) {
        const struct segment segment = uniform(b, 1 + i * 100, 100, 2);
        assert_int_equal(thin_add(b->thin, &segment), 0);
    }
    assert_int_equal(b->expected.puts, 0);
    assert_int_equal(thin_end(b->thin), 0);
    assert_int_equal(b->expected.puts, 1);
    assert_int_equal(b->expected.next_seq, 1001);
    assert_int_equal(b->expected.asked, 1000);
}

static void a_hole_between_segments_stays_one(void **state)
{
    struct bench *b = *state;
    const struct segment before = uniform(b, 1, 10, 2);
    const struct segment after = uniform(b, 20, 10, 2);
    assert_int_equal(thin_add(b->thin, &before), 0);
    assert_int_equal(thin_add(b->thin, &after), 0);
    assert_int_equal(b->expected.next_seq, 11);
    assert_int_equal(thin_end(b->thin), 0);
    assert_int_equal(b->expected.puts, 2);
    assert_int_equal(b->expected.next_seq, 30);
}

static void a_segment_that_contradicts_itself_is_refused_whole(void **state)
{
    struct bench *b = *state;
    struct segment segment = uniform(b, 1, 10, 2);
    segment.records_bytes--;
    assert_int_equal(thin_add(b->thin, &segment), -EILSEQ);
    segment.records_bytes++;
    segment.count++;
    assert_int_equal(thin_add(b->thin, &segment), -EILSEQ);
    assert_int_equal(b->expected.asked, 0);
    assert_int_equal(thin_end(b->thin), 0);
    assert_int_equal(b->expected.puts, 0);
}

static void a_fault_of_put_is_passed_on_and_beginning_anew_forgets(void **state)
{
    struct bench *b = *state;
    const struct segment segment = uniform(b, 1, 10, 2);
    b->expected.put_result = -ENOSPC;
    assert_int_equal(thin_add(b->thin, &segment), 0);
    assert_int_equal(thin_end(b->thin), -ENOSPC);
    assert_int_equal(thin_add(b->thin, &(struct segment){.first_seq = 11}), 0);
    b->expected.put_result = 0;
    b->expected.next_seq = 0;
    assert_int_equal(thin_add(b->thin, &segment), 0);
    thin_begin(b->thin);
    assert_int_equal(thin_end(b->thin), 0);
    assert_int_equal(b->expected.puts, 1); /* the one that failed */
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(random_segments_keep_all_but_what_was_summarized),
        CASE(many_thinned_segments_become_one_small_one),
        CASE(a_hole_between_segments_stays_one),
        CASE(a_segment_that_contradicts_itself_is_refused_whole),
        CASE(a_fault_of_put_is_passed_on_and_beginning_anew_forgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
