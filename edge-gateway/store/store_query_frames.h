/* Walks over the frames of the log that lie in a span of time and of seqs. */
#ifndef EDGE_GATEWAY_STORE_STORE_QUERY_FRAMES_H
#define EDGE_GATEWAY_STORE_STORE_QUERY_FRAMES_H

#include "common/attributes.h"
#include "edge-gateway/framelog/segment.h"
#include "edge-gateway/store/store_query_database.h"

#include <stdbool.h>
#include <stdint.h>

/* A frame that is looked for. */
typedef enum store_taken (*store_frame_fn)(void *context, const struct segment_record *record,
                                           size_t bus, const struct dbc_message *message);

/* An event that is looked for. */
typedef enum store_taken (*store_record_fn)(void *context, const struct segment_record *record);

struct store_walk {
    int64_t from_us;
    int64_t to_us; /* excluded */
    uint64_t first_seq;
    uint64_t last_seq;                 /* included */
    int bus;                           /* -1 = any */
    const struct dbc_message *message; /* NULL = any */
    const char *message_name;          /* NULL = any; beside `message` it means nothing */
    uint64_t budget;                   /* how much to look at, in records; 0 = all */
    store_frame_fn fn;
    store_record_fn event; /* NULL: frames, by `fn`; else events alone */
    void *context;
};

/* In order of seq, and within the transaction. 1: that was all; 0: stopped, and *ret_next_seq is
 * the first one that was not looked at; or -errno. */
EDGE_MUST_CHECK int store_query_walk(struct store_query *query, const struct store_walk *walk,
                                     uint64_t *ret_next_seq);

/* Whether all frames of the span can be walked in a short time. 1, 0, or -errno. */
EDGE_MUST_CHECK int store_query_can_walk(struct store_query *query, int64_t from_us, int64_t to_us);

#endif
