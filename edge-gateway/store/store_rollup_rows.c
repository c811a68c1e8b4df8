#include "edge-gateway/store/store_rollup_rows.h"

#include "common/database.h"
#include "edge-gateway/store/store_cells.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 64

static const char *const sql[] = {
    [STORE_ROLLUP_GET] =
        "SELECT data FROM rollups WHERE series = ?1 AND level_s = ?2 AND start_us = ?3",
    [STORE_ROLLUP_PUT] = "INSERT OR REPLACE INTO rollups (series, level_s, start_us, data)"
                         " VALUES (?1, ?2, ?3, ?4)",
    [STORE_ROLLUP_LIST] = "SELECT start_us, data FROM rollups WHERE series = ?1 AND level_s = ?2"
                          " AND start_us >= ?3 AND start_us < ?4 ORDER BY start_us",
    [STORE_ROLLUP_BEFORE] = "SELECT start_us, data FROM rollups WHERE series = ?1 AND level_s = ?2"
                            " AND start_us < ?3 ORDER BY start_us DESC LIMIT 1",
    [STORE_ROLLUP_SIZE] = "SELECT count(*), sum(length(data)) FROM rollups WHERE series = ?1"
                          " AND level_s = ?2 AND start_us >= ?3 AND start_us < ?4",
    [STORE_ROLLUP_DELETE] = "DELETE FROM rollups WHERE series = ?1 AND level_s = ?2"
                            " AND start_us >= ?3 AND start_us < ?4",
    [STORE_ROLLUP_OLDEST] = "SELECT min((SELECT start_us FROM rollups WHERE series = series.id"
                            " AND level_s = 60 AND start_us >= 0 ORDER BY start_us LIMIT 1))"
                            " FROM series",
    [STORE_ROLLUP_NEXT_SERIES] = "SELECT id FROM series WHERE id > ?1 ORDER BY id LIMIT 1",
};
_Static_assert(sizeof(sql) / sizeof(sql[0]) == STORE_ROLLUP_STATEMENT_COUNT, "a text for each");

int store_rollup_rows_init(struct store_rollup_rows *rows, sqlite3 *db)
{
    *rows = (struct store_rollup_rows){.db = db};
    int r = 0;
    for (int i = 0; r == 0 && i < STORE_ROLLUP_STATEMENT_COUNT; i++) {
        r = database_prepare(db, sql[i], &rows->statements[i]);
    }
    return r;
}

void store_rollup_rows_deinit(struct store_rollup_rows *rows)
{
    for (int i = 0; i < STORE_ROLLUP_STATEMENT_COUNT; i++) {
        (void)sqlite3_finalize(rows->statements[i]); /* repeats a fault that was reported */
    }
    free(rows->buckets);
    free(rows->blob);
    *rows = (struct store_rollup_rows){0};
}

static sqlite3_stmt *prepare(struct store_rollup_rows *rows, enum store_rollup_statement statement,
                             int64_t series, enum store_level level)
{
    sqlite3_stmt *s = rows->statements[statement];
    (void)sqlite3_bind_int64(s, 1, series); /* the indices exist */
    (void)sqlite3_bind_int(s, 2, (int)level);
    return s;
}

static int make_room(struct store_rollup_rows *rows, size_t count)
{
    if (count <= rows->bucket_max) {
        return 0;
    }
    size_t max = count > BUCKETS_MIN ? count : BUCKETS_MIN;
    struct bucket *buckets = realloc(rows->buckets, max * sizeof(*buckets));
    if (buckets == NULL) {
        return -ENOMEM;
    }
    rows->buckets = buckets;
    uint8_t *blob = realloc(rows->blob, max * BUCKET_MAX_BYTES);
    if (blob == NULL) {
        return -ENOMEM;
    }
    rows->blob = blob;
    rows->bucket_max = max;
    return 0;
}

int store_rollup_unpack(const uint8_t *blob, size_t length, int64_t start_us,
                        struct bucket *buckets, size_t max)
{
    size_t count = 0;
    while (length > 0 && count < max) {
        int used = bucket_decode(blob, length, start_us, &buckets[count]);
        if (used < 0) {
            return used;
        }
        blob += used;
        length -= (size_t)used;
        count++;
    }
    return (int)count;
}

/* The row's buckets after `at` in rows->buckets; a row that cannot be read has none. How many, or
 * -ENOMEM. */
static int unpack(struct store_rollup_rows *rows, sqlite3_stmt *row, int column, int64_t start_us,
                  size_t at)
{
    const uint8_t *blob = sqlite3_column_blob(row, column);
    size_t length = (size_t)sqlite3_column_bytes(row, column);
    int r = make_room(rows, at + length); /* a bucket takes a byte at least */
    if (r < 0 || (blob == NULL && length > 0)) {
        return -ENOMEM;
    }
    r = store_rollup_unpack(blob, length, start_us, rows->buckets + at, length);
    return r < 0 ? 0 : r;
}

static void merge_all(struct bucket *into, const struct bucket *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bucket_merge(&into[i], &from[i]);
    }
}

/* Packs the first buckets and writes them; the row they replace took `old_bytes`. */
static int put(struct store_rollup_rows *rows, const struct store_rollup_key *key, size_t count,
               uint64_t old_bytes)
{
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        length += bucket_encode(&rows->buckets[i], key->start_us, rows->blob + length);
    }
    sqlite3_stmt *s = prepare(rows, STORE_ROLLUP_PUT, key->series, key->level);
    (void)sqlite3_bind_int64(s, 3, key->start_us); /* cannot fail: the blob is not copied */
    (void)sqlite3_bind_blob64(s, 4, rows->blob, length, SQLITE_STATIC);
    int r = database_step(s);
    if (r == 0) {
        rows->bytes = rows->bytes + length + STORE_ROLLUP_ROW_BYTES - old_bytes;
    }
    return r;
}

/* The row's buckets, and what it takes. How many; 0: there is none (`ret_bytes` is 0), or it cannot
 * be read; or -errno. */
static int get(struct store_rollup_rows *rows, const struct store_rollup_key *key,
               uint64_t *ret_bytes)
{
    sqlite3_stmt *s = prepare(rows, STORE_ROLLUP_GET, key->series, key->level);
    (void)sqlite3_bind_int64(s, 3, key->start_us); /* the index exists */
    *ret_bytes = 0;
    int r = database_step(s);
    if (r == 1) {
        *ret_bytes = (uint64_t)sqlite3_column_bytes(s, 0) + STORE_ROLLUP_ROW_BYTES;
        r = unpack(rows, s, 0, key->start_us, 0);
    }
    (void)sqlite3_reset(s); /* the step's fault is in r */
    return r;
}

int store_rollup_add(struct store_rollup_rows *rows, const struct store_rollup_key *key,
                     const struct bucket *buckets, size_t count, bool make)
{
    uint64_t old_bytes;
    int found = get(rows, key, &old_bytes);
    if (found < 0 || (old_bytes == 0 && !make)) {
        return found;
    }
    int r = make_room(rows, count);
    if (r < 0) {
        return r;
    }
    if ((size_t)found < count) {
        memset(rows->buckets + found, 0, (count - (size_t)found) * sizeof(rows->buckets[0]));
    }
    merge_all(rows->buckets, buckets, count);
    return put(rows, key, count, old_bytes);
}

/* Of an hour, all rows of one level; `key` says which and where they begin. */
static sqlite3_stmt *prepare_hour(struct store_rollup_rows *rows,
                                  enum store_rollup_statement statement,
                                  const struct store_rollup_key *key)
{
    sqlite3_stmt *s = prepare(rows, statement, key->series, key->level);
    (void)sqlite3_bind_int64(s, 3, key->start_us); /* the indices exist */
    (void)sqlite3_bind_int64(s, 4, key->start_us + STORE_HOUR_US);
    return s;
}

sqlite3_stmt *store_rollup_list_minutes(struct store_rollup_rows *rows, int64_t series,
                                        int64_t hour_us)
{
    const struct store_rollup_key minutes = {series, STORE_LEVEL_MINUTE, hour_us};
    return prepare_hour(rows, STORE_ROLLUP_LIST, &minutes);
}

/* Sums up the minutes of an hour in the first buckets. How many, or -errno. */
static int sum_minutes(struct store_rollup_rows *rows, const struct store_rollup_key *key)
{
    sqlite3_stmt *s = store_rollup_list_minutes(rows, key->series, key->start_us);
    size_t count = 0;
    int r;
    while ((r = database_step(s)) == 1) {
        int found = unpack(rows, s, 1, sqlite3_column_int64(s, 0), count);
        if (found < 0) {
            r = found;
            break;
        }
        if (count == 0) {
            count = (size_t)found;
        } else if ((size_t)found == count) { /* as in all rows of a series */
            merge_all(rows->buckets, rows->buckets + count, count);
        }
    }
    (void)sqlite3_reset(s); /* the step's fault is in r */
    return r < 0 ? r : (int)count;
}

int store_rollup_sum_up(struct store_rollup_rows *rows, const struct store_rollup_key *key)
{
    uint64_t old_bytes;
    int r = get(rows, key, &old_bytes);
    if (r < 0 || old_bytes > 0) {
        return r < 0 ? r : 0;
    }
    r = sum_minutes(rows, key);
    return r > 0 ? put(rows, key, (size_t)r, 0) : r;
}

int store_rollup_before(struct store_rollup_rows *rows, int64_t series, int64_t before_us,
                        int64_t *ret_start_us)
{
    sqlite3_stmt *s = prepare(rows, STORE_ROLLUP_BEFORE, series, STORE_LEVEL_MINUTE);
    (void)sqlite3_bind_int64(s, 3, before_us); /* the index exists */
    int r = database_step(s);
    if (r == 1) {
        *ret_start_us = sqlite3_column_int64(s, 0);
        r = unpack(rows, s, 1, *ret_start_us, 0);
    }
    (void)sqlite3_reset(s); /* the step's fault is in r */
    return r;
}

int store_rollup_oldest_minute(struct store_rollup_rows *rows, int64_t *ret_start_us)
{
    return database_number(rows->statements[STORE_ROLLUP_OLDEST], ret_start_us);
}

int store_rollup_next_series(struct store_rollup_rows *rows, int64_t after, int64_t *ret)
{
    sqlite3_stmt *s = rows->statements[STORE_ROLLUP_NEXT_SERIES];
    (void)sqlite3_bind_int64(s, 1, after); /* the index exists */
    return database_number(s, ret);
}

int store_rollup_delete(struct store_rollup_rows *rows, sqlite3_stmt *measure, sqlite3_stmt *remove)
{
    uint64_t bytes = 0;
    int r = database_step(measure);
    if (r == 1) {
        bytes = (uint64_t)(sqlite3_column_int64(measure, 0) * STORE_ROLLUP_ROW_BYTES +
                           sqlite3_column_int64(measure, 1));
    }
    (void)sqlite3_reset(measure); /* the step's fault is in r */
    r = r < 0 ? r : database_step(remove);
    if (r == 0) {
        rows->bytes -= bytes <= rows->bytes ? bytes : rows->bytes;
    }
    return r;
}

static int drop(struct store_rollup_rows *rows, const struct store_rollup_key *key)
{
    return store_rollup_delete(rows, prepare_hour(rows, STORE_ROLLUP_SIZE, key),
                               prepare_hour(rows, STORE_ROLLUP_DELETE, key));
}

int store_rollup_drop_minutes(struct store_rollup_rows *rows, int64_t series, int64_t hour_us)
{
    const struct store_rollup_key hour = {series, STORE_LEVEL_HOUR, hour_us};
    const struct store_rollup_key quarters = {series, STORE_LEVEL_QUARTER, hour_us};
    const struct store_rollup_key minutes = {series, STORE_LEVEL_MINUTE, hour_us};
    int r = store_rollup_sum_up(rows, &hour);
    if (r == 0) {
        r = drop(rows, &minutes);
    }
    return r == 0 ? drop(rows, &quarters) : r;
}
