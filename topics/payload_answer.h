/*
 * The `data` of the answers to payload_query.h: members between payload_response_data_begin() and
 * _end(). The catalog's are in payload_catalog.h.
 *
 * An answer is as many chunks as it takes, each at most PAYLOAD_CHUNK_MAX_BYTES, each complete in
 * itself: a chunk that is full is ended and the next one begins with the same head. To fill one,
 * keep a copy of the writer, write the next element, and put the copy back if
 * json_writer_has_room(w, PAYLOAD_ANSWER_END_BYTES) says no.
 */
#ifndef EDGE_TOPICS_PAYLOAD_ANSWER_H
#define EDGE_TOPICS_PAYLOAD_ANSWER_H

#include "topics/json_writer.h"
#include "topics/payload_query.h"

#include <stdint.h>

/* Enough for whatever follows the last element of a chunk. */
#define PAYLOAD_ANSWER_END_BYTES 64

/* What the values were taken from. */
enum payload_source {
    PAYLOAD_SOURCE_FRAMES,  /* every one that was logged */
    PAYLOAD_SOURCE_MINUTES, /* roll-ups */
    PAYLOAD_SOURCE_HOURS,
    PAYLOAD_SOURCE_SUMMARY /* what thinning left */
};

/* "frames", "1m", "1h", "summary"; static. */
const char *payload_source_text(enum payload_source source);

/* What a chunk of history or statistics is about. */
struct payload_series {
    const struct payload_path *signal;
    const char *unit; /* NULL: none, left out */
    enum payload_source source;
    uint64_t damaged; /* pieces of the log that could not be read; 0 is left out */
};

/*
 * In steps: begin, each point in order of time, end. `count` values were in the whole span; where
 * that is more than all points, those which show its shape were chosen.
 *   "signal":"can0/Climate/Temperature","unit":"°C","source":"frames","count":36000,
 *   "points":[[1795423160.495983,21.5],...]
 */
void payload_history_begin(struct json_writer *w, const struct payload_series *series,
                           uint64_t count);
void payload_history_point(struct json_writer *w, int64_t ts_us, double value);
void payload_history_end(struct json_writer *w);

/* Without values (`count` 0), all but the time-weighted mean is written as null; so is that if it
 * is not finite. It can be there without values: the last one before held on. */
struct payload_bucket {
    int64_t ts_us; /* its start */
    uint64_t count;
    double min;
    double max;
    double mean;
    double last;
    double weighted_mean;
};

/*
 * In steps: begin, each bucket in order of time, end.
 *   "signal":"can0/Climate/Temperature","unit":"°C","source":"1m","bucket_s":3600,
 *   "buckets":[{"ts":1795420800,"count":36000,"min":20.5,"max":22,"mean":21.25,"last":21.5,
 *   "weighted_mean":21.25},...]
 */
void payload_statistics_begin(struct json_writer *w, const struct payload_series *series,
                              int64_t bucket_us);
void payload_statistics_bucket(struct json_writer *w, const struct payload_bucket *bucket);
void payload_statistics_end(struct json_writer *w);

/*
 * In steps: begin, each reading with its origin as in payload_reading.h, in order of seq, end.
 *   "readings":[{"bus":"can0","message":"Climate","ts":1795423160.495983,"seq":1234,"signals":{}}]
 */
void payload_messages_begin(struct json_writer *w);
/* `damaged` is that of payload_series; of this chunk. */
void payload_messages_end(struct json_writer *w, uint64_t damaged);

#endif
