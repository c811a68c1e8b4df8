/*
 * The table `rollups`: rows of buckets, written and read; for the minutes of hours that are over,
 * see store_rollup_pack.h. Everything within the caller's transaction; writer thread, but for
 * store_rollup_unpack().
 */
#ifndef EDGE_GATEWAY_STORE_STORE_ROLLUP_ROWS_H
#define EDGE_GATEWAY_STORE_STORE_ROLLUP_ROWS_H

#include "common/attributes.h"
#include "edge-gateway/statistics/bucket.h"

#include <sqlite3.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a row takes beside its blob: key, header, its share of a page's end. */
#define STORE_ROLLUP_ROW_BYTES 32

enum store_level {
    STORE_LEVEL_MINUTE = 60,   /* level_s of the row */
    STORE_LEVEL_QUARTER = 900, /* made by older gateways, read by none: goes with its minutes */
    STORE_LEVEL_HOUR = 3600
};

/* How long a row of it is. */
static inline int64_t store_level_us(enum store_level level)
{
    return (int64_t)level * 1000000;
}

enum store_rollup_statement {
    STORE_ROLLUP_GET,
    STORE_ROLLUP_PUT,
    STORE_ROLLUP_LIST,
    STORE_ROLLUP_BEFORE,
    STORE_ROLLUP_SIZE,
    STORE_ROLLUP_DELETE,
    STORE_ROLLUP_OLDEST,
    STORE_ROLLUP_NEXT_SERIES,
    STORE_ROLLUP_STATEMENT_COUNT
};

struct store_rollup_rows {
    sqlite3 *db; /* borrowed */
    sqlite3_stmt *statements[STORE_ROLLUP_STATEMENT_COUNT];
    uint64_t bytes;         /* of all roll-ups, kept up to date; the caller sets and saves it */
    struct bucket *buckets; /* room for one row */
    size_t bucket_max;
    uint8_t *blob; /* the same, packed */
};

/* A row's place. */
struct store_rollup_key {
    int64_t series;
    enum store_level level;
    int64_t start_us;
};

/* 0 or -errno; deinit accepts a half-made one. */
EDGE_MUST_CHECK int store_rollup_rows_init(struct store_rollup_rows *rows, sqlite3 *db);
void store_rollup_rows_deinit(struct store_rollup_rows *rows);

/* Adds buckets to those of a row; `make`: also if there is no such row. 0 or -errno. */
EDGE_MUST_CHECK int store_rollup_add(struct store_rollup_rows *rows,
                                     const struct store_rollup_key *key,
                                     const struct bucket *buckets, size_t count, bool make);

/* Writes the row of an hour out of its minutes, unless it is there. 0 or -errno. */
EDGE_MUST_CHECK int store_rollup_sum_up(struct store_rollup_rows *rows,
                                        const struct store_rollup_key *key);

/* The minute's row before `before_us`: its start, and the buckets in rows->buckets. The number of
 * buckets; 0: none; or -errno. */
EDGE_MUST_CHECK int store_rollup_before(struct store_rollup_rows *rows, int64_t series,
                                        int64_t before_us, int64_t *ret_start_us);

/* The minutes of an hour: a statement of (start_us, data), to be stepped and reset. */
sqlite3_stmt *store_rollup_list_minutes(struct store_rollup_rows *rows, int64_t series,
                                        int64_t hour_us);

/* Deletes the minutes of one hour; the hour is written before, so that nothing is lost but
 * resolution. 0 or -errno. */
EDGE_MUST_CHECK int store_rollup_drop_minutes(struct store_rollup_rows *rows, int64_t series,
                                              int64_t hour_us);

/* The first minute that has a row. 1; 0: none has; or -errno. */
EDGE_MUST_CHECK int store_rollup_oldest_minute(struct store_rollup_rows *rows,
                                               int64_t *ret_start_us);

/* The series with the next id. 1; 0: there is none; or -errno. */
EDGE_MUST_CHECK int store_rollup_next_series(struct store_rollup_rows *rows, int64_t after,
                                             int64_t *ret);

/* Deletes rows, by two bound statements: one gives their count and the sum of their blobs' lengths,
 * the other deletes them. 0 or -errno. */
EDGE_MUST_CHECK int store_rollup_delete(struct store_rollup_rows *rows, sqlite3_stmt *measure,
                                        sqlite3_stmt *remove);

/* The first buckets of a row, `max` of them at most. How many; -EBADMSG. */
EDGE_MUST_CHECK int store_rollup_unpack(const uint8_t *blob, size_t length, int64_t start_us,
                                        struct bucket *buckets, size_t max);

#endif
