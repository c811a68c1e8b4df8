#include "edge-gateway/store/log_check_derived.h"

#include "common/database.h"
#include "edge-gateway/statistics/bucket_pack.h"
#include "edge-gateway/store/store_rollup_rows.h"
#include "edge-gateway/store/store_seal.h"
#include "edge-gateway/store/store_state.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

/* Values of all signals of a row. False: it is damaged, or has not as many buckets as signals. */
static bool count_values(sqlite3_stmt *row, int column, int64_t start_us, int64_t signals,
                         uint64_t *ret)
{
    const uint8_t *blob = sqlite3_column_blob(row, column);
    size_t length = (size_t)sqlite3_column_bytes(row, column);
    int64_t buckets = 0;
    uint64_t values = 0;
    while (blob != NULL && length > 0) {
        struct bucket bucket;
        int used = bucket_decode(blob, length, start_us, &bucket);
        if (used < 0) {
            return false;
        }
        blob += used;
        length -= (size_t)used;
        values += bucket.count;
        buckets++;
    }
    *ret = values;
    return buckets == signals;
}

/* ---- summaries -------------------------------------------------------------------------- */

static int check_summaries(sqlite3 *db, struct log_report *report)
{
    enum {
        FIRST,
        LAST,
        FROM_US,
        TO_US,
        DATA,
        SIGNALS,
        HAS_SEGMENT
    };
    struct log_tally tally = {.faults = 0};
    uint64_t count = 0;
    sqlite3_stmt *s;
    int r = database_prepare(
        db,
        "SELECT first_seq, last_seq, from_us, to_us, data, (SELECT json_array_length(signals)"
        " FROM series WHERE id = series), (SELECT last_seq FROM segments WHERE first_seq <="
        " summaries.first_seq ORDER BY first_seq DESC LIMIT 1) >= first_seq FROM summaries",
        &s);
    if (r < 0) {
        return r;
    }
    while ((r = database_step(s)) == 1) {
        uint64_t values;
        int64_t from_us = sqlite3_column_int64(s, FROM_US);
        count++;
        if (sqlite3_column_int64(s, LAST) < sqlite3_column_int64(s, FIRST) ||
            sqlite3_column_int64(s, TO_US) < from_us || sqlite3_column_int(s, HAS_SEGMENT) == 0 ||
            !count_values(s, DATA, from_us, sqlite3_column_int64(s, SIGNALS), &values)) {
            log_tally_fault(&tally, "the summary of seqs %" PRId64 " to %" PRId64 " is damaged",
                            (int64_t)sqlite3_column_int64(s, FIRST),
                            (int64_t)sqlite3_column_int64(s, LAST));
        }
    }
    (void)sqlite3_finalize(s); /* the step's fault is in r */
    char text[LOG_FINDING_TEXT_BYTES];
    (void)snprintf(text, sizeof(text), "%" PRIu64 " of what was thinned", count);
    if (r == 0) {
        log_report_add_tally(report, "summaries", &tally, text);
    }
    return r;
}

/* ---- roll-ups --------------------------------------------------------------------------- */

enum rollup_statement {
    ROLLUP_ROWS,
    ROLLUP_MINUTES, /* of one hour of a series */
    ROLLUP_PACKED,  /* the same */
    ROLLUP_ALL_PACKED,
    ROLLUP_STATEMENT_COUNT
};

static const char *const rollup_sql[] = {
    [ROLLUP_ROWS] = "SELECT series, level_s, start_us, data, (SELECT json_array_length(signals)"
                    " FROM series WHERE id = rollups.series) FROM rollups",
    [ROLLUP_MINUTES] = "SELECT start_us, data FROM rollups WHERE series = ?1 AND level_s = 60"
                       " AND start_us >= ?2 AND start_us < ?2 + 3600000000",
    [ROLLUP_PACKED] = "SELECT data FROM minutes WHERE series = ?1 AND signal IN (SELECT key FROM"
                      " json_each((SELECT signals FROM series WHERE id = ?1))) AND hour_us = ?2",
    [ROLLUP_ALL_PACKED] = "SELECT series, signal, hour_us, data, (SELECT json_array_length(signals)"
                          " FROM series WHERE id = minutes.series) FROM minutes",
};
_Static_assert(sizeof(rollup_sql) / sizeof(rollup_sql[0]) == ROLLUP_STATEMENT_COUNT,
               "a text for each");

struct rollup_check {
    sqlite3_stmt *statements[ROLLUP_STATEMENT_COUNT];
    struct log_tally tally;
    uint64_t count;
    uint64_t packed; /* rows of packed minutes */
};

/* A row of roll-ups. */
struct rollup_row {
    int64_t series;
    int64_t level_s;
    int64_t start_us;
    int64_t signals;
    uint64_t values;
};

/* Values of all minutes in a row. False: it is damaged. */
static bool count_packed(sqlite3_stmt *row, int column, int64_t hour_us, uint64_t *ret)
{
    struct bucket_pack pack;
    const uint8_t *blob = sqlite3_column_blob(row, column);
    size_t length = (size_t)sqlite3_column_bytes(row, column);
    uint64_t values = 0;
    if (bucket_pack_decode(blob, length, hour_us, &pack) < 0) {
        return false;
    }
    for (size_t i = 0; i < BUCKET_PACK_MINUTES; i++) {
        values += pack.minutes[i].count;
    }
    *ret = values;
    return length > 0;
}

static sqlite3_stmt *bind_hour(const struct rollup_check *c, enum rollup_statement statement,
                               const struct rollup_row *hour)
{
    sqlite3_stmt *s = c->statements[statement];
    (void)sqlite3_bind_int64(s, 1, hour->series); /* the indices exist */
    (void)sqlite3_bind_int64(s, 2, hour->start_us);
    return s;
}

/* Compares an hour with its minutes, if these were not deleted. Damaged ones are faults of their
 * own. 0 or -errno. */
static int compare_with_minutes(struct rollup_check *c, const struct rollup_row *hour)
{
    uint64_t sum = 0;
    uint64_t count = 0;
    int r;
    sqlite3_stmt *s = bind_hour(c, ROLLUP_MINUTES, hour);
    for (; (r = database_step(s)) == 1; count++) {
        uint64_t values = 0;
        (void)count_values(s, 1, sqlite3_column_int64(s, 0), hour->signals, &values);
        sum += values;
    }
    if (r < 0) {
        return r;
    }
    s = bind_hour(c, ROLLUP_PACKED, hour);
    for (; (r = database_step(s)) == 1; count++) {
        uint64_t values = 0;
        (void)count_packed(s, 0, hour->start_us, &values);
        sum += values;
    }
    if (r == 0 && count > 0 && sum != hour->values) {
        log_tally_fault(&c->tally,
                        "series %" PRId64 ", %" PRId64 " s from %" PRId64 " us on: %" PRIu64
                        " values, in its minutes %" PRIu64,
                        hour->series, hour->level_s, hour->start_us, hour->values, sum);
    }
    return r;
}

static int check_rollup(struct rollup_check *c)
{
    sqlite3_stmt *s = c->statements[ROLLUP_ROWS];
    struct rollup_row row = {
        .series = sqlite3_column_int64(s, 0),
        .level_s = sqlite3_column_int64(s, 1),
        .start_us = sqlite3_column_int64(s, 2),
        .signals = sqlite3_column_int64(s, 4),
    };
    bool is_level = row.level_s == STORE_LEVEL_MINUTE || row.level_s == STORE_LEVEL_QUARTER ||
                    row.level_s == STORE_LEVEL_HOUR;
    c->count++;
    if (!is_level || row.start_us < 0 || row.start_us % (row.level_s * 1000000) != 0 ||
        !count_values(s, 3, row.start_us, row.signals, &row.values)) {
        log_tally_fault(&c->tally,
                        "series %" PRId64 ", %" PRId64 " s from %" PRId64 " us on is damaged",
                        row.series, row.level_s, row.start_us);
        return 0;
    }
    return row.level_s == STORE_LEVEL_HOUR ? compare_with_minutes(c, &row) : 0;
}

static void check_packed(struct rollup_check *c)
{
    sqlite3_stmt *s = c->statements[ROLLUP_ALL_PACKED];
    int64_t signal = sqlite3_column_int64(s, 1);
    int64_t hour_us = sqlite3_column_int64(s, 2);
    uint64_t values;
    c->packed++;
    if (signal < 0 || signal >= sqlite3_column_int64(s, 4) || hour_us < 0 ||
        hour_us % store_level_us(STORE_LEVEL_HOUR) != 0 || !count_packed(s, 3, hour_us, &values)) {
        log_tally_fault(&c->tally,
                        "series %" PRId64 ", signal %" PRId64 ": the minutes from %" PRId64
                        " us on are damaged",
                        (int64_t)sqlite3_column_int64(s, 0), signal, hour_us);
    }
}

static int check_all_rollups(sqlite3 *db, struct rollup_check *c)
{
    int r = 0;
    for (int i = 0; r == 0 && i < ROLLUP_STATEMENT_COUNT; i++) {
        r = database_prepare(db, rollup_sql[i], &c->statements[i]);
    }
    while (r >= 0 && (r = database_step(c->statements[ROLLUP_ALL_PACKED])) == 1) {
        check_packed(c);
    }
    while (r >= 0 && (r = database_step(c->statements[ROLLUP_ROWS])) == 1) {
        r = check_rollup(c);
    }
    return r;
}

static int check_rollups(sqlite3 *db, struct log_report *report)
{
    struct rollup_check c = {.count = 0};
    int r = check_all_rollups(db, &c);
    for (int i = 0; i < ROLLUP_STATEMENT_COUNT; i++) {
        (void)sqlite3_finalize(c.statements[i]); /* the steps' fault is in r */
    }
    char text[LOG_FINDING_TEXT_BYTES];
    (void)snprintf(text, sizeof(text),
                   "%" PRIu64 " rows of minutes and hours, %" PRIu64 " of packed minutes", c.count,
                   c.packed);
    if (r == 0) {
        log_report_add_tally(report, "rollups", &c.tally, text);
    }
    return r;
}

/* ---- zones ------------------------------------------------------------------------------ */

static int check_zones(sqlite3 *db, struct log_report *report)
{
    uint64_t rollup_seq = 0;
    uint64_t broken = 0;
    uint64_t count = 0;
    int r = store_state_query(
        db, "SELECT coalesce((SELECT value FROM state WHERE name = 'rollup_seq'), 0)", &rollup_seq);
    if (r == 0) {
        r = store_state_query(db,
                              "SELECT count(*) FROM (SELECT first_seq, last_seq,"
                              " lag(last_seq) OVER (ORDER BY first_seq) AS before FROM zones)"
                              " WHERE last_seq < first_seq OR first_seq <> before + 1",
                              &broken);
    }
    if (r == 0) {
        r = store_state_query(db, "SELECT count(*) FROM zones", &count);
    }
    uint64_t last = rollup_seq;
    if (r == 0 && count > 0) {
        r = store_state_query(db, "SELECT max(last_seq) FROM zones", &last);
    }
    if (r == 0) {
        log_report_add(report, "zones", broken == 0 && last == rollup_seq,
                       "%" PRIu64 " up to seq %" PRIu64 ", %" PRIu64
                       " do not follow the one before; rolled up are seqs up to %" PRIu64,
                       count, last, broken, rollup_seq);
    }
    return r;
}

/* ---- the seal --------------------------------------------------------------------------- */

/* Of the newest seq: what the database has reserved may have been given back since. */
static void check_seal(sqlite3 *db, struct log_report *report)
{
    static const char *const texts[] = {
        [STORE_SEAL_NEW] = "is empty",
        [STORE_SEAL_WHOLE] = "is whole",
        [STORE_SEAL_HALF] = "has one line that cannot be read",
        [STORE_SEAL_LOST] = "cannot be read",
    };
    char path[PATH_MAX];
    struct store_seal_found found;
    const char *file = sqlite3_db_filename(db, "main");
    int length = snprintf(path, sizeof(path), "%s.seal", file != NULL ? file : "");
    int r = length < 0 || (size_t)length >= sizeof(path) ? -ENAMETOOLONG
                                                         : store_seal_read(path, &found);
    uint64_t newest = report->figures.newest;
    if (r == -ENOENT) {
        log_report_add(report, "seal", true, "there is none beside it: a copy has none");
    } else if (r < 0) {
        log_report_add(report, "seal", false, "it cannot be opened (%d)", -r);
    } else {
        log_report_add(report, "seal",
                       found.health == STORE_SEAL_WHOLE && found.state.reserved >= newest,
                       "it %s, and reserves seqs up to %" PRIu64 "; the newest is %" PRIu64,
                       texts[found.health], found.state.reserved, newest);
    }
}

int log_check_derived(sqlite3 *db, struct log_report *report)
{
    int r = check_summaries(db, report);
    if (r == 0) {
        r = check_rollups(db, report);
    }
    if (r == 0) {
        r = check_zones(db, report);
    }
    check_seal(db, report);
    return r;
}
