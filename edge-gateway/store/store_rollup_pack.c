#include "edge-gateway/store/store_rollup_pack.h"

#include "common/database.h"
#include "edge-gateway/statistics/bucket_pack.h"
#include "edge-gateway/store/store_cells.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is packed at a time, in minutes: some four hours of messages beside what comes in, which it
 * has to outrun; an hour that is packed anew for a late frame counts whole. */
#define MINUTES_PER_CALL   256
#define MINUTES_PER_MINUTE 2

#define BYTES_MIN 4096

/* As the index has them: a row for each signal of a series. */
#define OF_HOUR                                                      \
    " FROM minutes WHERE series = ?1 AND signal IN (SELECT key FROM" \
    " json_each((SELECT signals FROM series WHERE id = ?1))) AND hour_us = ?2"

static const char *const sql[] = {
    [STORE_PACK_GET] = "SELECT data FROM minutes WHERE series = ?1 AND hour_us = ?2"
                       " AND signal = ?3",
    [STORE_PACK_PUT] = "INSERT OR REPLACE INTO minutes (series, hour_us, signal, data)"
                       " VALUES (?1, ?2, ?3, ?4)",
    [STORE_PACK_SIZE] = "SELECT count(*), sum(length(data))" OF_HOUR,
    [STORE_PACK_DELETE] = "DELETE" OF_HOUR,
    [STORE_PACK_OLDEST] = "SELECT min((SELECT hour_us FROM minutes WHERE series = s.id"
                          " AND signal = name.key ORDER BY hour_us LIMIT 1))"
                          " FROM series s, json_each(s.signals) name",
};
_Static_assert(sizeof(sql) / sizeof(sql[0]) == STORE_PACK_STATEMENT_COUNT, "a text for each");

int store_rollup_pack_init(struct store_rollup_pack *pack, struct store_rollup_rows *rows)
{
    *pack = (struct store_rollup_pack){.rows = rows};
    int r = 0;
    for (int i = 0; r == 0 && i < STORE_PACK_STATEMENT_COUNT; i++) {
        r = database_prepare(rows->db, sql[i], &pack->statements[i]);
    }
    return r;
}

void store_rollup_pack_deinit(struct store_rollup_pack *pack)
{
    for (int i = 0; i < STORE_PACK_STATEMENT_COUNT; i++) {
        (void)sqlite3_finalize(pack->statements[i]); /* repeats a fault that was reported */
    }
    free(pack->bytes);
    *pack = (struct store_rollup_pack){0};
}

/* One hour of a series. */
struct hour {
    int64_t series;
    int64_t start_us;
};

static sqlite3_stmt *prepare(const struct store_rollup_pack *pack,
                             enum store_pack_statement statement, const struct hour *hour)
{
    sqlite3_stmt *s = pack->statements[statement];
    (void)sqlite3_bind_int64(s, 1, hour->series); /* the indices exist */
    (void)sqlite3_bind_int64(s, 2, hour->start_us);
    return s;
}

/* ---- the rows of an hour's minutes ------------------------------------------------------ */

/* Where in pack->bytes the buckets of each minute are that were not taken yet. */
struct loose {
    size_t at[BUCKET_PACK_MINUTES];
    size_t left[BUCKET_PACK_MINUTES];
    size_t rows;
    size_t bytes;
};

static int make_room(struct store_rollup_pack *pack, size_t size)
{
    if (size <= pack->bytes_max) {
        return 0;
    }
    size_t max = 2 * size > BYTES_MIN ? 2 * size : BYTES_MIN;
    uint8_t *bytes = realloc(pack->bytes, max);
    if (bytes == NULL) {
        return -ENOMEM;
    }
    pack->bytes = bytes;
    pack->bytes_max = max;
    return 0;
}

static int take_row(struct store_rollup_pack *pack, sqlite3_stmt *row, const struct hour *hour,
                    struct loose *loose)
{
    int64_t after_us = sqlite3_column_int64(row, 0) - hour->start_us;
    const uint8_t *blob = sqlite3_column_blob(row, 1);
    size_t length = (size_t)sqlite3_column_bytes(row, 1);
    loose->rows++;
    if (blob == NULL || after_us % STORE_MINUTE_US != 0) {
        pack->damaged++;
        return 0;
    }
    int r = make_room(pack, loose->bytes + length);
    if (r == 0) {
        memcpy(pack->bytes + loose->bytes, blob, length);
        loose->at[after_us / STORE_MINUTE_US] = loose->bytes;
        loose->left[after_us / STORE_MINUTE_US] = length;
        loose->bytes += length;
    }
    return r;
}

static int read_loose(struct store_rollup_pack *pack, const struct hour *hour, struct loose *loose)
{
    sqlite3_stmt *s = store_rollup_list_minutes(pack->rows, hour->series, hour->start_us);
    int r;
    while ((r = database_step(s)) == 1) {
        r = take_row(pack, s, hour, loose);
        if (r < 0) {
            break;
        }
    }
    (void)sqlite3_reset(s); /* the step's fault is in r */
    return r;
}

/* The next signal's minutes; of a row that is damaged, what comes before the damage. False: all
 * signals were taken. */
static bool take_signal(struct store_rollup_pack *pack, const struct hour *hour,
                        struct loose *loose, struct bucket_pack *ret)
{
    bool has_more = false;
    *ret = (struct bucket_pack){.minutes = {{.count = 0}}};
    for (int i = 0; i < BUCKET_PACK_MINUTES; i++) {
        if (loose->left[i] == 0) {
            continue;
        }
        int used = bucket_decode(pack->bytes + loose->at[i], loose->left[i],
                                 bucket_pack_start(hour->start_us, i), &ret->minutes[i]);
        if (used < 0) {
            pack->damaged++;
            loose->left[i] = 0;
            continue;
        }
        loose->at[i] += (size_t)used;
        loose->left[i] -= (size_t)used;
        has_more = true;
    }
    return has_more;
}

/* ---- packing ---------------------------------------------------------------------------- */

/* What is there already, if it can be read, is added to `minutes`; `ret_bytes`: what its row takes.
 * 0 or -errno. */
static int add_packed(struct store_rollup_pack *pack, const struct hour *hour, int signal,
                      struct bucket_pack *minutes, uint64_t *ret_bytes)
{
    struct bucket_pack found;
    sqlite3_stmt *s = prepare(pack, STORE_PACK_GET, hour);
    (void)sqlite3_bind_int(s, 3, signal); /* the index exists */
    *ret_bytes = 0;
    int r = database_step(s);
    if (r == 1) {
        size_t length = (size_t)sqlite3_column_bytes(s, 0);
        *ret_bytes = length + STORE_ROLLUP_ROW_BYTES;
        if (bucket_pack_decode(sqlite3_column_blob(s, 0), length, hour->start_us, &found) == 0) {
            bucket_pack_merge(minutes, &found);
        } else {
            pack->damaged++;
        }
    }
    (void)sqlite3_reset(s); /* the step's fault is in r */
    return r < 0 ? r : 0;
}

static int put(struct store_rollup_pack *pack, const struct hour *hour, int signal,
               const struct bucket_pack *minutes, uint64_t old_bytes)
{
    uint8_t bytes[BUCKET_PACK_MAX_BYTES];
    size_t length = bucket_pack_encode(minutes, hour->start_us, bytes);
    sqlite3_stmt *s = prepare(pack, STORE_PACK_PUT, hour);
    (void)sqlite3_bind_int(s, 3, signal); /* cannot fail: the blob is not copied */
    (void)sqlite3_bind_blob64(s, 4, bytes, length, SQLITE_STATIC);
    int r = database_step(s);
    (void)sqlite3_clear_bindings(s); /* `bytes` ends here */
    if (r == 0) {
        pack->rows->bytes += length + STORE_ROLLUP_ROW_BYTES - old_bytes;
        pack->oldest_us = hour->start_us < pack->oldest_us ? hour->start_us : pack->oldest_us;
    }
    return r;
}

/* How many minutes its row has then, or -errno. */
static int pack_signal(struct store_rollup_pack *pack, const struct hour *hour, int signal,
                       struct bucket_pack *minutes)
{
    uint64_t old_bytes;
    if (bucket_pack_count(minutes) == 0) {
        return 0;
    }
    int r = add_packed(pack, hour, signal, minutes, &old_bytes);
    if (r == 0) {
        r = put(pack, hour, signal, minutes, old_bytes);
    }
    return r < 0 ? r : bucket_pack_count(minutes);
}

/* What it cost in minutes, or -errno. */
static int pack_hour(struct store_rollup_pack *pack, const struct hour *hour)
{
    struct loose loose = {.rows = 0};
    struct bucket_pack minutes;
    int cost = 1;
    int r = read_loose(pack, hour, &loose);
    for (int i = 0; r >= 0 && take_signal(pack, hour, &loose, &minutes); i++) {
        r = pack_signal(pack, hour, i, &minutes);
        cost = r > cost ? r : cost;
    }
    if (r >= 0 && loose.rows > 0) {
        r = store_rollup_drop_minutes(pack->rows, hour->series, hour->start_us);
    }
    return r < 0 ? r : cost;
}

/* Begins with the oldest hour that is not packed, if it has been over for an hour: its values hold
 * no more (STORE_HOLD_MAX_US), and late frames have come. */
static int begin_sweep(struct store_rollup_pack *pack, int64_t minute_us)
{
    int64_t oldest_us;
    int r = store_rollup_oldest_minute(pack->rows, &oldest_us);
    if (r <= 0) {
        return r;
    }
    int64_t hour_us = oldest_us - oldest_us % STORE_HOUR_US;
    pack->sweeping = hour_us + 2 * STORE_HOUR_US <= minute_us;
    pack->hour_us = hour_us;
    pack->series = 0;
    return 0;
}

/* What the next series cost, or -errno. */
static int sweep_series(struct store_rollup_pack *pack)
{
    int r = store_rollup_next_series(pack->rows, pack->series, &pack->series);
    if (r <= 0) {
        pack->sweeping = false;
        return r;
    }
    const struct hour hour = {pack->series, pack->hour_us};
    return pack_hour(pack, &hour);
}

int store_rollup_pack(struct store_rollup_pack *pack, int64_t minute_us, uint64_t written)
{
    int64_t left = MINUTES_PER_CALL + MINUTES_PER_MINUTE * (int64_t)written;
    while (left > 0) {
        int r = pack->sweeping ? 0 : begin_sweep(pack, minute_us);
        if (r < 0 || !pack->sweeping) {
            return r;
        }
        r = sweep_series(pack);
        if (r < 0) {
            return r;
        }
        left -= r;
    }
    return 0;
}

/* ---- the end of it ---------------------------------------------------------------------- */

int store_rollup_pack_oldest(struct store_rollup_pack *pack, int64_t *ret_hour_us)
{
    if (!pack->knows_oldest) {
        int r = database_number(pack->statements[STORE_PACK_OLDEST], &pack->oldest_us);
        if (r < 0) {
            return r;
        }
        pack->oldest_us = r == 1 ? pack->oldest_us : INT64_MAX;
        pack->knows_oldest = true;
    }
    if (pack->oldest_us == INT64_MAX) {
        return 0;
    }
    *ret_hour_us = pack->oldest_us;
    return 1;
}

int store_rollup_pack_drop(struct store_rollup_pack *pack, int64_t series, int64_t hour_us)
{
    const struct hour hour = {series, hour_us};
    int r = store_rollup_delete(pack->rows, prepare(pack, STORE_PACK_SIZE, &hour),
                                prepare(pack, STORE_PACK_DELETE, &hour));
    if (r == 0) {
        pack->knows_oldest = pack->knows_oldest && pack->oldest_us != hour_us;
    }
    return r;
}
