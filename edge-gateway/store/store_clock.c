#include "edge-gateway/store/store_clock.h"

#include "common/database.h"
#include "edge-gateway/store/store_rollup_rows.h"

#include <stddef.h>

/* One statement with numbers alone. */
static int execute(sqlite3 *db, const char *sql, const int64_t *values, size_t count)
{
    sqlite3_stmt *statement;
    int r = database_prepare(db, sql, &statement);
    if (r < 0) {
        return r;
    }
    for (size_t i = 0; i < count; i++) {
        (void)sqlite3_bind_int64(statement, (int)i + 1,
                                 values[i]); /* what it has not is left out */
    }
    r = database_step(statement);
    (void)sqlite3_finalize(statement); /* the step's fault is in r */
    return r;
}

/* The frames of this boot whose stamps will move. */
struct misstamped {
    int64_t first_seq; /* 0 = none */
    int64_t from_us;
    int64_t to_us;
};

static int find_misstamped(sqlite3 *db, int64_t boot, struct misstamped *ret)
{
    sqlite3_stmt *statement;
    int r = database_prepare(db,
                             "SELECT coalesce(min(first_seq), 0), min(from_us), max(to_us)"
                             " FROM segments WHERE boot = ?1 AND clock_set = 0",
                             &statement);
    if (r < 0) {
        return r;
    }
    (void)sqlite3_bind_int64(statement, 1, boot); /* the index exists */
    r = database_step(statement);
    if (r == 1) {
        *ret = (struct misstamped){sqlite3_column_int64(statement, 0),
                                   sqlite3_column_int64(statement, 1),
                                   sqlite3_column_int64(statement, 2)};
        r = 0;
    }
    (void)sqlite3_finalize(statement); /* the step's fault is in r */
    return r;
}

/* Rows of that time go with all that is in them: it is a time before any clock was right. Packed
 * minutes go with the row of their hour. */
static int delete_rollups(sqlite3 *db, const struct misstamped *frames)
{
    static const enum store_level levels[] = {STORE_LEVEL_MINUTE, STORE_LEVEL_QUARTER,
                                              STORE_LEVEL_HOUR};
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof(levels) / sizeof(levels[0]); i++) {
        const int64_t values[] = {(int64_t)levels[i], frames->from_us - store_level_us(levels[i]),
                                  frames->to_us};
        r = execute(db,
                    "DELETE FROM rollups WHERE series IN (SELECT id FROM series) AND level_s = ?1"
                    " AND start_us > ?2 AND start_us <= ?3",
                    values, sizeof(values) / sizeof(values[0]));
    }
    const int64_t hours[] = {frames->from_us - store_level_us(STORE_LEVEL_HOUR), frames->to_us};
    return r < 0 ? r
                 : execute(db,
                           "DELETE FROM minutes WHERE (series, signal, hour_us) IN"
                           " (SELECT m.series, m.signal, m.hour_us FROM series s,"
                           " json_each(s.signals) name CROSS JOIN minutes m ON m.series = s.id"
                           " AND m.signal = name.key AND m.hour_us > ?1 AND m.hour_us <= ?2)",
                           hours, sizeof(hours) / sizeof(hours[0]));
}

/* Roll-ups go back to before the frames whose stamps will move, and read these again. */
static int take_back_rollups(sqlite3 *db, int64_t boot)
{
    struct misstamped frames = {0};
    int r = find_misstamped(db, boot, &frames);
    if (r < 0 || frames.first_seq == 0) {
        return r;
    }
    static const char *const sql[] = {
        "UPDATE state SET value = ?1 - 1 WHERE name = 'rollup_seq' AND value >= ?1",
        "DELETE FROM zones WHERE first_seq >= ?1",
        "UPDATE zones SET last_seq = ?1 - 1 WHERE last_seq >= ?1",
        "UPDATE state SET value = (SELECT coalesce(sum(length(data) + ?2), 0) FROM"
        " (SELECT data FROM rollups UNION ALL SELECT data FROM minutes))"
        " WHERE name = 'rollup_bytes'",
    };
    const int64_t values[] = {frames.first_seq, STORE_ROLLUP_ROW_BYTES};
    r = delete_rollups(db, &frames);
    for (size_t i = 0; r == 0 && i < sizeof(sql) / sizeof(sql[0]); i++) {
        r = execute(db, sql[i], values, sizeof(values) / sizeof(values[0]));
    }
    return r;
}

/* 1: it is in the log already; 0 or -errno. */
static int record(sqlite3 *db, const struct store_clock_jump *jump, int64_t boot)
{
    const int64_t row[] = {(int64_t)jump->at_seq, boot, jump->monotonic_us,
                           jump->after_us - jump->jump_us, jump->after_us};
    int r = execute(db,
                    "INSERT INTO clock (at_seq, boot, monotonic_us, before_us, after_us)"
                    " SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM clock"
                    " WHERE at_seq = ?1 AND boot = ?2 AND monotonic_us = ?3)",
                    row, sizeof(row) / sizeof(row[0]));
    return r < 0 ? r : sqlite3_changes(db) == 0;
}

int store_clock_correct(sqlite3 *db, const struct store_clock_jump *jump, int64_t boot,
                        uint64_t from_seq)
{
    int r = record(db, jump, boot);
    if (r < 0 || jump->was_set) {
        return r < 0 ? r : 0;
    }
    int64_t moved_from = r == 1 ? (int64_t)from_seq : 0;
    r = take_back_rollups(db, boot);
    if (r < 0) {
        return r;
    }
    const int64_t move[] = {jump->jump_us, jump->is_set, boot, moved_from, (int64_t)jump->at_seq};
    return execute(db,
                   "UPDATE segments SET base_us = base_us + ?1, from_us = from_us + ?1,"
                   " to_us = to_us + ?1, clock_set = ?2 WHERE boot = ?3 AND clock_set = 0"
                   " AND first_seq >= ?4 AND last_seq <= ?5",
                   move, sizeof(move) / sizeof(move[0]));
}
