#include "edge-gateway/store/store_zones.h"

#include "common/database.h"

void store_zone_begin(struct store_zone *zone, uint64_t first_seq)
{
    *zone = (struct store_zone){.first_seq = first_seq, .from_us = INT64_MAX, .to_us = INT64_MIN};
}

void store_zone_add(struct store_zone *zone, int64_t ts_us)
{
    zone->frames++;
    zone->from_us = ts_us < zone->from_us ? ts_us : zone->from_us;
    zone->to_us = ts_us > zone->to_us ? ts_us : zone->to_us;
}

int store_zones_insert(sqlite3 *db, const struct store_zone *zone)
{
    sqlite3_stmt *s;
    int r = database_prepare(db,
                             "INSERT OR REPLACE INTO zones (first_seq, last_seq, from_us, to_us,"
                             " segments, frames) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                             &s);
    if (r < 0) {
        return r;
    }
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)zone->first_seq); /* the indices exist */
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)zone->last_seq);
    (void)sqlite3_bind_int64(s, 3, zone->from_us);
    (void)sqlite3_bind_int64(s, 4, zone->to_us);
    (void)sqlite3_bind_int64(s, 5, (sqlite3_int64)zone->segments);
    (void)sqlite3_bind_int64(s, 6, (sqlite3_int64)zone->frames);
    r = database_step(s);
    (void)sqlite3_finalize(s); /* the step's fault is in r */
    return r;
}

int store_zones_expire(sqlite3 *db)
{
    return database_exec(db, "DELETE FROM zones WHERE last_seq <"
                             " (SELECT first_seq FROM segments ORDER BY first_seq LIMIT 1)");
}
