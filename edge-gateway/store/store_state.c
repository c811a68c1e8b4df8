#include "edge-gateway/store/store_state.h"

#include "common/database.h"

#include <errno.h>

static const char *const names[] = {
    [STORE_STATE_RESERVED] = "reserved_seq",
    [STORE_STATE_ACKNOWLEDGED] = "acknowledged_seq",
    [STORE_STATE_THINNED_LOW] = "thinned_low_seq",
    [STORE_STATE_THINNED_NORMAL] = "thinned_normal_seq",
    [STORE_STATE_ROLLUP] = "rollup_seq",
    [STORE_STATE_ROLLUP_BYTES] = "rollup_bytes",
    [STORE_STATE_WEIGHED] = "weighed_us",
    [STORE_STATE_LOG] = "log_id",
};
_Static_assert(sizeof(names) / sizeof(names[0]) == STORE_STATE_COUNT, "a name for each");

const char *store_state_text(enum store_state_name name)
{
    return names[name];
}

int store_state_init(struct store_state *state, sqlite3 *db)
{
    *state = (struct store_state){0};
    int r = database_prepare(db, "SELECT value FROM state WHERE name = ?1", &state->get);
    if (r == 0) {
        r = database_prepare(db, "INSERT OR REPLACE INTO state (name, value) VALUES (?1, ?2)",
                             &state->set);
    }
    if (r == 0) {
        r = database_prepare(db, "INSERT OR REPLACE INTO counters (name, value) VALUES (?1, ?2)",
                             &state->set_counter);
    }
    if (r == 0) {
        r = database_prepare(db, "INSERT OR REPLACE INTO memos (name, value) VALUES (?1, ?2)",
                             &state->set_memo);
    }
    return r;
}

void store_state_deinit(struct store_state *state)
{
    (void)sqlite3_finalize(state->get); /* repeats the last step's fault, which was reported */
    (void)sqlite3_finalize(state->set);
    (void)sqlite3_finalize(state->set_counter);
    (void)sqlite3_finalize(state->set_memo);
    *state = (struct store_state){0};
}

int store_state_get(struct store_state *state, enum store_state_name name, uint64_t *ret)
{
    (void)sqlite3_bind_text(state->get, 1, names[name], -1, SQLITE_STATIC); /* not copied */
    int r = database_step(state->get);
    if (r == 1) {
        *ret = (uint64_t)sqlite3_column_int64(state->get, 0);
        r = 0;
    }
    (void)sqlite3_reset(state->get); /* the step's fault is in r */
    return r;
}

static int set(sqlite3_stmt *statement, const char *name, uint64_t value)
{
    (void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC); /* not copied */
    (void)sqlite3_bind_int64(statement, 2, (sqlite3_int64)value);   /* the index exists */
    return database_step(statement);
}

int store_state_set(struct store_state *state, enum store_state_name name, uint64_t value)
{
    return set(state->set, names[name], value);
}

int store_state_set_counters(struct store_state *state, const struct store_saved_counter *counters,
                             size_t count)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = set(state->set_counter, counters[i].name, counters[i].value);
    }
    return r;
}

int store_state_set_memos(struct store_state *state, const struct store_memo *memos, size_t count)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        /* The indices exist, and neither text is copied. */
        (void)sqlite3_bind_text(state->set_memo, 1, memos[i].name, -1, SQLITE_STATIC);
        (void)sqlite3_bind_text(state->set_memo, 2, memos[i].text, -1, SQLITE_STATIC);
        r = database_step(state->set_memo);
    }
    return r;
}

int store_state_query(sqlite3 *db, const char *sql, uint64_t *ret)
{
    sqlite3_stmt *statement;
    int r = database_prepare(db, sql, &statement);
    if (r < 0) {
        return r;
    }
    r = database_step(statement);
    if (r == 1) {
        *ret = (uint64_t)sqlite3_column_int64(statement, 0);
        r = 0;
    } else if (r == 0) {
        r = -EBADMSG;
    }
    (void)sqlite3_finalize(statement); /* the step's fault is in r */
    return r;
}
