#include "edge-gateway/framelog/segment.h"

#include "common/be.h"
#include "edge-gateway/framelog/crc32c.h"
#include "edge-gateway/framelog/segment_layout.h"

#include <string.h>

/* One record as it lies in the blob. */
struct raw {
    enum segment_kind kind;
    struct frame key; /* SEGMENT_FRAME: without time and data */
    const uint8_t *bytes;
    size_t length;
    uint32_t count; /* seqs covered */
    enum segment_void reason;
};

static const char *const void_texts[] = {
    [SEGMENT_VOID_RESTART] = "restart",         [SEGMENT_VOID_STALLED] = "stalled",
    [SEGMENT_VOID_QUOTA_BYTES] = "quota_bytes", [SEGMENT_VOID_QUOTA_AGE] = "quota_age",
    [SEGMENT_VOID_THINNED] = "thinned",         [SEGMENT_VOID_CORRUPT] = "corrupt",
    [SEGMENT_VOID_REFUSED] = "refused",         [SEGMENT_VOID_UNDECODABLE] = "undecodable",
};
_Static_assert(sizeof(void_texts) / sizeof(void_texts[0]) == SEGMENT_VOID_COUNT,
               "a text for each reason");

const char *segment_void_text(enum segment_void reason)
{
    return void_texts[reason];
}

bool segment_void_from_text(const char *text, enum segment_void *ret)
{
    for (int i = 0; text != NULL && i < SEGMENT_VOID_COUNT; i++) {
        if (strcmp(void_texts[i], text) == 0) {
            *ret = (enum segment_void)i;
            return true;
        }
    }
    return false;
}

uint32_t segment_crc(const struct segment *segment)
{
    uint64_t base_us = (uint64_t)segment->base_us; /* unsigned: damaged times may overflow */
    const uint64_t numbers[] = {segment->first_seq, segment->count,
                                (uint64_t)segment->from_us - base_us,
                                (uint64_t)segment->to_us - base_us};
    uint8_t bytes[sizeof(numbers)];
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        be_put64(bytes + 8 * i, numbers[i]);
    }
    uint32_t crc = crc32c(0, segment->keys, segment->keys_bytes);
    crc = crc32c(crc, segment->records, segment->records_bytes);
    return crc32c(crc, bytes, sizeof(bytes));
}

/* False: these bytes are no key. */
static bool key_decode(const uint8_t *bytes, struct frame *ret)
{
    ret->bus = bytes[0];
    ret->flags = bytes[1];
    ret->len = bytes[2];
    ret->can_id = be_get32(bytes + 4);
    return ret->len <= FRAME_DATA_MAX_BYTES && bytes[3] == 0 &&
           ret->can_id <= FRAME_ID_EXTENDED_MAX;
}

bool segment_key(const struct segment *segment, size_t index, struct frame *ret)
{
    return index < segment->keys_bytes / SEGMENT_KEY_BYTES &&
           key_decode(segment->keys + index * SEGMENT_KEY_BYTES, ret);
}

size_t segment_key_count(const struct segment *segment)
{
    return (segment->keys_bytes + SEGMENT_KEY_BYTES - 1) / SEGMENT_KEY_BYTES;
}

static bool keys_are_sound(const struct segment *segment)
{
    size_t count = segment_key_count(segment);
    if (count > SEGMENT_KEYS_MAX) {
        return false;
    }
    struct frame key;
    size_t sound = 0;
    while (segment_key(segment, sound, &key)) {
        sound++;
    }
    return sound == count;
}

void segment_reader_init(struct segment_reader *reader, const struct segment *segment)
{
    bool sound = segment->count <= UINT64_MAX - segment->first_seq && keys_are_sound(segment);
    *reader = (struct segment_reader){
        .segment = segment,
        .seq = segment->first_seq,
        .ts_us = segment->base_us,
        .corrupt = !sound,
    };
}

/* The next bytes of the records, or NULL. */
static const uint8_t *take(struct segment_reader *reader, size_t length)
{
    if (length > reader->segment->records_bytes - reader->at) {
        return NULL;
    }
    const uint8_t *bytes = reader->segment->records + reader->at;
    reader->at += length;
    return bytes;
}

static uint64_t open_seqs(const struct segment_reader *reader)
{
    return reader->segment->count - (reader->seq - reader->segment->first_seq);
}

/* Each of these is false when the blobs contradict themselves. */
static bool scan_time(struct segment_reader *reader, uint32_t delta)
{
    if (delta != SEGMENT_DELTA_ESCAPE) {
        int64_t step_us = (int64_t)delta - SEGMENT_DELTA_ZERO;
        return !__builtin_add_overflow(reader->ts_us, step_us, &reader->ts_us);
    }
    const uint8_t *bytes = take(reader, SEGMENT_TIME_BYTES);
    return bytes != NULL && !__builtin_add_overflow(reader->segment->base_us,
                                                    (int64_t)be_get64(bytes), &reader->ts_us);
}

static bool scan_void(struct segment_reader *reader, uint32_t delta, struct raw *ret)
{
    const uint8_t *bytes = take(reader, SEGMENT_VOID_BYTES);
    if (bytes == NULL || delta != SEGMENT_DELTA_ZERO || bytes[0] >= SEGMENT_VOID_COUNT) {
        return false;
    }
    uint32_t count = be_get32(bytes + 1);
    if (count <= reader->void_passed) {
        return false;
    }
    ret->kind = SEGMENT_VOID;
    ret->reason = (enum segment_void)bytes[0];
    ret->count = count - reader->void_passed;
    reader->void_passed = 0;
    return true;
}

static bool scan_event(struct segment_reader *reader, uint32_t delta, struct raw *ret)
{
    if (!scan_time(reader, delta)) {
        return false;
    }
    const uint8_t *length = take(reader, SEGMENT_EVENT_LENGTH_BYTES);
    if (length == NULL || be_get16(length) > SEGMENT_EVENT_MAX_BYTES) {
        return false;
    }
    ret->kind = SEGMENT_EVENT;
    ret->length = be_get16(length);
    ret->bytes = take(reader, ret->length);
    return ret->bytes != NULL;
}

static bool scan_frame(struct segment_reader *reader, uint32_t key, uint32_t delta, struct raw *ret)
{
    if (!segment_key(reader->segment, key, &ret->key) || !scan_time(reader, delta)) {
        return false;
    }
    ret->kind = SEGMENT_FRAME;
    ret->length = segment_data_bytes(ret->key.flags, ret->key.len);
    ret->bytes = take(reader, ret->length);
    return ret->bytes != NULL;
}

static bool scan_record(struct segment_reader *reader, struct raw *ret)
{
    const uint8_t *head = take(reader, SEGMENT_HEAD_BYTES);
    if (head == NULL) {
        return false;
    }
    uint32_t key = be_get32(head) >> SEGMENT_DELTA_BITS;
    uint32_t delta = be_get32(head) & SEGMENT_DELTA_ESCAPE;
    ret->count = 1;
    if (key == SEGMENT_KEY_VOID) {
        return scan_void(reader, delta, ret);
    }
    return key == SEGMENT_KEY_EVENT ? scan_event(reader, delta, ret)
                                    : scan_frame(reader, key, delta, ret);
}

/* Passes one record. */
static enum segment_kind scan(struct segment_reader *reader, struct raw *ret)
{
    if (!reader->corrupt && reader->at == reader->segment->records_bytes &&
        open_seqs(reader) == 0) {
        return SEGMENT_END;
    }
    if (reader->corrupt || !scan_record(reader, ret) || ret->count > open_seqs(reader)) {
        reader->corrupt = true;
        return SEGMENT_CORRUPT;
    }
    reader->seq += ret->count;
    return ret->kind;
}

enum segment_kind segment_next(struct segment_reader *reader, struct segment_record *ret)
{
    struct raw raw;
    uint64_t seq = reader->seq;
    ret->kind = scan(reader, &raw);
    if (ret->kind == SEGMENT_END || ret->kind == SEGMENT_CORRUPT) {
        return ret->kind;
    }
    ret->seq = seq;
    ret->count = raw.count;
    if (ret->kind == SEGMENT_VOID) {
        ret->reason = raw.reason;
        return ret->kind;
    }
    ret->ts_us = reader->ts_us;
    if (ret->kind == SEGMENT_EVENT) {
        ret->text = (const char *)raw.bytes;
        ret->length = raw.length;
        return ret->kind;
    }
    ret->frame.ts_us = reader->ts_us;
    ret->frame.can_id = raw.key.can_id;
    ret->frame.flags = raw.key.flags;
    ret->frame.len = raw.key.len;
    ret->frame.bus = raw.key.bus;
    memcpy(ret->frame.data, raw.bytes, raw.length);
    return ret->kind;
}

void segment_seek(struct segment_reader *reader, uint64_t seq)
{
    while (reader->seq < seq) {
        struct segment_reader before = *reader;
        struct raw raw;
        enum segment_kind kind = scan(reader, &raw);
        if (kind == SEGMENT_END || kind == SEGMENT_CORRUPT) {
            return;
        }
        if (reader->seq > seq) { /* only a void covers more than one */
            *reader = before;
            reader->void_passed += (uint32_t)(seq - before.seq);
            reader->seq = seq;
        }
    }
}

static void widen(struct segment *segment, int64_t ts_us, bool is_first)
{
    segment->from_us = is_first || ts_us < segment->from_us ? ts_us : segment->from_us;
    segment->to_us = is_first || ts_us > segment->to_us ? ts_us : segment->to_us;
}

bool segment_salvage(struct segment *segment)
{
    struct segment_reader reader;
    struct segment_record record;
    struct segment whole = *segment;
    bool is_stamped = false;
    whole.count = 0;
    whole.records_bytes = 0;
    whole.from_us = whole.base_us;
    whole.to_us = whole.base_us;
    segment_reader_init(&reader, segment);
    while (open_seqs(&reader) > 0 && segment_next(&reader, &record) != SEGMENT_CORRUPT) {
        if (record.kind != SEGMENT_VOID) {
            widen(&whole, record.ts_us, !is_stamped);
            is_stamped = true;
        }
        whole.count = reader.seq - whole.first_seq;
        whole.records_bytes = reader.at;
    }
    *segment = whole;
    return whole.count > 0;
}
