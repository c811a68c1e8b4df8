/*
 * Fills a segment, record after record, in buffers of its own: one is being filled while others are
 * on their way to the disk. Pure.
 */
#ifndef EDGE_GATEWAY_FRAMELOG_SEGMENT_BUILDER_H
#define EDGE_GATEWAY_FRAMELOG_SEGMENT_BUILDER_H

#include "common/attributes.h"
#include "edge-gateway/can/frame.h"
#include "edge-gateway/framelog/segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most that one record can add: head, time, length, an event's text. */
#define SEGMENT_RECORD_MAX_BYTES (4 + 8 + 2 + SEGMENT_EVENT_MAX_BYTES)

struct segment_builder;

/* Room for `records_bytes` (at least SEGMENT_RECORD_MAX_BYTES). 0, -EINVAL or -ENOMEM. Nothing is
 * allocated afterwards. */
EDGE_MUST_CHECK int segment_builder_new(size_t records_bytes, struct segment_builder **ret);
void segment_builder_free(struct segment_builder *builder);

/* The same in memory of the caller, of segment_builder_size() bytes and aligned as malloc() does; 0
 * if `records_bytes` is not valid. Not to be freed. */
size_t segment_builder_size(size_t records_bytes);
struct segment_builder *segment_builder_place(void *memory, size_t records_bytes);

/* What such memory holds when its process has died while it was filled: all records that were
 * appended, however far the last one had come. False: none, or these bytes are no builder of that
 * size. The segment borrows the memory. */
EDGE_MUST_CHECK bool segment_builder_remains(const void *memory, size_t records_bytes,
                                             struct segment *ret);

/* Empties it; the next record is `first_seq`. */
void segment_builder_reset(struct segment_builder *builder, uint64_t first_seq);

/* Each appends the record of the next seq. False: no room, nothing changed; begin a new segment.
 * "No room" is also a stamp too far from the segment's first one for 64 bits of µs, and a seq
 * beyond UINT64_MAX, which no segment takes. Asserted: a frame's limits (can/frame.h), an event of
 * at most SEGMENT_EVENT_MAX_BYTES, a void of at least one seq. `frame.bus` is stored as it is: the
 * log's id of the bus. An event is UTF-8 JSON. A void stands for `count` seqs and joins one before
 * it of the same reason. */
EDGE_MUST_CHECK bool segment_append_frame(struct segment_builder *builder,
                                          const struct frame *frame);
EDGE_MUST_CHECK bool segment_append_event(struct segment_builder *builder, int64_t ts_us,
                                          const char *text, size_t length);
EDGE_MUST_CHECK bool segment_append_void(struct segment_builder *builder, uint32_t count,
                                         enum segment_void reason);

/* What was built; valid until the builder changes. */
struct segment segment_builder_view(const struct segment_builder *builder);

#endif
