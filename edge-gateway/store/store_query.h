/*
 * Questions about the past, answered out of the log and its roll-ups over a read-only connection.
 * Every function blocks, for some tenths of a second at most: they are for a thread of their own.
 * An answer is plain values; each sees the database as it was at one moment.
 *
 * Values come from the frames themselves where there are few enough of them, else from the roll-ups
 * by minute or by hour; the ends of a span that cut a minute, and what is not rolled up yet, come
 * from frames in any case. Where thinning made summaries of frames, these stand in for them in a
 * history, and roll-ups, which were made before, in statistics.
 *
 * Faults: -ENOENT, there is no database (yet); -EAGAIN, roll-ups are far behind the log for the
 * moment; -ENOMEM; other values as in common/database.h.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_QUERY_H
#define EDGE_GATEWAY_STORE_STORE_QUERY_H

#include "common/attributes.h"
#include "edge-gateway/dbc/dbc_decode.h"
#include "edge-gateway/statistics/bucket.h"
#include "edge-gateway/statistics/decimate.h"
#include "edge-gateway/store/store_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store_query;

/* Borrowed, but for the struct itself. */
struct store_query_options {
    const char *path;
    const struct store_bus *buses; /* as in store_options */
    size_t bus_count;
};

/* Opens nothing yet. 0 or -ENOMEM. */
EDGE_MUST_CHECK int store_query_new(const struct store_query_options *options,
                                    struct store_query **ret);
void store_query_free(struct store_query *query);

/* Where values were taken from. */
enum store_source {
    STORE_SOURCE_FRAMES,
    STORE_SOURCE_MINUTES,
    STORE_SOURCE_HOURS,
    STORE_SOURCE_SUMMARIES /* what thinning left, and the frames that it left whole */
};

struct store_signal {
    size_t bus; /* index of options->buses */
    const struct dbc_message *message;
    const struct dbc_signal *signal;
};

struct store_span {
    int64_t from_us; /* 0 or later */
    int64_t to_us;   /* excluded */
    int64_t now_us;  /* no value holds beyond it */
};

struct store_history {
    enum store_source source;
    uint64_t count;     /* values in the span */
    size_t point_count; /* in order of time, every extreme among them */
};

/* `points` has room for `max_points`, as in decimate.h. */
EDGE_MUST_CHECK int store_query_history(struct store_query *query,
                                        const struct store_signal *signal,
                                        const struct store_span *span, size_t max_points,
                                        struct decimate_point *points, struct store_history *ret);

/*
 * Buckets of `bucket_us`, the first one beginning with the minute of `from_us`, or, if that divides
 * them, with its quarter of an hour; if one is the whole span or more, it begins at from_us. Only
 * values within the span count. A bucket that begins or ends within a minute takes, if the values
 * come from roll-ups, those minutes that begin in it.
 */
struct store_statistics {
    enum store_source source;
    int64_t start_us; /* of the first bucket */
    int64_t bucket_us;
    size_t count;
    struct bucket *buckets; /* for free() */
};

EDGE_MUST_CHECK int store_query_statistics(struct store_query *query,
                                           const struct store_signal *signal,
                                           const struct store_span *span, int64_t bucket_us,
                                           struct store_statistics *ret);

struct store_reading {
    uint64_t seq;
    int64_t ts_us;
    size_t bus;
    const struct dbc_message *message;
    const struct dbc_value *values;
    size_t count;
};

enum store_taken {
    STORE_TAKEN,
    STORE_TAKEN_LAST, /* no more of them */
    STORE_NOT_TAKEN   /* nor of the later ones */
};

typedef enum store_taken (*store_reading_fn)(void *context, const struct store_reading *reading);

struct store_messages {
    int bus;             /* -1 = any */
    const char *message; /* NULL = any */
    int64_t from_us;
    int64_t to_us;      /* excluded */
    uint64_t after_seq; /* only later readings */
};

/* Readings in order of seq, a bounded piece of the log at a time. 1: that was all; 0: go on with
 * after_seq = *ret_after_seq; or -errno. */
EDGE_MUST_CHECK int store_query_messages(struct store_query *query,
                                         const struct store_messages *messages, store_reading_fn fn,
                                         void *context, uint64_t *ret_after_seq);

struct store_events {
    int64_t from_us;
    int64_t to_us;      /* excluded */
    uint64_t after_seq; /* only later ones */
};

/* `text` is the event as it was appended, borrowed, not NUL-terminated. */
typedef enum store_taken (*store_event_fn)(void *context, uint64_t seq, int64_t ts_us,
                                           const char *text, size_t length);

/* Events in order of seq; as store_query_messages(). */
EDGE_MUST_CHECK int store_query_events(struct store_query *query, const struct store_events *events,
                                       store_event_fn fn, void *context, uint64_t *ret_after_seq);

/* How many segments the last answer lacks, because they are damaged: each some 80 ms of frames,
 * perhaps of those that were asked for. */
uint64_t store_query_damaged(const struct store_query *query);

#endif
