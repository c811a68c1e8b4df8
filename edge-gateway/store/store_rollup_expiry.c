#include "edge-gateway/store/store_rollup_expiry.h"

#include "common/database.h"
#include "edge-gateway/store/store_cells.h"

#include <errno.h>

#define DAY_US          (24 * STORE_HOUR_US)
#define MINUTES_KEPT_US (90 * DAY_US)
#define HOURS_KEPT_US   (3653 * DAY_US) /* ten years */

/* Series whose minutes of one hour are dropped at a time: more than come in meanwhile. */
#define SERIES_PER_CALL 128

/* The oldest hour of which minutes are left. 1; 0: there is none; or -errno. */
static int find_oldest(struct store_rollup_rows *rows, struct store_rollup_pack *pack,
                       int64_t *ret_hour_us)
{
    int64_t minute_us = INT64_MAX;
    int64_t packed_us = INT64_MAX;
    int r = store_rollup_oldest_minute(rows, &minute_us);
    if (r >= 0) {
        r = store_rollup_pack_oldest(pack, &packed_us);
    }
    if (r < 0 || (minute_us == INT64_MAX && packed_us == INT64_MAX)) {
        return r < 0 ? r : 0;
    }
    int64_t hour_us = minute_us - minute_us % STORE_HOUR_US;
    *ret_hour_us = hour_us < packed_us ? hour_us : packed_us;
    return 1;
}

/* Begins with the oldest hour of which minutes are left, if there is a reason to. */
static int begin_sweep(struct store_rollup_expiry *expiry, struct store_rollup_rows *rows,
                       struct store_rollup_pack *pack, int64_t age_us)
{
    int64_t oldest_us;
    int r = find_oldest(rows, pack, &oldest_us);
    if (r <= 0) {
        return r;
    }
    bool full = expiry->limit_bytes > 0 && rows->bytes > expiry->limit_bytes;
    if (full || oldest_us < age_us - MINUTES_KEPT_US) {
        expiry->sweeping = true;
        expiry->hour_us = oldest_us;
        expiry->series = 0;
    }
    return 0;
}

/* The minutes of the next series, if there is one. */
static int sweep_series(struct store_rollup_expiry *expiry, struct store_rollup_rows *rows,
                        struct store_rollup_pack *pack)
{
    int r = store_rollup_next_series(rows, expiry->series, &expiry->series);
    if (r <= 0) {
        expiry->sweeping = false;
        return r;
    }
    r = store_rollup_drop_minutes(rows, expiry->series, expiry->hour_us);
    return r == 0 ? store_rollup_pack_drop(pack, expiry->series, expiry->hour_us) : r;
}

static int sweep(struct store_rollup_expiry *expiry, struct store_rollup_rows *rows,
                 struct store_rollup_pack *pack, int64_t age_us)
{
    for (int i = 0; i < SERIES_PER_CALL; i++) {
        int r = expiry->sweeping ? 0 : begin_sweep(expiry, rows, pack, age_us);
        if (r < 0 || !expiry->sweeping) {
            return r;
        }
        r = sweep_series(expiry, rows, pack);
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
                        struct store_rollup_pack *pack, int64_t age_us)
{
    int r = sweep(expiry, rows, pack, age_us);
    if (r == 0) {
        r = drop_hours(rows, age_us - HOURS_KEPT_US);
    }
    if (r < 0) {
        expiry->sweeping = false;
    }
    return r;
}
