#include "edge-gateway/store/log_check_derived.h"

#include "common/database.h"
#include "edge-gateway/statistics/bucket.h"
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

struct rollup_check {
    sqlite3_stmt *rows;
    sqlite3_stmt *minutes; /* of one row */
    struct log_tally tally;
    uint64_t count;
};

/* A row of roll-ups. */
struct rollup_row {
    int64_t series;
    int64_t level_s;
    int64_t start_us;
    int64_t signals;
    uint64_t values;
};

/* Compares a longer row with its minutes, if these were not deleted. 0 or -errno. */
static int compare_with_minutes(struct rollup_check *c, const struct rollup_row *row)
{
    uint64_t sum = 0;
    uint64_t count = 0;
    int r;
    (void)sqlite3_bind_int64(c->minutes, 1, row->series); /* the indices exist */
    (void)sqlite3_bind_int64(c->minutes, 2, row->start_us);
    (void)sqlite3_bind_int64(c->minutes, 3, row->start_us + row->level_s * 1000000);
    while ((r = database_step(c->minutes)) == 1) {
        uint64_t values = 0; /* of a damaged one: it is a fault of its own */
        (void)count_values(c->minutes, 1, sqlite3_column_int64(c->minutes, 0), row->signals,
                           &values);
        sum += values;
        count++;
    }
    if (r == 0 && count > 0 && sum != row->values) {
        log_tally_fault(&c->tally,
                        "series %" PRId64 ", %" PRId64 " s from %" PRId64 " us on: %" PRIu64
                        " values, in its minutes %" PRIu64,
                        row->series, row->level_s, row->start_us, row->values, sum);
    }
    return r;
}

static int check_rollup(struct rollup_check *c)
{
    struct rollup_row row = {
        .series = sqlite3_column_int64(c->rows, 0),
        .level_s = sqlite3_column_int64(c->rows, 1),
        .start_us = sqlite3_column_int64(c->rows, 2),
        .signals = sqlite3_column_int64(c->rows, 4),
    };
    bool is_level = row.level_s == STORE_LEVEL_MINUTE || row.level_s == STORE_LEVEL_QUARTER ||
                    row.level_s == STORE_LEVEL_HOUR;
    c->count++;
    if (!is_level || row.start_us < 0 || row.start_us % (row.level_s * 1000000) != 0 ||
        !count_values(c->rows, 3, row.start_us, row.signals, &row.values)) {
        log_tally_fault(&c->tally,
                        "series %" PRId64 ", %" PRId64 " s from %" PRId64 " us on is damaged",
                        row.series, row.level_s, row.start_us);
        return 0;
    }
    return row.level_s == STORE_LEVEL_MINUTE ? 0 : compare_with_minutes(c, &row);
}

static int check_all_rollups(sqlite3 *db, struct rollup_check *c)
{
    int r = database_prepare(db,
                             "SELECT series, level_s, start_us, data, (SELECT"
                             " json_array_length(signals) FROM series WHERE id = rollups.series)"
                             " FROM rollups",
                             &c->rows);
    if (r == 0) {
        r = database_prepare(db,
                             "SELECT start_us, data FROM rollups WHERE series = ?1 AND level_s = 60"
                             " AND start_us >= ?2 AND start_us < ?3",
                             &c->minutes);
    }
    while (r >= 0 && (r = database_step(c->rows)) == 1) {
        r = check_rollup(c);
    }
    return r;
}

static int check_rollups(sqlite3 *db, struct log_report *report)
{
    struct rollup_check c = {.count = 0};
    int r = check_all_rollups(db, &c);
    (void)sqlite3_finalize(c.rows); /* the steps' fault is in r */
    (void)sqlite3_finalize(c.minutes);
    char text[LOG_FINDING_TEXT_BYTES];
    (void)snprintf(text, sizeof(text), "%" PRIu64 " rows of minutes, quarters and hours", c.count);
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
