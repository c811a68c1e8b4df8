#include "edge-gateway/store/store_rollup_expiry.h"

#include "common/database.h"
#include "edge-gateway/store/store_cells.h"

#include <errno.h>

#define DAY_US          (24 * STORE_HOUR_US)
#define MINUTES_KEPT_US (90 * DAY_US)
#define HOURS_KEPT_US   (3653 * DAY_US) /* ten years */

/* Series whose minutes of one hour are dropped at a time: more than come in meanwhile. */
#define SERIES_PER_CALL 128

/* One number out of a query with one parameter. 1; 0: none, or NULL; -errno. */
static int query(sqlite3 *db, const char *sql, int64_t parameter, int64_t *ret)
{
    sqlite3_stmt *s;
    int r = database_prepare(db, sql, &s);
    if (r < 0) {
        return r;
    }
    (void)sqlite3_bind_int64(s, 1, parameter); /* the index exists */
    r = database_step(s);
    if (r == 1 && sqlite3_column_type(s, 0) == SQLITE_NULL) {
        r = 0;
    } else if (r == 1) {
        *ret = sqlite3_column_int64(s, 0);
    }
    (void)sqlite3_finalize(s); /* the step's fault is in r */
    return r;
}

/* Begins with the oldest hour of which minutes are left, if there is a reason to. */
static int begin_sweep(struct store_rollup_expiry *expiry, struct store_rollup_rows *rows,
                       int64_t now_us)
{
    int64_t oldest_us;
    int r = query(rows->db,
                  "SELECT min((SELECT start_us FROM rollups WHERE series = series.id"
                  " AND level_s = ?1 ORDER BY start_us LIMIT 1)) FROM series",
                  STORE_LEVEL_MINUTE, &oldest_us);
    if (r <= 0) {
        return r;
    }
    bool full = expiry->limit_bytes > 0 && rows->bytes > expiry->limit_bytes;
    if (full || oldest_us < now_us - MINUTES_KEPT_US) {
        expiry->sweeping = true;
        expiry->hour_us = oldest_us - oldest_us % STORE_HOUR_US;
        expiry->series = 0;
    }
    return 0;
}

/* The minutes of the next series, if there is one. */
static int sweep_series(struct store_rollup_expiry *expiry, struct store_rollup_rows *rows)
{
    int64_t series;
    int r = query(rows->db, "SELECT id FROM series WHERE id > ?1 ORDER BY id LIMIT 1",
                  expiry->series, &series);
    if (r == 1) {
        r = store_rollup_drop_minutes(rows, series, expiry->hour_us);
        expiry->series = series;
    } else {
        expiry->sweeping = false;
    }
    return r;
}

static int sweep(struct store_rollup_expiry *expiry, struct store_rollup_rows *rows, int64_t now_us)
{
    for (int i = 0; i < SERIES_PER_CALL; i++) {
        int r = expiry->sweeping ? 0 : begin_sweep(expiry, rows, now_us);
        if (r < 0 || !expiry->sweeping) {
            return r;
        }
        r = sweep_series(expiry, rows);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

/* Few: each hour becomes too old once. CROSS JOIN: series by series; all of the table is long. */
static int drop_hours(struct store_rollup_rows *rows, int64_t before_us)
{
    sqlite3_stmt *s;
    int r = database_prepare(rows->db,
                             "DELETE FROM rollups WHERE (series, level_s, start_us) IN"
                             " (SELECT r.series, r.level_s, r.start_us FROM series"
                             " CROSS JOIN rollups r ON r.series = series.id AND r.level_s = ?1"
                             " AND r.start_us < ?2 LIMIT 1000)",
                             &s);
    if (r < 0) {
        return r;
    }
    (void)sqlite3_bind_int64(s, 1, STORE_LEVEL_HOUR); /* the indices exist */
    (void)sqlite3_bind_int64(s, 2, before_us);
    r = database_step(s);
    (void)sqlite3_finalize(s); /* the step's fault is in r */
    return r;
}

int store_rollup_expire(struct store_rollup_expiry *expiry, struct store_rollup_rows *rows,
                        int64_t now_us)
{
    int r = sweep(expiry, rows, now_us);
    if (r == 0) {
        r = drop_hours(rows, now_us - HOURS_KEPT_US);
    }
    if (r < 0) {
        expiry->sweeping = false;
    }
    return r;
}
