/*
 * Any bytes as a segment: every record that is read lies inside the blobs and covers seqs that the
 * segment has, and what reads to its end builds a segment that, read, builds itself.
 *
 * The input: 1 byte count of keys, 4 bytes count of seqs, 8 bytes each of first_seq and base_us,
 * the keys, the records.
 */
#include "common/be.h"
#include "edge-gateway/framelog/segment_builder.h"
#include "tests/fuzz/fuzz.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES 21

static bool segment_of(const uint8_t *data, size_t size, struct segment *ret)
{
    if (size < HEADER_BYTES || size - HEADER_BYTES < data[0] * (size_t)8) {
        return false;
    }
    *ret = (struct segment){
        .first_seq = be_get64(data + 5),
        .count = be_get32(data + 1),
        .base_us = (int64_t)be_get64(data + 13),
        .keys = data + HEADER_BYTES,
        .keys_bytes = data[0] * (size_t)8,
    };
    ret->records = ret->keys + ret->keys_bytes;
    ret->records_bytes = size - HEADER_BYTES - ret->keys_bytes;
    return true;
}

static bool has_key(const struct segment *segment, const struct frame *frame)
{
    struct frame key;
    for (size_t i = 0; segment_key(segment, i, &key); i++) {
        if (key.bus == frame->bus && key.can_id == frame->can_id && key.flags == frame->flags &&
            key.len == frame->len) {
            return true;
        }
    }
    return false;
}

static void check_record(const struct segment *segment, const struct segment_record *record)
{
    if (record->kind == SEGMENT_FRAME) {
        require(record->frame.len <= FRAME_DATA_MAX_BYTES);
        require(record->frame.can_id <= FRAME_ID_EXTENDED_MAX);
        require(has_key(segment, &record->frame));
    } else if (record->kind == SEGMENT_EVENT) {
        size_t at = (size_t)((const uint8_t *)record->text - segment->records);
        require(at <= segment->records_bytes && record->length <= segment->records_bytes - at);
    } else {
        require(record->kind == SEGMENT_VOID && record->reason < SEGMENT_VOID_COUNT);
    }
}

static bool append(struct segment_builder *builder, const struct segment_record *record)
{
    if (record->kind == SEGMENT_FRAME) {
        return segment_append_frame(builder, &record->frame);
    }
    if (record->kind == SEGMENT_EVENT) {
        return segment_append_event(builder, record->ts_us, record->text, record->length);
    }
    return segment_append_void(builder, record->count, record->reason);
}

/* Reads it all, into a builder unless that is NULL or full. */
static enum segment_kind read_all(const struct segment *segment, struct segment_builder *builder)
{
    struct segment_reader reader;
    struct segment_record record;
    segment_reader_init(&reader, segment);
    uint64_t covered = 0;
    for (;;) {
        enum segment_kind kind = segment_next(&reader, &record);
        if (kind == SEGMENT_END || kind == SEGMENT_CORRUPT) {
            require(kind == SEGMENT_CORRUPT || covered == segment->count);
            require(segment_next(&reader, &record) == kind);
            return kind;
        }
        require(record.seq == segment->first_seq + covered);
        require(record.count > 0 && record.count <= segment->count - covered);
        covered += record.count;
        check_record(segment, &record);
        if (builder != NULL && !append(builder, &record)) {
            builder = NULL;
        }
    }
}

static void check_seek(const struct segment *segment, uint64_t seq)
{
    struct segment_reader reader;
    struct segment_record record;
    segment_reader_init(&reader, segment);
    segment_seek(&reader, seq);
    enum segment_kind kind = segment_next(&reader, &record);
    if (kind == SEGMENT_END) {
        require(seq >= segment->first_seq + segment->count);
    } else if (kind != SEGMENT_CORRUPT) {
        require(record.seq == (seq > segment->first_seq ? seq : segment->first_seq));
        check_record(segment, &record);
    }
}

static struct segment_builder *new_builder(size_t size, uint64_t first_seq)
{
    struct segment_builder *builder = NULL;
    require(segment_builder_new(SEGMENT_RECORD_MAX_BYTES + size, &builder) == 0);
    segment_builder_reset(builder, first_seq);
    return builder;
}

static void check_builds_itself(const struct segment *built)
{
    struct segment_builder *builder = new_builder(built->records_bytes, built->first_seq);
    require(read_all(built, builder) == SEGMENT_END);
    struct segment again = segment_builder_view(builder);
    require(again.count == built->count && again.base_us == built->base_us);
    require(again.from_us == built->from_us && again.to_us == built->to_us);
    require(again.keys_bytes == built->keys_bytes);
    require(again.records_bytes == built->records_bytes);
    require(memcmp(again.keys, built->keys, built->keys_bytes) == 0);
    require(memcmp(again.records, built->records, built->records_bytes) == 0);
    segment_builder_free(builder);
}

/* What a dead process left: the whole part of it reads to its end. */
static void check_salvage(const struct segment *segment)
{
    struct segment whole = *segment;
    if (segment_salvage(&whole)) {
        require(whole.count > 0 && whole.count <= segment->count);
        require(whole.records_bytes <= segment->records_bytes);
        require(whole.from_us <= whole.to_us);
        require(read_all(&whole, NULL) == SEGMENT_END);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct segment segment;
    if (!segment_of(data, size, &segment)) {
        return 0;
    }
    check_seek(&segment, segment.first_seq + segment.count / 2);
    check_salvage(&segment);
    struct segment_builder *builder = new_builder(size, segment.first_seq);
    if (read_all(&segment, builder) == SEGMENT_END) {
        struct segment built = segment_builder_view(builder);
        check_builds_itself(&built); /* also when it refused a time far from its base */
    }
    segment_builder_free(builder);
    return 0;
}
