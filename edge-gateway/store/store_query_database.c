#include "edge-gateway/store/store_query_database.h"

#include "common/database.h"
#include "edge-gateway/store/store_state.h"
#include "edge-gateway/store/store_zones.h"

#include <errno.h>
#include <stdlib.h>

#define BUSY_TIMEOUT_MS 1000

/* Those that overlap the span from ?1 to ?2. */
#define SHORT_ZONES                                               \
    " FROM zones INDEXED BY zones_short WHERE " STORE_ZONES_SHORT \
    " AND from_us > ?1 - " STORE_ZONES_SHORT_US " AND from_us < ?2 AND to_us >= ?1"
#define LONG_ZONES                                                    \
    " FROM zones INDEXED BY zones_long WHERE NOT (" STORE_ZONES_SHORT \
    ") AND from_us < ?2 AND to_us >= ?1"
#define OF_SEQS " AND last_seq >= ?3 AND first_seq <= ?4"

static const char *const sql[] = {
    [STORE_QUERY_STATE] = "SELECT value FROM state WHERE name = ?1",
    [STORE_QUERY_NEWEST] = "SELECT last_seq FROM segments ORDER BY first_seq DESC LIMIT 1",
    [STORE_QUERY_OLDEST] = "SELECT first_seq FROM segments ORDER BY first_seq LIMIT 1",
    [STORE_QUERY_BUS] = "SELECT id FROM buses WHERE name = ?1",
    [STORE_QUERY_COST] =
        "SELECT segments, frames" SHORT_ZONES " UNION ALL SELECT segments, frames" LONG_ZONES,
    [STORE_QUERY_ZONES] =
        "SELECT first_seq, last_seq" SHORT_ZONES OF_SEQS
        " UNION ALL SELECT first_seq, last_seq" LONG_ZONES OF_SEQS " ORDER BY first_seq",
    [STORE_QUERY_SEGMENTS] =
        "SELECT " STORE_ROW_COLUMNS " FROM segments WHERE first_seq >="
        " coalesce((SELECT max(first_seq) FROM segments WHERE first_seq <= ?1), 0)"
        " AND first_seq <= ?2 ORDER BY first_seq",
    [STORE_QUERY_SERIES] = "SELECT series.id, name.key FROM series, json_each(series.signals) name"
                           " WHERE bus = ?1 AND message = ?2 AND name.value = ?3",
    [STORE_QUERY_ROWS] = "SELECT start_us, data FROM rollups WHERE series = ?1 AND level_s = ?2"
                         " AND start_us >= ?3 AND start_us < ?4 ORDER BY start_us",
    [STORE_QUERY_BEFORE] = "SELECT start_us, data FROM rollups WHERE series = ?1 AND level_s = ?2"
                           " AND start_us < ?3 ORDER BY start_us DESC",
    [STORE_QUERY_PACKED] = "SELECT hour_us, data FROM minutes WHERE series = ?1 AND signal = ?2"
                           " AND hour_us >= ?3 AND hour_us < ?4 ORDER BY hour_us",
    [STORE_QUERY_PACKED_BEFORE] = "SELECT hour_us, data FROM minutes WHERE series = ?1"
                                  " AND signal = ?2 AND hour_us < ?3 ORDER BY hour_us DESC",
    [STORE_QUERY_SUMMARIES] = "SELECT from_us, data FROM summaries WHERE series = ?1"
                              " AND first_seq >= ?2 AND from_us >= ?3 AND from_us < ?4"
                              " AND first_seq <= ?5"
                              " ORDER BY from_us",
};
_Static_assert(sizeof(sql) / sizeof(sql[0]) == STORE_QUERY_STATEMENT_COUNT, "a text for each");

/* The most signals that one message has. */
static size_t most_signals(const struct store_query_options *options)
{
    size_t most = 1;
    for (size_t i = 0; i < options->bus_count; i++) {
        const struct dbc_database *database = options->buses[i].database;
        for (size_t k = 0; database != NULL && k < dbc_message_count(database); k++) {
            size_t count = dbc_message_at(database, k)->signal_count;
            most = count > most ? count : most;
        }
    }
    return most;
}

int store_query_new(const struct store_query_options *options, struct store_query **ret)
{
    struct store_query *query = calloc(1, sizeof(*query));
    if (query == NULL) {
        return -ENOMEM;
    }
    size_t signals = most_signals(options);
    query->options = *options;
    query->values = calloc(signals, sizeof(*query->values));
    query->buckets = calloc(signals, sizeof(*query->buckets));
    if (query->values == NULL || query->buckets == NULL) {
        store_query_free(query);
        return -ENOMEM;
    }
    *ret = query;
    return 0;
}

static void close_database(struct store_query *query)
{
    for (int i = 0; i < STORE_QUERY_STATEMENT_COUNT; i++) {
        (void)sqlite3_finalize(query->statements[i]); /* repeats a fault that was reported */
        query->statements[i] = NULL;
    }
    database_close(query->db);
    query->db = NULL;
}

void store_query_free(struct store_query *query)
{
    if (query == NULL) {
        return;
    }
    close_database(query);
    store_row_blobs_deinit(&query->blobs);
    free(query->values);
    free(query->buckets);
    free(query);
}

/* A damaged file may have been set aside since: then the connection is to one of the past. */
static int open_database(struct store_query *query)
{
    const struct database_options options = {
        .path = query->options.path, .read_only = true, .busy_timeout_ms = BUSY_TIMEOUT_MS};
    if (query->db != NULL && database_has_moved(query->db)) {
        close_database(query);
    }
    int r = query->db == NULL ? database_open(&options, &query->db, NULL) : 0;
    for (int i = 0; r == 0 && i < STORE_QUERY_STATEMENT_COUNT; i++) {
        if (query->statements[i] == NULL) {
            r = database_prepare(query->db, sql[i], &query->statements[i]);
        }
    }
    return r;
}

uint64_t store_query_damaged(const struct store_query *query)
{
    return query->damaged;
}

sqlite3_stmt *store_query_bind(struct store_query *query, enum store_query_statement statement,
                               int64_t first, int64_t second)
{
    sqlite3_stmt *s = query->statements[statement];
    (void)sqlite3_bind_int64(s, 1, first); /* the indices exist */
    (void)sqlite3_bind_int64(s, 2, second);
    return s;
}

/* One number by a name (NULL: by nothing), which is static. Untouched if there is none. */
static int read_number(struct store_query *query, enum store_query_statement statement,
                       const char *name, int64_t *ret)
{
    sqlite3_stmt *s = query->statements[statement];
    if (name != NULL) {
        (void)sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC); /* not copied */
    }
    int r = database_step(s);
    if (r == 1) {
        *ret = sqlite3_column_int64(s, 0);
    }
    (void)sqlite3_reset(s); /* the step's fault is in r */
    return r < 0 ? r : 0;
}

static int read_buses(struct store_query *query)
{
    for (size_t i = 0; i < sizeof(query->bus_of) / sizeof(query->bus_of[0]); i++) {
        query->bus_of[i] = STORE_QUERY_NO_BUS;
    }
    int r = 0;
    for (size_t i = 0; r == 0 && i < query->options.bus_count; i++) {
        int64_t id = -1;
        r = read_number(query, STORE_QUERY_BUS, query->options.buses[i].name, &id);
        if (r == 0 && id >= 0 && id < 256) {
            query->bus_of[id] = (int)i;
        }
    }
    return r;
}

/* A log that begins anew takes its first seq from the clock: what lies before it waits for nobody.
 */
static int read_rollup_seq(struct store_query *query)
{
    int64_t rollup_seq = 0;
    int64_t oldest_seq = 0;
    int r =
        read_number(query, STORE_QUERY_STATE, store_state_text(STORE_STATE_ROLLUP), &rollup_seq);
    if (r == 0) {
        r = read_number(query, STORE_QUERY_OLDEST, NULL, &oldest_seq);
    }
    query->rollup_seq = (uint64_t)(rollup_seq < oldest_seq ? oldest_seq - 1 : rollup_seq);
    return r;
}

static int read_moment(struct store_query *query)
{
    int64_t newest_seq = 0;
    int r = database_exec(query->db, "BEGIN");
    if (r == 0) {
        r = read_rollup_seq(query);
    }
    if (r == 0) {
        r = read_number(query, STORE_QUERY_NEWEST, NULL, &newest_seq);
    }
    query->weighed_us = 0;
    query->damaged = 0;
    if (r == 0) {
        r = read_number(query, STORE_QUERY_STATE, store_state_text(STORE_STATE_WEIGHED),
                        &query->weighed_us);
    }
    query->newest_seq = (uint64_t)newest_seq;
    return r == 0 ? read_buses(query) : r;
}

int store_query_begin(struct store_query *query)
{
    int r = open_database(query);
    if (r == 0) {
        r = read_moment(query);
    }
    return r < 0 ? store_query_end(query, r) : 0;
}

int store_query_end(struct store_query *query, int result)
{
    if (result < 0 && result != -EAGAIN && result != -ENOMEM) {
        close_database(query); /* another file may be in its place by now */
    } else if (query->db != NULL) {
        (void)sqlite3_exec(query->db, "ROLLBACK", NULL, NULL, NULL); /* nothing was written */
    }
    return result;
}
