/*
 * The backfill lane beside its readings and events: seqs that will not come, what thinning left of
 * a message, and how far a sink has stored everything. docs/requests.md explains the lane.
 *
 * A reading goes as in payload_reading.h. A batch is an array of at most PAYLOAD_BATCH_MAX of them
 * in order of seq, each with its origin: '[', readings with ',' between them, ']'.
 */
#ifndef EDGE_TOPICS_PAYLOAD_BACKFILL_H
#define EDGE_TOPICS_PAYLOAD_BACKFILL_H

#include "topics/attributes.h"
#include "topics/json_writer.h"
#include "topics/payload_value.h"

#include <stddef.h>
#include <stdint.h>

enum payload_gap_reason {
    PAYLOAD_GAP_RESTART,     /* reserved, never stored: the gateway ended first */
    PAYLOAD_GAP_STALLED,     /* the disk did not keep up, and memory has a limit */
    PAYLOAD_GAP_QUOTA_BYTES, /* dropped: the frame log is full */
    PAYLOAD_GAP_QUOTA_AGE,   /* dropped: too old */
    PAYLOAD_GAP_THINNED,     /* became part of a summary */
    PAYLOAD_GAP_CORRUPT,     /* could not be read any more */
    PAYLOAD_GAP_REFUSED,     /* the broker does not take it */
    PAYLOAD_GAP_UNDECODABLE  /* no DBC names it any more */
};

/* "restart", "stalled", "quota_bytes", "quota_age", "thinned", "corrupt", "refused",
 * "undecodable"; static. */
const char *payload_gap_reason_text(enum payload_gap_reason reason);

/*
 * In steps: begin, at most PAYLOAD_GAP_RANGES_MAX ranges in order, end.
 *   {"ranges":[[1001,1043],[1050,1050]],"reason":"quota_bytes"}
 */
void payload_gap_begin(struct json_writer *w);
void payload_gap_range(struct json_writer *w, uint64_t first, uint64_t last); /* both included */
void payload_gap_end(struct json_writer *w, enum payload_gap_reason reason);

/* A message's readings in one interval. Readings of other messages lie between its first and last
 * seq: which seqs went into summaries is said by gaps with the reason `thinned`. */
struct payload_summary {
    int64_t from_us;
    int64_t to_us; /* excluded */
    uint64_t first_seq;
    uint64_t last_seq;
    uint64_t count; /* readings; at least 1 */
};

/* Finite numbers; a signal that had no value at all is left out. */
struct payload_summary_signal {
    const char *name;
    double min;
    double max;
    double mean;
    double last;
};

/*
 * In steps: begin, each signal, end.
 *   {"from":1795420800,"to":1795424400,"first":1001,"last":1943,"count":360,
 *    "signals":{"Temperature":{"min":20.5,"max":22,"mean":21.25,"last":21.5}}}
 */
void payload_summary_begin(struct json_writer *w, const struct payload_summary *summary);
void payload_summary_signal(struct json_writer *w, const struct payload_summary_signal *signal);
void payload_summary_end(struct json_writer *w);

/* A sink has every seq up to this one of this log (payload_node.h). */
struct payload_ack {
    uint64_t seq;
    uint64_t log_id; /* 0: not said */
};

/* `ack/<sink>`: a plain integer from 0 to PAYLOAD_INTEGER_MAX, "1234", which the id of the log may
 * follow, "1234 0f3c9a1122334455"; nothing around it. -EINVAL with the reason. */
TOPICS_MUST_CHECK int payload_ack_decode(const char *text, size_t length, struct payload_ack *ret,
                                         struct payload_error *reterr);

#endif
