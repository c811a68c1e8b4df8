/*
 * A segment: what one group commit of the frame log stores, as two blobs.
 *
 * Each seq from `first_seq` on has its place in it, in order: a frame, an event, or a void (the
 * content of this seq will never come, and why). So a segment covers its seqs without a hole, and
 * whoever reads all segments can account for every seq.
 *
 * Layout; numbers are big endian, so that SQL can read them too (hex(substr(...))):
 *
 *   keys     8 bytes each        | bus | flags | len |  0  |    arbitration id     |
 *   records  4 bytes of head     | key: 12 bits | µs after the previous record + 2^19: 20 bits |
 *            [8 bytes of time]   µs after `base_us`, signed; only if the 20 bits are all ones
 *            data                `len` bytes as the key says; none of a remote frame
 *
 * Two keys are no index into `keys`:
 *   0xFFE  an event: 2 bytes of length, then its JSON text
 *   0xFFF  a void: 1 byte of reason, 4 bytes of count; its 20 bits of time are 2^19 (no time)
 *
 * The stamps are relative to `base_us`: a log written before the clock was set is corrected by
 * moving its base. A classic frame of 8 bytes takes 12. Pure; reading never leaves the blobs,
 * whatever is in them.
 */
#ifndef EDGE_GATEWAY_FRAMELOG_SEGMENT_H
#define EDGE_GATEWAY_FRAMELOG_SEGMENT_H

#include "common/attributes.h"
#include "edge-gateway/can/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEGMENT_KEYS_MAX        4094 /* 0xFFE and 0xFFF mean something else */
#define SEGMENT_EVENT_MAX_BYTES 4096

enum segment_void {
    SEGMENT_VOID_RESTART,     /* reserved, never committed: the process ended first */
    SEGMENT_VOID_STALLED,     /* the disk did not keep up, and memory has a limit */
    SEGMENT_VOID_QUOTA_BYTES, /* dropped before it was acknowledged: the log is full */
    SEGMENT_VOID_QUOTA_AGE,   /* dropped before it was acknowledged: too old */
    SEGMENT_VOID_THINNED,     /* became part of a summary */
    SEGMENT_VOID_CORRUPT,     /* could not be read any more */
    SEGMENT_VOID_REFUSED,     /* the broker does not take it */
    SEGMENT_VOID_UNDECODABLE, /* no DBC names it any more */
    SEGMENT_VOID_COUNT
};

/* "restart", "stalled", "quota_bytes", ... */
const char *segment_void_text(enum segment_void reason);
/* The inverse. False, *ret untouched: no such reason; NULL is none. */
bool segment_void_from_text(const char *text, enum segment_void *ret);

/* A whole segment; the blobs are borrowed. */
struct segment {
    uint64_t first_seq;
    uint64_t count;  /* seqs covered; 0 = empty */
    int64_t base_us; /* wall clock that the stamps are relative to; 0 if there is none */
    int64_t from_us; /* earliest and latest stamp of a frame or event; if there is none, base_us or,
                        of a thinned segment, what they were */
    int64_t to_us;
    const uint8_t *keys;
    size_t keys_bytes;
    const uint8_t *records;
    size_t records_bytes;
};

/* CRC-32C (Castagnoli, RFC 3720 B.4) over the keys, the records, and four numbers of 8 bytes:
 * first_seq, count, from_us and to_us after base_us. SQLite does not check its pages: with this, a
 * segment under another seq or at another time is a damaged one. Moving all its times alike is not
 * damage: so a clock is corrected. */
uint32_t segment_crc(const struct segment *segment);

enum segment_kind {
    SEGMENT_FRAME,
    SEGMENT_EVENT,
    SEGMENT_VOID,
    SEGMENT_END,    /* all records were read, and they cover `count` seqs */
    SEGMENT_CORRUPT /* the blobs contradict themselves; sticky */
};

struct segment_record {
    enum segment_kind kind;
    uint64_t seq;             /* the first one of a void */
    int64_t ts_us;            /* not of a void */
    struct frame frame;       /* SEGMENT_FRAME; its `bus` as stored */
    const char *text;         /* SEGMENT_EVENT: borrowed from the blob, not NUL-terminated */
    size_t length;            /* of `text`, bytes */
    uint32_t count;           /* SEGMENT_VOID: seqs; otherwise 1 */
    enum segment_void reason; /* SEGMENT_VOID */
};

struct segment_reader {
    const struct segment *segment; /* borrowed */
    size_t at;                     /* byte in records */
    uint64_t seq;                  /* of the next record */
    int64_t ts_us;                 /* of the previous frame or event; at first base_us */
    uint32_t void_passed;          /* seqs of the void at `at` that a seek went beyond */
    bool corrupt;
};

void segment_reader_init(struct segment_reader *reader, const struct segment *segment);

/* The next record. Only the fields that its kind names are written. */
enum segment_kind segment_next(struct segment_reader *reader, struct segment_record *ret);

/* Passes records until `seq` is next (a void that holds it is cut to begin there). Never goes
 * back: a seq already passed changes nothing. One beyond the end passes all. */
void segment_seek(struct segment_reader *reader, uint64_t seq);

/* One of the keys: bus, flags, length and arbitration id that some of its frames have. So one sees
 * what can be in a segment without reading its records. False: no more keys, or this is none. */
EDGE_MUST_CHECK bool segment_key(const struct segment *segment, size_t index, struct frame *ret);
/* How many there should be. */
size_t segment_key_count(const struct segment *segment);

/* Cuts off what is not whole: the segment ends before the first record that contradicts the others,
 * and from_us and to_us are what its records say. For what a process left in memory when it died.
 * False: nothing is left. */
EDGE_MUST_CHECK bool segment_salvage(struct segment *segment);

#endif
