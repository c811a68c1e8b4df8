#include "edge-gateway/store/store_clock.h"

#include "common/database.h"

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
        (void)sqlite3_bind_int64(statement, (int)i + 1, values[i]); /* the index exists */
    }
    r = database_step(statement);
    (void)sqlite3_finalize(statement); /* the step's fault is in r */
    return r;
}

int store_clock_correct(sqlite3 *db, const struct store_clock_jump *jump)
{
    const int64_t row[] = {(int64_t)jump->at_seq, jump->boot, jump->monotonic_us,
                           jump->after_us - jump->jump_us, jump->after_us};
    int r = execute(db,
                    "INSERT INTO clock (at_seq, boot, monotonic_us, before_us, after_us)"
                    " VALUES (?1, ?2, ?3, ?4, ?5)",
                    row, sizeof(row) / sizeof(row[0]));
    if (r < 0 || jump->was_set) {
        return r;
    }
    const int64_t move[] = {jump->jump_us, jump->is_set, jump->boot};
    return execute(db,
                   "UPDATE segments SET base_us = base_us + ?1, from_us = from_us + ?1,"
                   " to_us = to_us + ?1, clock_set = ?2 WHERE boot = ?3 AND clock_set = 0",
                   move, sizeof(move) / sizeof(move[0]));
}
