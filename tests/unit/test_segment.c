#include "edge-gateway/framelog/segment.h"

#include "common/be.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"
#include "tests/unit/segment_help.h"

/* Two keys: bus 1, standard, 2 bytes, 0x123; bus 2, extended, remote, length 4, 0x1ABCDEF0. */
static const uint8_t keys[] = {
    1,    0,
    2,    0,
    0x00, 0x00,
    0x01, 0x23, /**/
    2,    FRAME_EXTENDED | FRAME_REMOTE,
    4,    0,
    0x1A, 0xBC,
    0xDE, 0xF0,
};

/* Seqs 100 and 101: two frames; 102: an event; 103 to 107: a void; 108: a frame. */
static const uint8_t records[] = {
    0x00, 0x08, 0x00, 0x00, 0xAA, 0xBB,                /* key 0, +0 */
    0x00, 0x18, 0x00, 0x05,                            /* key 1, +5 */
    0xFF, 0xE7, 0xFF, 0xFF, 0,    2,    '{',  '}',     /* -1 */
    0xFF, 0xF8, 0x00, 0x00, 1,    0,    0,    0,    5, /* stalled, 5 */
    0x00, 0x0F, 0xFF, 0xFF, /* key 0, escape: one second before the base */
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xF0, 0xBD, 0xC0, 0xCC, 0xDD,
};

static const struct segment drawn = {
    .first_seq = 100,
    .count = 9,
    .base_us = 1000000,
    .keys = keys,
    .keys_bytes = sizeof(keys),
    .records = records,
    .records_bytes = sizeof(records),
};

static void the_layout_is_as_drawn(void **state)
{
    (void)state;
    struct segment_reader reader;
    struct segment_record r;
    segment_reader_init(&reader, &drawn);

    assert_int_equal(segment_next(&reader, &r), SEGMENT_FRAME);
    assert_int_equal(r.seq, 100);
    assert_int_equal(r.count, 1);
    struct frame first = {.ts_us = 1000000, .can_id = 0x123, .len = 2, .bus = 1};
    memcpy(first.data, "\xAA\xBB", 2);
    assert_frame_equal(&r.frame, &first);

    assert_int_equal(segment_next(&reader, &r), SEGMENT_FRAME);
    struct frame remote = {.ts_us = 1000005,
                           .can_id = 0x1ABCDEF0,
                           .flags = FRAME_EXTENDED | FRAME_REMOTE,
                           .len = 4,
                           .bus = 2};
    assert_frame_equal(&r.frame, &remote);

    assert_int_equal(segment_next(&reader, &r), SEGMENT_EVENT);
    assert_int_equal(r.seq, 102);
    assert_int_equal(r.ts_us, 1000004);
    assert_int_equal(r.length, 2);
    assert_memory_equal(r.text, "{}", 2);

    assert_int_equal(segment_next(&reader, &r), SEGMENT_VOID);
    assert_int_equal(r.seq, 103);
    assert_int_equal(r.count, 5);
    assert_int_equal(r.reason, SEGMENT_VOID_STALLED);

    assert_int_equal(segment_next(&reader, &r), SEGMENT_FRAME);
    assert_int_equal(r.seq, 108);
    assert_int_equal(r.ts_us, 0);
    assert_memory_equal(r.frame.data, "\xCC\xDD", 2);
    assert_int_equal(segment_next(&reader, &r), SEGMENT_END);
    assert_int_equal(segment_next(&reader, &r), SEGMENT_END);
}

static void a_moved_base_moves_every_stamp(void **state)
{
    (void)state;
    struct segment moved = drawn;
    moved.base_us += 3600000000;
    struct segment_reader reader;
    struct segment_record r;
    segment_reader_init(&reader, &moved);
    assert_int_equal(segment_next(&reader, &r), SEGMENT_FRAME);
    assert_int_equal(r.ts_us, 3601000000);
    segment_seek(&reader, 108);
    assert_int_equal(segment_next(&reader, &r), SEGMENT_FRAME);
    assert_int_equal(r.ts_us, 3600000000);
}

static void an_empty_segment_ends_at_once(void **state)
{
    (void)state;
    struct segment empty = {.first_seq = 7};
    assert_int_equal(read_anything(&empty), SEGMENT_END);
}

static void every_void_reason_has_a_text_that_is_read_back(void **state)
{
    (void)state;
    enum segment_void reason = SEGMENT_VOID_COUNT;
    for (int i = 0; i < SEGMENT_VOID_COUNT; i++) {
        assert_true(segment_void_from_text(segment_void_text((enum segment_void)i), &reason));
        assert_int_equal(reason, i);
    }
    assert_string_equal(segment_void_text(SEGMENT_VOID_QUOTA_BYTES), "quota_bytes");
    assert_false(segment_void_from_text("quota", &reason));
    assert_false(segment_void_from_text(NULL, &reason));
    assert_int_equal(reason, SEGMENT_VOID_COUNT - 1);
}

static void the_crc_is_over_keys_records_and_numbers(void **state)
{
    (void)state;
    const struct segment segment = {.first_seq = 0x3132333435363738,
                                    .count = 0x3930313233343536,
                                    .base_us = 1000,
                                    .from_us = 1000 + 0x3738393031323334,
                                    .to_us = 1000 + 0x3536373839303132,
                                    .keys = (const uint8_t *)"1234",
                                    .keys_bytes = 4,
                                    .records = (const uint8_t *)"56789",
                                    .records_bytes = 5};
    assert_int_equal(segment_crc(&segment), 0x08A22B2D);
    struct segment moved = segment;
    moved.base_us += 5;
    assert_int_not_equal(segment_crc(&moved), segment_crc(&segment));
    moved.from_us += 5;
    moved.to_us += 5;
    assert_int_equal(segment_crc(&moved), segment_crc(&segment));
}

static void the_keys_tell_what_can_be_in_it(void **state)
{
    (void)state;
    struct frame key;
    assert_true(segment_key(&drawn, 0, &key));
    assert_int_equal(key.bus, 1);
    assert_int_equal(key.can_id, 0x123);
    assert_int_equal(key.flags, 0);
    assert_int_equal(key.len, 2);
    assert_true(segment_key(&drawn, 1, &key));
    assert_int_equal(key.can_id, 0x1ABCDEF0);
    assert_int_equal(key.flags & FRAME_EXTENDED, FRAME_EXTENDED);
    assert_false(segment_key(&drawn, drawn.keys_bytes / 8, &key));
    static const uint8_t too_long[] = {1, FRAME_FD, 65, 0, 0, 0, 0, 4};
    const struct segment wrong = {.keys = too_long, .keys_bytes = sizeof(too_long)};
    assert_false(segment_key(&wrong, 0, &key));
}

/* What a reader says from `seq` on: its first record. */
static struct segment_record sought(uint64_t seq)
{
    struct segment_reader reader;
    struct segment_record r = {0};
    segment_reader_init(&reader, &drawn);
    segment_seek(&reader, seq);
    (void)segment_next(&reader, &r); /* also in r.kind */
    return r;
}

static void seeking_finds_a_record_by_its_seq(void **state)
{
    (void)state;
    assert_int_equal(sought(0).seq, 100);
    assert_int_equal(sought(101).ts_us, 1000005);
    assert_int_equal(sought(102).kind, SEGMENT_EVENT);
    assert_int_equal(sought(108).kind, SEGMENT_FRAME);
    assert_int_equal(sought(109).kind, SEGMENT_END);
    assert_int_equal(sought(UINT64_MAX).kind, SEGMENT_END);
}

static void seeking_into_a_void_cuts_it(void **state)
{
    (void)state;
    assert_int_equal(sought(103).count, 5);
    struct segment_record r = sought(106);
    assert_int_equal(r.kind, SEGMENT_VOID);
    assert_int_equal(r.seq, 106);
    assert_int_equal(r.count, 2);

    struct segment_reader reader;
    segment_reader_init(&reader, &drawn);
    segment_seek(&reader, 104);
    segment_seek(&reader, 107);
    segment_seek(&reader, 105); /* never back */
    assert_int_equal(segment_next(&reader, &r), SEGMENT_VOID);
    assert_int_equal(r.seq, 107);
    assert_int_equal(r.count, 1);
    assert_int_equal(segment_next(&reader, &r), SEGMENT_FRAME);
    assert_int_equal(r.seq, 108);
}

static void a_cut_void_does_not_shorten_the_next(void **state)
{
    (void)state;
    static const uint8_t voids[] = {
        0xFF, 0xF8, 0x00, 0x00, SEGMENT_VOID_RESTART, 0, 0, 0, 10, /**/
        0xFF, 0xF8, 0x00, 0x00, SEGMENT_VOID_STALLED, 0, 0, 0, 10,
    };
    struct segment segment = {
        .first_seq = 1, .count = 20, .records = voids, .records_bytes = sizeof(voids)};
    struct segment_reader reader;
    struct segment_record r;
    segment_reader_init(&reader, &segment);
    segment_seek(&reader, 4);
    assert_int_equal(segment_next(&reader, &r), SEGMENT_VOID);
    assert_int_equal(r.count, 7);
    assert_int_equal(segment_next(&reader, &r), SEGMENT_VOID);
    assert_int_equal(r.seq, 11);
    assert_int_equal(r.count, 10);
    assert_int_equal(segment_next(&reader, &r), SEGMENT_END);
}

static void a_corrupt_reader_stays_so_when_it_seeks(void **state)
{
    (void)state;
    struct segment cut = drawn;
    cut.records_bytes -= 1;
    struct segment_reader reader;
    struct segment_record r;
    segment_reader_init(&reader, &cut);
    segment_seek(&reader, 200);
    assert_int_equal(segment_next(&reader, &r), SEGMENT_CORRUPT);
    segment_seek(&reader, 300);
    assert_int_equal(segment_next(&reader, &r), SEGMENT_CORRUPT);
}

/* One byte of the drawn records or keys is different. */
static void assert_corrupt_with(bool in_keys, size_t at, uint8_t value)
{
    uint8_t changed_keys[sizeof(keys)];
    uint8_t changed_records[sizeof(records)];
    memcpy(changed_keys, keys, sizeof(keys));
    memcpy(changed_records, records, sizeof(records));
    uint8_t *byte = in_keys ? &changed_keys[at] : &changed_records[at];
    assert_int_not_equal(*byte, value);
    *byte = value;
    struct segment segment = drawn;
    segment.keys = changed_keys;
    segment.records = changed_records;
    assert_int_equal(read_anything(&segment), SEGMENT_CORRUPT);
}

static void contradictions_are_corrupt(void **state)
{
    (void)state;
    assert_corrupt_with(true, 2, 65);     /* more data than a frame has */
    assert_corrupt_with(true, 3, 1);      /* the byte that is 0 */
    assert_corrupt_with(true, 12, 0x20);  /* an id of 30 bits */
    assert_corrupt_with(false, 6, 0x80);  /* no such key */
    assert_corrupt_with(false, 14, 0xFF); /* an event beyond the limit */
    assert_corrupt_with(false, 19, 0xF0); /* a void with a time */
    assert_corrupt_with(false, 22, 0xFF); /* no such reason */
    assert_corrupt_with(false, 26, 0);    /* a void of nothing */
    assert_corrupt_with(false, 26, 6);    /* more seqs than `count` */
    assert_corrupt_with(false, 26, 4);    /* fewer */
}

/* Else the keys would not tell all that can be in the segment. */
static void a_key_that_is_none_is_corrupt_even_where_no_frame_has_it(void **state)
{
    (void)state;
    uint8_t more[sizeof(keys) + 8] = {0};
    memcpy(more, keys, sizeof(keys));
    struct segment segment = drawn;
    segment.keys = more;
    segment.keys_bytes = sizeof(more);
    assert_int_equal(read_anything(&segment), SEGMENT_END);
    more[sizeof(keys) + 2] = 65; /* bytes of data */
    assert_int_equal(read_anything(&segment), SEGMENT_CORRUPT);
}

static void sizes_that_cannot_be_are_corrupt(void **state)
{
    (void)state;
    struct segment odd = drawn;
    odd.keys_bytes -= 1;
    assert_int_equal(read_anything(&odd), SEGMENT_CORRUPT);
    struct segment wrapping = drawn;
    wrapping.first_seq = UINT64_MAX - 8;
    assert_int_equal(read_anything(&wrapping), SEGMENT_CORRUPT);
    wrapping.first_seq = UINT64_MAX - 9;
    assert_int_equal(read_anything(&wrapping), SEGMENT_END);
}

static void a_time_beyond_64_bits_is_corrupt(void **state)
{
    (void)state;
    struct segment late = drawn;
    late.base_us = INT64_MAX - 4;
    assert_int_equal(read_anything(&late), SEGMENT_CORRUPT);
    struct segment early = drawn;
    early.base_us = INT64_MIN + 999999;
    assert_int_equal(read_anything(&early), SEGMENT_CORRUPT);
}

/* Blobs of exactly their size on the heap, so that the sanitizer sees a step beyond. */
static struct segment heap_copy(const struct segment *from)
{
    struct segment copy = *from;
    uint8_t *copied_keys = malloc(from->keys_bytes);
    uint8_t *copied_records = malloc(from->records_bytes);
    assert_non_null(copied_keys);
    assert_non_null(copied_records);
    memcpy(copied_keys, from->keys, from->keys_bytes);
    memcpy(copied_records, from->records, from->records_bytes);
    copy.keys = copied_keys;
    copy.records = copied_records;
    return copy;
}

static void free_copy(const struct segment *copy)
{
    free((void *)copy->keys);
    free((void *)copy->records);
}

static struct segment_builder *random_builder(size_t count)
{
    struct segment_builder *builder = NULL;
    assert_int_equal(segment_builder_new(SEGMENT_RECORD_MAX_BYTES, &builder), 0);
    segment_builder_reset(builder, random_bits());
    int64_t ts_us = 1700000000000000;
    for (size_t i = 0; i < count; i++) {
        char text[SEGMENT_EVENT_MAX_BYTES];
        ts_us += random_step_us();
        struct segment_record record = random_record(ts_us, text);
        if (record.length < 100 && !append_record(builder, &record)) {
            break;
        }
    }
    return builder;
}

static void every_truncation_is_noticed(void **state)
{
    (void)state;
    srand(test_seed());
    struct segment_builder *builder = random_builder(100);
    struct segment whole = segment_builder_view(builder);
    assert_int_equal(read_anything(&whole), SEGMENT_END);
    for (size_t bytes = 0; bytes < whole.records_bytes; bytes++) {
        struct segment view = whole;
        view.records_bytes = bytes;
        struct segment cut = heap_copy(&view);
        assert_int_equal(read_anything(&cut), SEGMENT_CORRUPT);
        free_copy(&cut);
    }
    for (size_t bytes = 0; bytes < whole.keys_bytes; bytes++) {
        struct segment view = whole;
        view.keys_bytes = bytes;
        struct segment cut = heap_copy(&view);
        assert_int_equal(read_anything(&cut), SEGMENT_CORRUPT);
        free_copy(&cut);
    }
    segment_builder_free(builder);
}

/* Some mutations make another valid segment (data, stamps): the CRC is there for those. */
static void check_byte(struct segment *segment, uint8_t *byte, uint32_t crc)
{
    uint8_t good = *byte;
    for (unsigned bit = 0; bit < 8; bit++) {
        *byte = good ^ (uint8_t)(1u << bit);
        assert_int_not_equal(segment_crc(segment), crc);
        (void)read_anything(segment); /* its promises hold, or it fails */
    }
    for (int i = 0; i < 4; i++) {
        *byte = (uint8_t)rand();
        (void)read_anything(segment); /* likewise */
    }
    *byte = good;
}

static void every_mutation_stays_inside_and_changes_the_crc(void **state)
{
    (void)state;
    srand(test_seed());
    struct segment_builder *builder = random_builder(100);
    struct segment view = segment_builder_view(builder);
    struct segment segment = heap_copy(&view);
    uint32_t crc = segment_crc(&segment);
    for (size_t i = 0; i < segment.keys_bytes; i++) {
        check_byte(&segment, (uint8_t *)segment.keys + i, crc);
    }
    for (size_t i = 0; i < segment.records_bytes; i++) {
        check_byte(&segment, (uint8_t *)segment.records + i, crc);
    }
    assert_int_equal(segment_crc(&segment), crc);
    free_copy(&segment);
    segment_builder_free(builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_layout_is_as_drawn),
        cmocka_unit_test(a_moved_base_moves_every_stamp),
        cmocka_unit_test(an_empty_segment_ends_at_once),
        cmocka_unit_test(every_void_reason_has_a_text_that_is_read_back),
        cmocka_unit_test(the_crc_is_over_keys_records_and_numbers),
        cmocka_unit_test(the_keys_tell_what_can_be_in_it),
        cmocka_unit_test(seeking_finds_a_record_by_its_seq),
        cmocka_unit_test(seeking_into_a_void_cuts_it),
        cmocka_unit_test(a_cut_void_does_not_shorten_the_next),
        cmocka_unit_test(a_corrupt_reader_stays_so_when_it_seeks),
        cmocka_unit_test(contradictions_are_corrupt),
        cmocka_unit_test(a_key_that_is_none_is_corrupt_even_where_no_frame_has_it),
        cmocka_unit_test(sizes_that_cannot_be_are_corrupt),
        cmocka_unit_test(a_time_beyond_64_bits_is_corrupt),
        cmocka_unit_test(every_truncation_is_noticed),
        cmocka_unit_test(every_mutation_stays_inside_and_changes_the_crc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
