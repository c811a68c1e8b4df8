/*
 * A reading: one message's signals at one time. Also the payload of the backfill lane.
 *
 *   {"ts":1795423160.495983,"seq":1234,"signals":{"Temperature":21.5,"Pump":"Running"},
 *    "q":{"Temperature":"out_of_range"}}
 *
 * Written in steps: begin, each signal, then quality_begin and each signal that is not good (leave
 * these out if all are good), end. Whether it fitted is told by json_writer_finish().
 */
#ifndef EDGE_TOPICS_PAYLOAD_READING_H
#define EDGE_TOPICS_PAYLOAD_READING_H

#include "topics/attributes.h"
#include "topics/json_writer.h"
#include "topics/payload_value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum reading_quality {
    READING_GOOD,
    READING_STALE,        /* the message did not come for longer than its stale time */
    READING_OUT_OF_RANGE, /* outside the range that the DBC states */
    READING_NOT_AVAILABLE /* the sender says that it has no value; the signal is null */
};

/* "good", "stale", "out_of_range", "not_available"; static. */
const char *reading_quality_text(enum reading_quality quality);

/* False: none of the words. */
TOPICS_MUST_CHECK bool reading_quality_from_text(const char *text, enum reading_quality *ret);

/* Whose reading it is, by its ids as in topics. */
struct payload_origin {
    const char *bus;
    const char *message;
};

/* `origin` is NULL where the topic says it; it leads in the answer to a `messages` request:
 * {"bus":"can0","message":"Climate","ts":...}. `seq` 0: not a logged reading, left out. */
void payload_reading_begin(struct json_writer *w, const struct payload_origin *origin,
                           int64_t ts_us, uint64_t seq);

/* `decimal` as in json_number_text(). */
void payload_reading_number(struct json_writer *w, const char *name, const char *decimal,
                            size_t length);
void payload_reading_label(struct json_writer *w, const char *name, const char *label);
void payload_reading_null(struct json_writer *w, const char *name);
void payload_reading_quality_begin(struct json_writer *w);

/* READING_GOOD writes nothing. */
void payload_reading_quality(struct json_writer *w, const char *name, enum reading_quality quality);
void payload_reading_end(struct json_writer *w);

struct payload_reading_signal {
    const char *name;
    struct payload_value value; /* null, number or text */
    enum reading_quality quality;
};

struct payload_reading {
    int64_t ts_us;
    uint64_t seq; /* 0: none */
    size_t count;
    struct payload_reading_signal *signals; /* in the order of the text */
    void *document;                         /* owns every text here; private */
};

/* 0 and a reading for payload_reading_free(); -EINVAL, -EMSGSIZE (PAYLOAD_READING_MAX_BYTES) or
 * -ENOMEM with the reason. */
TOPICS_MUST_CHECK int payload_reading_decode(const char *text, size_t length,
                                             struct payload_reading **ret,
                                             struct payload_error *reterr);
void payload_reading_free(struct payload_reading *reading);

/* NULL: no such signal. */
const struct payload_reading_signal *payload_reading_find(const struct payload_reading *reading,
                                                          const char *name);

#endif
