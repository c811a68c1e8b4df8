#include "edge-gateway/framelog/segment_builder.h"

#include "common/be.h"
#include "edge-gateway/framelog/segment_layout.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_BITS 13 /* of the keys' hash table: at most half full */
#define SLOTS     (1u << SLOT_BITS)
#define NO_VOID   SIZE_MAX

_Static_assert(SEGMENT_KEYS_MAX <= SLOTS / 2, "a probe ends soon");
_Static_assert(SEGMENT_EVENT_MAX_BYTES <= UINT16_MAX, "a length of two bytes");

struct segment_builder {
    uint64_t first_seq;
    uint64_t count;
    bool stamped; /* there is a frame or event: the times below mean something */
    int64_t base_us;
    int64_t from_us;
    int64_t to_us;
    int64_t last_us;  /* of the last frame or event */
    size_t last_void; /* where the last record begins if it is a void, else NO_VOID */
    size_t keys_count;
    size_t records_bytes;
    size_t records_max;
    uint16_t slots[SLOTS]; /* index of the key + 1; 0 = free */
    uint8_t keys[SEGMENT_KEYS_MAX * SEGMENT_KEY_BYTES];
    uint8_t records[];
};

/* The time of a record as it is stored. */
struct stamp {
    int64_t ts_us;
    uint32_t delta;
    int64_t offset_us; /* after base_us; stored if `delta` is the escape */
};

size_t segment_builder_size(size_t records_bytes)
{
    bool is_valid = records_bytes >= SEGMENT_RECORD_MAX_BYTES &&
                    records_bytes <= PTRDIFF_MAX - sizeof(struct segment_builder);
    return is_valid ? sizeof(struct segment_builder) + records_bytes : 0;
}

struct segment_builder *segment_builder_place(void *memory, size_t records_bytes)
{
    struct segment_builder *builder = memory;
    builder->records_max = records_bytes;
    segment_builder_reset(builder, 1);
    return builder;
}

int segment_builder_new(size_t records_bytes, struct segment_builder **ret)
{
    size_t size = segment_builder_size(records_bytes);
    if (size == 0) {
        return -EINVAL;
    }
    void *memory = malloc(size);
    if (memory == NULL) {
        return -ENOMEM;
    }
    *ret = segment_builder_place(memory, records_bytes);
    return 0;
}

void segment_builder_free(struct segment_builder *builder)
{
    free(builder);
}

void segment_builder_reset(struct segment_builder *builder, uint64_t first_seq)
{
    builder->count = 0;
    __atomic_signal_fence(__ATOMIC_SEQ_CST); /* before anything that it counts is overwritten */
    builder->first_seq = first_seq;
    builder->stamped = false;
    builder->base_us = 0;
    builder->from_us = 0;
    builder->to_us = 0;
    builder->last_us = 0;
    builder->last_void = NO_VOID;
    builder->keys_count = 0;
    builder->records_bytes = 0;
    memset(builder->slots, 0, sizeof(builder->slots));
}

/* Last of all, so that memory which outlives the process never counts what is not there whole; a
 * process dies between two instructions, so keeping the compiler's order is enough. */
static void count_in(struct segment_builder *builder, uint32_t seqs)
{
    __atomic_signal_fence(__ATOMIC_RELEASE);
    builder->count += seqs;
}

/* Room for so many more bytes and seqs. */
static bool has_room(const struct segment_builder *builder, size_t bytes, uint32_t seqs)
{
    return bytes <= builder->records_max - builder->records_bytes &&
           seqs <= UINT64_MAX - builder->first_seq - builder->count;
}

/* False: it cannot be said in 64 bits. */
static bool make_stamp(const struct segment_builder *builder, int64_t ts_us, struct stamp *ret)
{
    ret->ts_us = ts_us;
    ret->delta = SEGMENT_DELTA_ZERO;
    ret->offset_us = 0;
    if (!builder->stamped) {
        return true;
    }
    int64_t step_us;
    if (!__builtin_sub_overflow(ts_us, builder->last_us, &step_us) &&
        step_us >= -(int64_t)SEGMENT_DELTA_ZERO &&
        step_us < (int64_t)SEGMENT_DELTA_ESCAPE - SEGMENT_DELTA_ZERO) {
        ret->delta = (uint32_t)(step_us + SEGMENT_DELTA_ZERO);
        return true;
    }
    ret->delta = SEGMENT_DELTA_ESCAPE;
    return !__builtin_sub_overflow(ts_us, builder->base_us, &ret->offset_us);
}

static size_t stamp_bytes(const struct stamp *stamp)
{
    return stamp->delta == SEGMENT_DELTA_ESCAPE ? SEGMENT_TIME_BYTES : 0;
}

static void put_head(struct segment_builder *builder, uint32_t key, uint32_t delta)
{
    be_put32(builder->records + builder->records_bytes, key << SEGMENT_DELTA_BITS | delta);
    builder->records_bytes += SEGMENT_HEAD_BYTES;
}

static void put_bytes(struct segment_builder *builder, const void *bytes, size_t length)
{
    memcpy(builder->records + builder->records_bytes, bytes, length);
    builder->records_bytes += length;
}

static void put_stamped_head(struct segment_builder *builder, uint32_t key,
                             const struct stamp *stamp)
{
    put_head(builder, key, stamp->delta);
    if (stamp->delta == SEGMENT_DELTA_ESCAPE) {
        be_put64(builder->records + builder->records_bytes, (uint64_t)stamp->offset_us);
        builder->records_bytes += SEGMENT_TIME_BYTES;
    }
    int64_t ts_us = stamp->ts_us;
    if (!builder->stamped) {
        builder->base_us = ts_us;
        builder->from_us = ts_us;
        builder->to_us = ts_us;
        builder->stamped = true;
    }
    builder->from_us = ts_us < builder->from_us ? ts_us : builder->from_us;
    builder->to_us = ts_us > builder->to_us ? ts_us : builder->to_us;
    builder->last_us = ts_us;
    builder->last_void = NO_VOID;
}

static uint64_t key_of(const struct frame *frame)
{
    return (uint64_t)frame->bus << 56 | (uint64_t)frame->flags << 48 | (uint64_t)frame->len << 40 |
           frame->can_id;
}

/* The slot of the key, or the free one where it would go. */
static uint16_t *find_slot(struct segment_builder *builder, uint64_t key)
{
    /* Fibonacci hashing: the upper bits of the product depend on all of the key. */
    size_t at = (size_t)(key * 0x9E3779B97F4A7C15u >> (64 - SLOT_BITS));
    while (builder->slots[at] != 0 &&
           be_get64(builder->keys + (builder->slots[at] - 1u) * SEGMENT_KEY_BYTES) != key) {
        at = (at + 1) % SLOTS;
    }
    return &builder->slots[at];
}

bool segment_append_frame(struct segment_builder *builder, const struct frame *frame)
{
    assert(frame->len <= FRAME_DATA_MAX_BYTES && frame->can_id <= FRAME_ID_EXTENDED_MAX);
    struct stamp stamp;
    size_t length = segment_data_bytes(frame->flags, frame->len);
    if (!make_stamp(builder, frame->ts_us, &stamp) ||
        !has_room(builder, SEGMENT_HEAD_BYTES + stamp_bytes(&stamp) + length, 1)) {
        return false;
    }
    uint64_t key = key_of(frame);
    uint16_t *slot = find_slot(builder, key);
    if (*slot == 0) {
        if (builder->keys_count == SEGMENT_KEYS_MAX) {
            return false;
        }
        be_put64(builder->keys + builder->keys_count * SEGMENT_KEY_BYTES, key);
        builder->keys_count++;
        *slot = (uint16_t)builder->keys_count;
    }
    put_stamped_head(builder, *slot - 1u, &stamp);
    put_bytes(builder, frame->data, length);
    count_in(builder, 1);
    return true;
}

bool segment_append_event(struct segment_builder *builder, int64_t ts_us, const char *text,
                          size_t length)
{
    assert(length <= SEGMENT_EVENT_MAX_BYTES);
    struct stamp stamp;
    if (!make_stamp(builder, ts_us, &stamp) ||
        !has_room(builder,
                  SEGMENT_HEAD_BYTES + stamp_bytes(&stamp) + SEGMENT_EVENT_LENGTH_BYTES + length,
                  1)) {
        return false;
    }
    put_stamped_head(builder, SEGMENT_KEY_EVENT, &stamp);
    be_put16(builder->records + builder->records_bytes, (uint16_t)length);
    builder->records_bytes += SEGMENT_EVENT_LENGTH_BYTES;
    put_bytes(builder, text, length);
    count_in(builder, 1);
    return true;
}

/* Adds to the void that is the last record, if there is one that can take it. */
static bool join_void(struct segment_builder *builder, uint32_t count, enum segment_void reason)
{
    if (builder->last_void == NO_VOID || !has_room(builder, 0, count)) {
        return false;
    }
    uint8_t *body = builder->records + builder->last_void + SEGMENT_HEAD_BYTES;
    uint32_t before = be_get32(body + 1);
    if (body[0] != reason || count > UINT32_MAX - before) {
        return false;
    }
    be_put32(body + 1, before + count);
    count_in(builder, count);
    return true;
}

bool segment_append_void(struct segment_builder *builder, uint32_t count, enum segment_void reason)
{
    assert(count > 0 && reason < SEGMENT_VOID_COUNT);
    if (join_void(builder, count, reason)) {
        return true;
    }
    if (!has_room(builder, SEGMENT_HEAD_BYTES + SEGMENT_VOID_BYTES, count)) {
        return false;
    }
    builder->last_void = builder->records_bytes;
    put_head(builder, SEGMENT_KEY_VOID, SEGMENT_DELTA_ZERO);
    uint8_t *body = builder->records + builder->records_bytes;
    body[0] = (uint8_t)reason;
    be_put32(body + 1, count);
    builder->records_bytes += SEGMENT_VOID_BYTES;
    count_in(builder, count);
    return true;
}

struct segment segment_builder_view(const struct segment_builder *builder)
{
    return (struct segment){
        .first_seq = builder->first_seq,
        .count = builder->count,
        .base_us = builder->base_us,
        .from_us = builder->from_us,
        .to_us = builder->to_us,
        .keys = builder->keys,
        .keys_bytes = builder->keys_count * SEGMENT_KEY_BYTES,
        .records = builder->records,
        .records_bytes = builder->records_bytes,
    };
}

bool segment_builder_remains(const void *memory, size_t records_bytes, struct segment *ret)
{
    const struct segment_builder *builder = memory;
    if (builder->records_max != records_bytes || builder->records_bytes > records_bytes ||
        builder->keys_count > SEGMENT_KEYS_MAX) {
        return false;
    }
    struct segment segment = segment_builder_view(builder);
    if (!segment_salvage(&segment)) {
        return false;
    }
    *ret = segment;
    return true;
}
