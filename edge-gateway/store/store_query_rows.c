#include "edge-gateway/store/store_query_rows.h"

#include "common/database.h"
#include "edge-gateway/statistics/bucket_pack.h"
#include "edge-gateway/store/store_cells.h"
#include "edge-gateway/store/store_hold.h"
#include "edge-gateway/store/store_rollup_rows.h"

#include <errno.h>

/* One series of the signal, and where in its rows the signal is. */
struct series {
    int64_t id;
    size_t index;
};

/* For each series of the signal. Stops at a fault, which it returns; 0 otherwise. */
typedef int (*series_fn)(struct store_query *query, const struct series *series, void *context);

static int for_each_series(struct store_query *query, const struct store_signal *signal,
                           series_fn fn, void *context)
{
    sqlite3_stmt *s = query->statements[STORE_QUERY_SERIES];
    /* Binding cannot fail: the indices exist, and the texts are not copied. */
    (void)sqlite3_bind_text(s, 1, query->options.buses[signal->bus].name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(s, 2, signal->message->name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(s, 3, signal->signal->name, -1, SQLITE_STATIC);
    int r;
    while ((r = database_step(s)) == 1) {
        const struct series series = {sqlite3_column_int64(s, 0),
                                      (size_t)sqlite3_column_int64(s, 1)};
        r = fn(query, &series, context);
        if (r < 0) {
            break;
        }
    }
    (void)sqlite3_reset(s); /* the step's fault is in r */
    return r;
}

static bool has_something(const struct bucket *bucket)
{
    return bucket->count > 0 || bucket->weighted_s > 0.0;
}

/* The signal's bucket out of a row (start_us, data). False: it has none. */
static bool take_bucket(sqlite3_stmt *row, const struct series *series, struct bucket *ret)
{
    const uint8_t *blob = sqlite3_column_blob(row, 1);
    size_t length = (size_t)sqlite3_column_bytes(row, 1);
    struct bucket bucket = {.count = 0};
    for (size_t i = 0; blob != NULL && i <= series->index; i++) {
        int used = bucket_decode(blob, length, sqlite3_column_int64(row, 0), &bucket);
        if (used < 0) {
            return false;
        }
        blob += used;
        length -= (size_t)used;
    }
    *ret = bucket;
    return blob != NULL && has_something(&bucket);
}

/* The signal's minutes out of a packed hour (hour_us, data). False: it cannot be read. */
static bool take_pack(sqlite3_stmt *row, struct bucket_pack *ret)
{
    const uint8_t *blob = sqlite3_column_blob(row, 1);
    size_t length = (size_t)sqlite3_column_bytes(row, 1);
    return bucket_pack_decode(blob, length, sqlite3_column_int64(row, 0), ret) == 0;
}

/* ---- a span ----------------------------------------------------------------------------- */

static sqlite3_stmt *bind_span(struct store_query *query, enum store_query_statement statement,
                               const struct series *series, int64_t second, int64_t from_us,
                               int64_t to_us)
{
    sqlite3_stmt *s = store_query_bind(query, statement, series->id, second);
    (void)sqlite3_bind_int64(s, 3, from_us); /* the indices exist */
    (void)sqlite3_bind_int64(s, 4, to_us);
    return s;
}

static sqlite3_stmt *bind_rows(struct store_query *query, const struct series *series,
                               enum store_level level, int64_t from_us, int64_t to_us)
{
    return bind_span(query, STORE_QUERY_ROWS, series, (int64_t)level, from_us, to_us);
}

/* Those of hours that begin in the span. */
static sqlite3_stmt *bind_packed(struct store_query *query, const struct series *series,
                                 int64_t from_us, int64_t to_us)
{
    return bind_span(query, STORE_QUERY_PACKED, series, (int64_t)series->index, from_us, to_us);
}

static void tell_bucket(const struct store_rows *rows, int64_t start_us,
                        const struct bucket *bucket)
{
    if (rows->fn != NULL) {
        rows->fn(rows->context, start_us, bucket);
    }
}

/* True: the row has something of the signal. */
static bool tell(const struct store_rows *rows, const struct series *series, sqlite3_stmt *row)
{
    struct bucket bucket;
    bool has_bucket = take_bucket(row, series, &bucket);
    if (has_bucket) {
        tell_bucket(rows, sqlite3_column_int64(row, 0), &bucket);
    }
    return has_bucket;
}

/* Those minutes of a packed hour that begin in the span. */
static void tell_packed(const struct store_rows *rows, sqlite3_stmt *row, int64_t from_us,
                        int64_t to_us)
{
    struct bucket_pack pack;
    int64_t hour_us = sqlite3_column_int64(row, 0);
    if (!take_pack(row, &pack)) {
        return;
    }
    for (int i = 0; i < BUCKET_PACK_MINUTES; i++) {
        const struct bucket *bucket = &pack.minutes[i];
        int64_t start_us = bucket_pack_start(hour_us, i);
        if (start_us >= from_us && start_us < to_us && has_something(bucket)) {
            tell_bucket(rows, start_us, bucket);
        }
    }
}

/* Packed, and in rows of their own; of some minutes there are both. */
static int read_minutes(struct store_query *query, const struct store_rows *rows,
                        const struct series *series, int64_t from_us, int64_t to_us)
{
    sqlite3_stmt *packed = bind_packed(query, series, from_us - from_us % STORE_HOUR_US, to_us);
    int r;
    while ((r = database_step(packed)) == 1) {
        tell_packed(rows, packed, from_us, to_us);
    }
    if (r < 0) {
        return r;
    }
    sqlite3_stmt *s = bind_rows(query, series, STORE_LEVEL_MINUTE, from_us, to_us);
    while ((r = database_step(s)) == 1) {
        (void)tell(rows, series, s);
    }
    return r;
}

/* Where the first row begins. `to_us` if there is none before that. 0 or -errno. */
static int find_first(sqlite3_stmt *s, int64_t to_us, int64_t *ret_us)
{
    int r = database_step(s);
    *ret_us = r == 1 ? sqlite3_column_int64(s, 0) : to_us;
    (void)sqlite3_reset(s); /* the step's fault is in r */
    return r < 0 ? r : 0;
}

/* The first hour of which there are minutes: those before it have been deleted, or never were.
 * `to_us` if there are none before that. 0 or -errno. */
static int find_first_hour(struct store_query *query, const struct series *series, int64_t to_us,
                           int64_t *ret_us)
{
    int64_t packed_us = to_us;
    int64_t minute_us = to_us;
    int r = find_first(bind_packed(query, series, 0, to_us), to_us, &packed_us);
    if (r == 0) {
        r = find_first(bind_rows(query, series, STORE_LEVEL_MINUTE, 0, to_us), to_us, &minute_us);
    }
    if (r == 0) {
        int64_t hour_us = minute_us < to_us ? minute_us - minute_us % STORE_HOUR_US : to_us;
        *ret_us = hour_us < packed_us ? hour_us : packed_us;
    }
    return r;
}

/* By minutes; where these are gone, by those hours that begin in the span. */
static int read_all(struct store_query *query, const struct store_rows *rows,
                    const struct series *series, int64_t from_us, int64_t to_us)
{
    int64_t hours_to_us = from_us;
    int r = from_us < to_us ? find_first_hour(query, series, to_us, &hours_to_us) : 1;
    if (r != 0) {
        return r < 0 ? r : 0;
    }
    sqlite3_stmt *s = bind_rows(query, series, STORE_LEVEL_HOUR, from_us, hours_to_us);
    while ((r = database_step(s)) == 1) {
        (void)tell(rows, series, s);
    }
    return r < 0 ? r : read_minutes(query, rows, series, from_us, to_us);
}

/* Whether an hour lies in the span, and whole in one of the buckets that are asked for. */
static bool fits(const struct store_rows *rows, int64_t start_us, int64_t to_us)
{
    int64_t after_us = start_us - rows->grid_us;
    return STORE_HOUR_US <= to_us - start_us &&
           (rows->grid_step_us == 0 ||
            after_us / rows->grid_step_us == (after_us + STORE_HOUR_US - 1) / rows->grid_step_us);
}

/* Whether any hour can: buckets of an hour have to begin with one, longer ones need not. */
static bool any_fits(const struct store_rows *rows)
{
    return rows->grid_step_us == 0 || rows->grid_step_us > STORE_HOUR_US ||
           (rows->grid_step_us == STORE_HOUR_US && rows->grid_us % STORE_HOUR_US == 0);
}

/* The hours from `*from_us` on that follow each other and fit, and how far they reach.
 * `ret_next_us`: where the next one of these begins, or `to_us`. 0 or -errno. */
static int read_hours(struct store_query *query, struct store_rows *rows,
                      const struct series *series, int64_t *from_us, int64_t to_us,
                      int64_t *ret_next_us)
{
    sqlite3_stmt *s = bind_rows(query, series, STORE_LEVEL_HOUR, *from_us, to_us);
    *ret_next_us = to_us;
    int r;
    while ((r = database_step(s)) == 1) {
        int64_t start_us = sqlite3_column_int64(s, 0);
        if (!fits(rows, start_us, to_us)) {
            continue;
        }
        if (start_us != *from_us) {
            *ret_next_us = start_us;
            break;
        }
        (void)tell(rows, series, s);
        rows->has_hours = true;
        *from_us += STORE_HOUR_US;
    }
    (void)sqlite3_reset(s); /* the step's fault is in r; what lies between needs the statement */
    return r < 0 ? r : 0;
}

/* Where hours have no row, or none that fits, minutes have. */
static int read_longest(struct store_query *query, struct store_rows *rows,
                        const struct series *series)
{
    int64_t from_us = rows->from_us;
    while (from_us < rows->to_us) {
        int64_t next_us;
        int r = read_hours(query, rows, series, &from_us, rows->to_us, &next_us);
        if (r == 0) {
            r = read_all(query, rows, series, from_us, next_us);
        }
        if (r < 0) {
            return r;
        }
        from_us = next_us;
    }
    return 0;
}

static int read_series(struct store_query *query, const struct series *series, void *context)
{
    struct store_rows *rows = context;
    return rows->wants_hours && any_fits(rows)
               ? read_longest(query, rows, series)
               : read_all(query, rows, series, rows->from_us, rows->to_us);
}

int store_query_rows(struct store_query *query, struct store_rows *rows)
{
    rows->has_hours = false;
    return for_each_series(query, rows->signal, read_series, rows);
}

/* ---- summaries -------------------------------------------------------------------------- */

struct summary_search {
    const struct store_rows *rows;
    uint64_t first_seq;
    uint64_t last_seq;
    uint64_t count;
};

static int read_summaries(struct store_query *query, const struct series *series, void *context)
{
    struct summary_search *search = context;
    sqlite3_stmt *s =
        store_query_bind(query, STORE_QUERY_SUMMARIES, series->id, (int64_t)search->first_seq);
    (void)sqlite3_bind_int64(s, 3, search->rows->from_us); /* the indices exist */
    (void)sqlite3_bind_int64(s, 4, search->rows->to_us);
    (void)sqlite3_bind_int64(s, 5, (sqlite3_int64)search->last_seq);
    int r;
    while ((r = database_step(s)) == 1) {
        search->count += tell(search->rows, series, s);
    }
    return r;
}

int store_query_summaries(struct store_query *query, const struct store_rows *rows,
                          uint64_t first_seq, uint64_t last_seq, uint64_t *ret_count)
{
    struct summary_search search = {rows, first_seq, last_seq, 0};
    int r = for_each_series(query, rows->signal, read_summaries, &search);
    if (r == 0) {
        *ret_count = search.count;
    }
    return r;
}

/* ---- what held -------------------------------------------------------------------------- */

/* Rows of minutes without a value, in which one held, or in which others of its message came. */
#define ROWS_MAX 64
/* Packed hours: a minute that has only a weight has one that has the value ten minutes before. */
#define HOURS_MAX 2

/* The newest value before a time. */
struct search {
    int64_t before_us;
    bool found;
    struct bucket bucket;
};

/* True: it has a value. */
static bool take_newest(struct search *search, const struct bucket *bucket)
{
    if (bucket->count == 0) {
        return false;
    }
    if (!search->found || bucket->last_us >= search->bucket.last_us) {
        search->bucket = *bucket;
    }
    search->found = true;
    return true;
}

static int find_in_rows(struct store_query *query, const struct series *series,
                        struct search *search)
{
    sqlite3_stmt *s = store_query_bind(query, STORE_QUERY_BEFORE, series->id, STORE_LEVEL_MINUTE);
    (void)sqlite3_bind_int64(s, 3, search->before_us); /* the index exists */
    int r = 0;
    for (int i = 0; i < ROWS_MAX && (r = database_step(s)) == 1; i++) {
        struct bucket bucket;
        if (take_bucket(s, series, &bucket) && take_newest(search, &bucket)) {
            break;
        }
    }
    (void)sqlite3_reset(s); /* the step's fault is in r */
    return r < 0 ? r : 0;
}

/* True: the hour has a value before the time. */
static bool take_newest_of(struct search *search, int64_t hour_us, const struct bucket_pack *pack)
{
    for (int i = BUCKET_PACK_MINUTES - 1; i >= 0; i--) {
        if (bucket_pack_start(hour_us, i) < search->before_us &&
            take_newest(search, &pack->minutes[i])) {
            return true;
        }
    }
    return false;
}

static int find_in_packed(struct store_query *query, const struct series *series,
                          struct search *search)
{
    sqlite3_stmt *s =
        store_query_bind(query, STORE_QUERY_PACKED_BEFORE, series->id, (int64_t)series->index);
    (void)sqlite3_bind_int64(s, 3, search->before_us); /* the index exists */
    int r = 0;
    for (int i = 0; i < HOURS_MAX && (r = database_step(s)) == 1; i++) {
        struct bucket_pack pack;
        if (take_pack(s, &pack) && take_newest_of(search, sqlite3_column_int64(s, 0), &pack)) {
            break;
        }
    }
    (void)sqlite3_reset(s); /* the step's fault is in r */
    return r < 0 ? r : 0;
}

static int find_value(struct store_query *query, const struct series *series, void *context)
{
    int r = find_in_rows(query, series, context);
    return r == 0 ? find_in_packed(query, series, context) : r;
}

int store_query_hold(struct store_query *query, const struct store_signal *signal, int64_t at_us,
                     struct bucket_hold *ret, bool *ret_newest)
{
    int64_t hold_us = store_hold_us(&query->options.buses[signal->bus], signal->message);
    struct search newest = {.before_us = INT64_MAX};
    struct search before = {.before_us = at_us};
    int r = for_each_series(query, signal, find_value, &newest);
    if (r == 0) {
        r = for_each_series(query, signal, find_value, &before);
    }
    if (r < 0) {
        return r;
    }
    const struct bucket *bucket = &before.bucket;
    *ret = (struct bucket_hold){
        .valid = before.found,
        .value = bucket->last,
        .since_us = bucket->last_us,
        .until_us = bucket->last_us + hold_us,
    };
    *ret_newest = newest.found && newest.bucket.last_us < at_us;
    return 0;
}
