/*
 * Keeps the log within its bytes and its age: the oldest segments go first. What nobody had
 * acknowledged becomes a gap with its reason, so that every seq stays accounted for. Writer thread,
 * within its transaction.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_QUOTA_H
#define EDGE_GATEWAY_STORE_STORE_QUOTA_H

#include "common/attributes.h"
#include "edge-gateway/store/store_batch.h"

#include <sqlite3.h>

#include <stdint.h>

struct store_quota {
    sqlite3 *db; /* borrowed */
    sqlite3_stmt *oldest;
    sqlite3_stmt *next_time;
    sqlite3_stmt *delete;
    sqlite3_stmt *delete_summaries;
    sqlite3_stmt *extend_gap;
    sqlite3_stmt *insert_gap;
    uint64_t limit_bytes; /* 0 = none */
    int64_t max_age_us;   /* 0 = none */
};

/* 0 or -errno; deinit accepts a half-made one. */
EDGE_MUST_CHECK int store_quota_init(struct store_quota *quota, sqlite3 *db, uint64_t limit_bytes,
                                     int64_t max_age_us);
void store_quota_deinit(struct store_quota *quota);

/* Bytes of pages in use; deleting makes it less at once, although the file stays. */
EDGE_MUST_CHECK int store_quota_used(const struct store_quota *quota, uint64_t *ret_bytes);

/* Deletes what is too much or too old, a bounded number of segments per call. `acknowledged`: see
 * struct store_batch; `age_us`: what store_age_now() says. */
EDGE_MUST_CHECK int store_quota_enforce(struct store_quota *quota, uint64_t acknowledged,
                                        int64_t age_us, struct store_outcome *outcome);

/* Deletes the oldest segments until `bytes` of blobs are free in the file (the disk is full). */
EDGE_MUST_CHECK int store_quota_free(struct store_quota *quota, uint64_t bytes,
                                     uint64_t acknowledged, struct store_outcome *outcome);

/* Writes down seqs that will never come. Joins a gap of the same reason right before it. */
EDGE_MUST_CHECK int store_quota_gap(struct store_quota *quota, uint64_t first, uint64_t last,
                                    enum segment_void reason);

#endif
