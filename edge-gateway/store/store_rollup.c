#include "edge-gateway/store/store_rollup.h"

#include "common/clock.h"
#include "common/database.h"
#include "edge-gateway/store/store_cells.h"
#include "edge-gateway/store/store_rollup_expiry.h"
#include "edge-gateway/store/store_rollup_holds.h"
#include "edge-gateway/store/store_rollup_pack.h"
#include "edge-gateway/store/store_rollup_rows.h"
#include "edge-gateway/store/store_row.h"
#include "edge-gateway/store/store_series.h"
#include "edge-gateway/store/store_space.h"
#include "edge-gateway/store/store_state.h"
#include "edge-gateway/store/store_zones.h"

#include <errno.h>
#include <stdlib.h>

#define RETRY_US    (5 * US_PER_S)
#define TIME_MAX_US (INT64_C(253402300800) * US_PER_S) /* the year 10000: beyond is no time */

/* When a minute is over, its cells are written; but only if so many frames or commits make it worth
 * while: a fast replay passes many minutes in a second. */
#define FRAMES_PER_WRITE   20000
#define SEGMENTS_PER_WRITE 500
/* Then it is time anyway: so many may have to be read again. */
#define FRAMES_MAX ((uint64_t)1 << 20)
/* Frames that are read again with one commit: some 20 ms. */
#define FRAMES_PER_CATCH_UP 20000
/* Stamps this far back are no late frames: the clock was set. */
#define LATE_US (2 * STORE_MINUTE_US)

/* The quota's part that roll-ups may take. */
#define QUOTA_DIVISOR 4

#define NO_BUS (-1)

struct store_rollup {
    const struct store_options *options;
    struct store_cells *cells;
    sqlite3 *db; /* NULL: none */
    bool ready;  /* what follows is made for it */
    sqlite3_stmt *next_segment;
    struct store_rollup_rows rows;
    struct store_rollup_pack pack;
    struct store_series_table series;
    struct store_rollup_expiry expiry;
    struct store_state state;
    struct store_row_blobs blobs;
    int16_t buses[256]; /* of options, by the log's id */
    uint64_t done;      /* every frame up to it is in a row or in a cell */
    bool following;     /* `done` is all that is committed */
    struct store_zone zone;
    int64_t minute_us;  /* the one that is going on */
    int64_t weighed_us; /* up to here values have their weight; see store_hold_is_weighed() */
    int64_t retry_us;   /* monotonic: not tried before */
    int64_t age_us;     /* of the last call: by it rows are old */
    struct store_rollup_stats stats;
};

int store_rollup_new(const struct store_options *options, struct store_rollup **ret)
{
    struct store_rollup *rollup = calloc(1, sizeof(*rollup));
    if (rollup == NULL) {
        return -ENOMEM;
    }
    rollup->options = options;
    rollup->expiry.limit_bytes = options->quota_bytes / QUOTA_DIVISOR;
    int r = store_cells_new(options->buses, options->bus_count, &rollup->cells);
    if (r < 0) {
        free(rollup);
        return r;
    }
    *ret = rollup;
    return 0;
}

void store_rollup_free(struct store_rollup *rollup)
{
    if (rollup == NULL) {
        return;
    }
    store_rollup_close(rollup);
    store_row_blobs_deinit(&rollup->blobs);
    store_cells_free(rollup->cells);
    free(rollup);
}

/* ---- the database ----------------------------------------------------------------------- */

/* Begins at rollup_seq, with nothing in memory but what held there. */
static int go_back(struct store_rollup *rollup)
{
    store_cells_reset(rollup->cells);
    rollup->done = rollup->stats.seq;
    rollup->following = false;
    rollup->expiry.sweeping = false;
    rollup->minute_us = rollup->weighed_us;
    store_zone_begin(&rollup->zone, rollup->done + 1);
    return store_rollup_holds(rollup->options, &rollup->rows, &rollup->series, rollup->cells,
                              rollup->weighed_us);
}

static int make_ready(struct store_rollup *rollup)
{
    int r =
        database_prepare(rollup->db,
                         "SELECT " STORE_ROW_COLUMNS " FROM segments WHERE first_seq >="
                         " coalesce((SELECT max(first_seq) FROM segments WHERE first_seq <= ?1),"
                         " 0) AND last_seq >= ?1 ORDER BY first_seq LIMIT 1",
                         &rollup->next_segment);
    if (r == 0) {
        r = store_rollup_rows_init(&rollup->rows, rollup->db);
    }
    if (r == 0) {
        r = store_rollup_pack_init(&rollup->pack, &rollup->rows);
    }
    if (r == 0) {
        r = store_series_init(&rollup->series, rollup->db);
    }
    if (r == 0) {
        r = store_state_init(&rollup->state, rollup->db);
    }
    uint64_t weighed_us = 0;
    rollup->stats.seq = 0;
    if (r == 0) {
        r = store_state_get(&rollup->state, STORE_STATE_ROLLUP, &rollup->stats.seq);
    }
    if (r == 0) {
        r = store_state_get(&rollup->state, STORE_STATE_WEIGHED, &weighed_us);
    }
    if (r == 0) {
        r = store_state_get(&rollup->state, STORE_STATE_ROLLUP_BYTES, &rollup->rows.bytes);
    }
    rollup->weighed_us = (int64_t)weighed_us;
    rollup->ready = r == 0;
    return r;
}

static void finalize(struct store_rollup *rollup)
{
    (void)sqlite3_finalize(rollup->next_segment); /* repeats a fault that was reported */
    rollup->next_segment = NULL;
    store_rollup_pack_deinit(&rollup->pack);
    store_rollup_rows_deinit(&rollup->rows);
    store_series_deinit(&rollup->series);
    store_state_deinit(&rollup->state);
    rollup->ready = false;
    rollup->following = false;
}

void store_rollup_open(struct store_rollup *rollup, sqlite3 *db, const uint8_t *bus_ids)
{
    rollup->db = db;
    rollup->retry_us = 0;
    for (size_t i = 0; i < sizeof(rollup->buses) / sizeof(rollup->buses[0]); i++) {
        rollup->buses[i] = NO_BUS;
    }
    for (size_t i = 0; i < rollup->options->bus_count; i++) {
        rollup->buses[bus_ids[i]] = (int16_t)i;
    }
}

void store_rollup_close(struct store_rollup *rollup)
{
    finalize(rollup);
    rollup->db = NULL;
}

void store_rollup_forget(struct store_rollup *rollup)
{
    finalize(rollup); /* it begins again at the rollup_seq that is in the database then */
}

/* ---- writing ---------------------------------------------------------------------------- */

/* An hour is over when a later one has a minute. Where that before it is packed, it has its row. */
static int sum_up_before(struct store_rollup *rollup, const struct store_series *series,
                         int64_t hour_us)
{
    int64_t minute_us;
    int r = store_rollup_before(&rollup->rows, series->id, hour_us, &minute_us);
    if (r <= 0) {
        return r;
    }
    const struct store_rollup_key key = {series->id, STORE_LEVEL_HOUR,
                                         minute_us - minute_us % STORE_HOUR_US};
    return store_rollup_sum_up(&rollup->rows, &key);
}

/* To the hour of a cell, if there is a row of it already. */
static int write_hour(struct store_rollup *rollup, const struct store_cell *cell)
{
    struct store_series *series = cell->series;
    int64_t hour_us = cell->start_us - cell->start_us % STORE_HOUR_US;
    const struct store_rollup_key key = {series->id, STORE_LEVEL_HOUR, hour_us};
    int r =
        store_rollup_add(&rollup->rows, &key, cell->buckets, series->message->signal_count, false);
    if (r == 0 && series->hour_us != hour_us) {
        r = sum_up_before(rollup, series, hour_us);
        series->hour_us = r == 0 ? hour_us : series->hour_us;
    }
    return r;
}

static int write_cell(struct store_rollup *rollup, const struct store_cell *cell)
{
    struct store_series *series = cell->series;
    int r = series->id == 0
                ? store_series_id(&rollup->series, series->bus->name, series->message, &series->id)
                : 0;
    if (r < 0) {
        return r;
    }
    const struct store_rollup_key minute = {series->id, STORE_LEVEL_MINUTE, cell->start_us};
    r = store_rollup_add(&rollup->rows, &minute, cell->buckets, series->message->signal_count,
                         true);
    return r == 0 ? write_hour(rollup, cell) : r;
}

static int write_cells(struct store_rollup *rollup)
{
    struct store_cell *cell = NULL;
    while ((cell = store_cells_next(rollup->cells, cell)) != NULL) {
        int r = write_cell(rollup, cell);
        if (r < 0) {
            return r;
        }
        rollup->stats.rows++;
    }
    return 0;
}

static int write_position(struct store_rollup *rollup)
{
    rollup->zone.last_seq = rollup->done;
    int r = rollup->zone.last_seq >= rollup->zone.first_seq
                ? store_zones_insert(rollup->db, &rollup->zone)
                : 0;
    if (r == 0) {
        r = store_zones_expire(rollup->db);
    }
    if (r == 0) {
        r = store_state_set(&rollup->state, STORE_STATE_ROLLUP, rollup->done);
    }
    if (r == 0) {
        r = store_state_set(&rollup->state, STORE_STATE_ROLLUP_BYTES, rollup->rows.bytes);
    }
    if (r == 0) {
        r = store_state_set(&rollup->state, STORE_STATE_WEIGHED, (uint64_t)rollup->weighed_us);
    }
    return r;
}

/* Of each value, the weight up to the minute that is going on: where its rows end, values begin to
 * hold for the next run. Else it would come with the next value, too, and rows be written twice. */
static int weigh_all(struct store_rollup *rollup)
{
    struct store_series *series = NULL;
    while ((series = store_cells_next_series(rollup->cells, series)) != NULL) {
        if (!store_cells_have_room(rollup->cells, series)) {
            int r = write_cells(rollup);
            if (r < 0) {
                return r;
            }
            store_cells_clear(rollup->cells);
        }
        store_cells_weigh(rollup->cells, series, rollup->minute_us);
    }
    rollup->weighed_us = rollup->minute_us;
    return 0;
}

/* Makes rows fewer. Roll-ups that cannot be read count as faults. */
static int tidy(struct store_rollup *rollup, uint64_t rows_written)
{
    int r = store_rollup_pack(&rollup->pack, rollup->minute_us, rows_written);
    rollup->stats.faults += rollup->pack.damaged;
    rollup->pack.damaged = 0;
    return r < 0
               ? r
               : store_rollup_expire(&rollup->expiry, &rollup->rows, &rollup->pack, rollup->age_us);
}

/* Everything in memory, and how far it reaches. A failure leaves an open transaction, and memory
 * that is of no use any more. */
static int write_all(struct store_rollup *rollup)
{
    uint64_t rows = rollup->stats.rows;
    int r = database_exec(rollup->db, "BEGIN IMMEDIATE");
    if (r == 0) {
        r = weigh_all(rollup);
    }
    if (r == 0) {
        r = write_cells(rollup);
    }
    if (r == 0) {
        r = tidy(rollup, rollup->stats.rows - rows);
    }
    if (r == 0) {
        r = write_position(rollup);
    }
    if (r == 0) {
        r = store_space_claim(rollup->db);
    }
    if (r == 0) {
        r = database_exec(rollup->db, "COMMIT");
    }
    if (r < 0) {
        return r;
    }
    store_cells_clear(rollup->cells);
    rollup->stats.seq = rollup->done;
    rollup->stats.writes++;
    store_zone_begin(&rollup->zone, rollup->done + 1);
    return 0;
}

/* ---- adding up -------------------------------------------------------------------------- */

/* The frame begins another minute than the one that is going on. */
static bool begins_minute(struct store_rollup *rollup, int64_t ts_us)
{
    int64_t after_us = ts_us - rollup->minute_us;
    if (after_us < STORE_MINUTE_US && after_us >= -LATE_US) {
        return false;
    }
    rollup->minute_us = ts_us - ts_us % STORE_MINUTE_US;
    return true;
}

/* Before a frame is added: writes if it is time to. */
static int write_if_due(struct store_rollup *rollup, int64_t ts_us)
{
    const struct store_zone *zone = &rollup->zone;
    bool is_due = begins_minute(rollup, ts_us) &&
                  (zone->frames >= FRAMES_PER_WRITE || zone->segments >= SEGMENTS_PER_WRITE);
    return is_due || zone->frames >= FRAMES_MAX ? write_all(rollup) : 0;
}

/* Whose cells the frame adds to; NULL: nobody's. Its bus becomes that of the configuration. */
static int find_series(struct store_rollup *rollup, struct frame *frame, struct store_series **ret)
{
    int bus = rollup->buses[frame->bus];
    if (bus == NO_BUS) {
        *ret = NULL;
        return 0;
    }
    frame->bus = (uint8_t)bus;
    return store_cells_find(rollup->cells, frame, ret);
}

static int add_frame(struct store_rollup *rollup, struct frame *frame)
{
    struct store_series *series;
    if (frame->ts_us < 0 || frame->ts_us >= TIME_MAX_US) {
        return 0;
    }
    int r = find_series(rollup, frame, &series);
    if (r < 0) {
        return r;
    }
    r = write_if_due(rollup, frame->ts_us);
    if (r == 0 && series != NULL && !store_cells_have_room(rollup->cells, series)) {
        r = write_all(rollup);
    }
    if (r < 0) {
        return r;
    }
    store_zone_add(&rollup->zone, frame->ts_us);
    if (series != NULL) {
        store_cells_add(rollup->cells, series, frame);
    }
    return 0;
}

/* What comes after `done` in it. */
static int add_segment(struct store_rollup *rollup, const struct segment *segment)
{
    struct segment_reader reader;
    struct segment_record record;
    enum segment_kind kind;
    segment_reader_init(&reader, segment);
    segment_seek(&reader, rollup->done + 1);
    rollup->zone.segments++;
    while ((kind = segment_next(&reader, &record)) != SEGMENT_END && kind != SEGMENT_CORRUPT) {
        if (kind == SEGMENT_FRAME) {
            int r = add_frame(rollup, &record.frame);
            if (r < 0) {
                return r;
            }
        }
        rollup->done = record.seq + record.count - 1;
    }
    rollup->done = segment->first_seq + segment->count - 1;
    return 0;
}

/* The next segment of the log. 1; 0: there is none; -errno. One that cannot be read is passed. */
static int catch_up_with_one(struct store_rollup *rollup)
{
    struct segment segment;
    uint64_t last_seq = 0;
    sqlite3_stmt *s = rollup->next_segment;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)(rollup->done + 1)); /* the index exists */
    int r = database_step(s);
    if (r == 1) {
        last_seq = (uint64_t)sqlite3_column_int64(s, 1);
        r = store_row_take(s, &rollup->blobs, &segment);
        r = r == 0 ? 1 : r;
    }
    (void)sqlite3_reset(s); /* the step's fault is in r */
    if (r == -EBADMSG && last_seq > rollup->done) {
        rollup->done = last_seq;
        return 1;
    }
    if (r == 1) {
        r = add_segment(rollup, &segment);
        r = r == 0 ? 1 : r;
    }
    return r;
}

static int catch_up(struct store_rollup *rollup)
{
    uint64_t read = 0;
    while (read < FRAMES_PER_CATCH_UP) {
        uint64_t before = rollup->done;
        int r = catch_up_with_one(rollup);
        if (r <= 0) {
            rollup->following = r == 0;
            return r;
        }
        read += rollup->done - before;
    }
    return 0;
}

static void on_fault(struct store_rollup *rollup, int64_t now_us)
{
    (void)sqlite3_exec(rollup->db, "ROLLBACK", NULL, NULL, NULL); /* if there is one */
    rollup->stats.faults++;
    rollup->retry_us = now_us + RETRY_US;
    finalize(rollup);
}

void store_rollup_follow(struct store_rollup *rollup, const struct segment *committed,
                         int64_t now_us, int64_t age_us)
{
    int r = 0;
    rollup->age_us = age_us;
    if (rollup->db == NULL || now_us < rollup->retry_us) {
        return;
    }
    if (!rollup->ready) {
        r = make_ready(rollup);
        r = r == 0 ? go_back(rollup) : r;
    }
    if (r == 0 && rollup->following) {
        r = committed->count > 0 ? add_segment(rollup, committed) : 0;
    } else if (r == 0) {
        r = catch_up(rollup);
    }
    if (r < 0) {
        on_fault(rollup, now_us);
    }
}

void store_rollup_write(struct store_rollup *rollup, int64_t now_us, int64_t age_us)
{
    rollup->age_us = age_us;
    if (rollup->ready && rollup->done > rollup->stats.seq && write_all(rollup) < 0) {
        on_fault(rollup, now_us);
    }
}

void store_rollup_end(struct store_rollup *rollup)
{
    if (rollup->ready && rollup->done > rollup->stats.seq && write_all(rollup) < 0) {
        (void)sqlite3_exec(rollup->db, "ROLLBACK", NULL, NULL, NULL); /* it is read again */
    }
}

uint64_t store_rollup_reach(const struct store_rollup *rollup)
{
    bool is_at_fault = !rollup->ready && rollup->retry_us > 0;
    return is_at_fault ? UINT64_MAX : rollup->stats.seq;
}

struct store_rollup_stats store_rollup_stats(const struct store_rollup *rollup)
{
    struct store_rollup_stats stats = rollup->stats;
    stats.behind = !rollup->following;
    stats.bytes = rollup->rows.bytes;
    return stats;
}
