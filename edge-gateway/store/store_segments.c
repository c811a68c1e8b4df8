#include "edge-gateway/store/store_segments.h"

#include "common/database.h"

int store_segments_prepare(sqlite3 *db, sqlite3_stmt **ret)
{
    return database_prepare(
        db,
        "INSERT OR REPLACE INTO segments (first_seq, last_seq, base_us, from_us, to_us,"
        " boot, clock_set, crc, keys, records)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        ret);
}

int store_segments_insert(sqlite3_stmt *insert, const struct segment *segment, int64_t boot,
                          bool clock_set)
{
    sqlite3_stmt *s = insert;
    /* Binding cannot fail: the indices exist, and the blobs are not copied. */
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)segment->first_seq);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)(segment->first_seq + segment->count - 1));
    (void)sqlite3_bind_int64(s, 3, segment->base_us);
    (void)sqlite3_bind_int64(s, 4, segment->from_us);
    (void)sqlite3_bind_int64(s, 5, segment->to_us);
    (void)sqlite3_bind_int64(s, 6, boot);
    (void)sqlite3_bind_int(s, 7, clock_set ? 1 : 0);
    (void)sqlite3_bind_int64(s, 8, segment_crc(segment));
    (void)sqlite3_bind_blob64(s, 9, segment->keys, segment->keys_bytes, SQLITE_STATIC);
    (void)sqlite3_bind_blob64(s, 10, segment->records, segment->records_bytes, SQLITE_STATIC);
    return database_step(s);
}
