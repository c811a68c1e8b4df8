/* Random segments, and reading one while holding the reader to its promises. */
#ifndef EDGE_TESTS_UNIT_SEGMENT_HELP_H
#define EDGE_TESTS_UNIT_SEGMENT_HELP_H

#include "edge-gateway/framelog/segment_builder.h"
#include "tests/unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static inline uint64_t random_bits(void)
{
    return (uint64_t)rand() << 42 ^ (uint64_t)rand() << 21 ^ (uint64_t)rand();
}

static inline int64_t random_step_us(void)
{
    switch (rand() % 16) {
    case 0: /* a held frame */
        return -(int64_t)(random_bits() % 86400000000);
    case 1: /* the clock was set */
        return (int64_t)(random_bits() % 2000000000000000) - 1000000000000000;
    case 2: /* about as far as 20 bits go */
        return (1 << 19) - 4 + rand() % 8;
    case 3:
        return -(1 << 19) - 4 + rand() % 8;
    default:
        return rand() % 2000;
    }
}

/* Every kind of frame; few keys, so that they repeat. */
static inline struct frame random_frame(int64_t ts_us)
{
    static const uint8_t flags[] = {
        0,
        FRAME_EXTENDED,
        FRAME_EXTENDED | FRAME_TX,
        FRAME_REMOTE,
        FRAME_ERROR,
        FRAME_FD | FRAME_BRS | FRAME_EXTENDED,
        FRAME_FD | FRAME_ESI,
    };
    struct frame frame = {.ts_us = ts_us, .bus = (uint8_t)(rand() % 3)};
    frame.flags = flags[(size_t)rand() % sizeof(flags)];
    frame.can_id = (uint32_t)(rand() % 10);
    frame.can_id *= (frame.flags & FRAME_EXTENDED) != 0 ? FRAME_ID_EXTENDED_MAX / 9 : 0x7FF / 9;
    frame.len = (uint8_t)(rand() % ((frame.flags & FRAME_FD) != 0 ? 65 : 9));
    for (size_t i = 0; i < sizeof(frame.data); i++) {
        frame.data[i] = (uint8_t)rand();
    }
    return frame;
}

/* Appends what `record` says, as the record of the next seq. */
static inline bool append_record(struct segment_builder *builder,
                                 const struct segment_record *record)
{
    if (record->kind == SEGMENT_FRAME) {
        return segment_append_frame(builder, &record->frame);
    }
    if (record->kind == SEGMENT_EVENT) {
        return segment_append_event(builder, record->ts_us, record->text, record->length);
    }
    return segment_append_void(builder, record->count, record->reason);
}

/* A record without seq; `text` has SEGMENT_EVENT_MAX_BYTES, and an event borrows it. */
static inline struct segment_record random_record(int64_t ts_us, char *text)
{
    struct segment_record record = {.kind = SEGMENT_FRAME, .ts_us = ts_us, .count = 1};
    switch (rand() % 8) {
    case 0:
        record.kind = SEGMENT_EVENT;
        record.text = text;
        record.length = (size_t)(rand() % (rand() % 10 == 0 ? SEGMENT_EVENT_MAX_BYTES + 1 : 40));
        memset(text, 'a' + rand() % 26, record.length);
        break;
    case 1:
        record.kind = SEGMENT_VOID;
        record.count = 1u + (uint32_t)(rand() % (rand() % 4 == 0 ? 1000000 : 3));
        record.reason = (enum segment_void)(rand() % SEGMENT_VOID_COUNT);
        break;
    default:
        record.frame = random_frame(ts_us);
        break;
    }
    return record;
}

static inline void assert_frame_equal(const struct frame *a, const struct frame *b)
{
    assert_int_equal(a->ts_us, b->ts_us);
    assert_int_equal(a->can_id, b->can_id);
    assert_int_equal(a->flags, b->flags);
    assert_int_equal(a->len, b->len);
    assert_int_equal(a->bus, b->bus);
    if ((a->flags & FRAME_REMOTE) == 0) {
        assert_memory_equal(a->data, b->data, a->len);
    }
}

static inline void assert_text_is_inside(const struct segment *s, const char *text, size_t length)
{
    size_t at = (size_t)((const uint8_t *)text - s->records);
    assert_true(at <= s->records_bytes && length <= s->records_bytes - at);
}

/* Reads to the end, whatever is in it, and returns how it ended. */
static inline enum segment_kind read_anything(const struct segment *segment)
{
    struct segment_reader reader;
    segment_reader_init(&reader, segment);
    uint64_t covered = 0;
    struct segment_record record;
    for (size_t i = 0; i <= segment->records_bytes; i++) { /* a record has a byte at least */
        enum segment_kind kind = segment_next(&reader, &record);
        assert_int_equal(record.kind, kind);
        if (kind == SEGMENT_CORRUPT || kind == SEGMENT_END) {
            assert_true(kind == SEGMENT_CORRUPT || covered == segment->count);
            assert_int_equal(segment_next(&reader, &record), kind); /* sticky */
            return kind;
        }
        assert_int_equal(record.seq, segment->first_seq + covered);
        assert_true(record.count > 0 && record.count <= segment->count - covered);
        covered += record.count;
        if (kind == SEGMENT_FRAME) {
            assert_true(record.frame.len <= FRAME_DATA_MAX_BYTES);
            assert_true(record.frame.can_id <= FRAME_ID_EXTENDED_MAX);
        } else if (kind == SEGMENT_EVENT) {
            assert_text_is_inside(segment, record.text, record.length);
        } else {
            assert_true(record.reason < SEGMENT_VOID_COUNT);
        }
    }
    fail_msg("the reader does not end");
    return SEGMENT_CORRUPT;
}

#endif
