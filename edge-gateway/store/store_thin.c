#include "edge-gateway/store/store_thin.h"

#include "common/database.h"
#include "edge-gateway/dbc/dbc.h"
#include "edge-gateway/framelog/thin.h"
#include "edge-gateway/store/store_row.h"
#include "edge-gateway/store/store_summaries.h"
#include "edge-gateway/store/store_tally.h"

#include <errno.h>
#include <stdlib.h>

/* One call reads so much at most of each priority: the ten seconds of a full classic bus, some
 * 80,000 frames. */
#define SEGMENTS_PER_CALL 256
#define BYTES_PER_CALL    ((size_t)1 << 20)
#define QUOTA_DIVISOR     64 /* no further interval after this part of the quota: it may be enough */
#define RECORDS_BYTES     ((size_t)128 << 10) /* of a segment: as in a commit */

#define NO_BUS (-1)

/* Columns of `next` beyond those of store_row.h. */
enum {
    BOOT = STORE_ROW_COLUMN_COUNT,
    CLOCK_SET
};

/* What becomes one summary of each message. */
struct interval {
    bool has_begun; /* a segment was taken: the rest is known */
    int64_t boot;
    int64_t from_us;
    int64_t to_us;
};

struct store_thin {
    const struct store_options *options;
    sqlite3_stmt *next;
    sqlite3_stmt *delete;
    sqlite3_stmt *insert;
    bool is_held_up; /* see store_thin_is_held_up() */
    struct store_summaries summaries;
    struct store_tally *tally;
    struct thin *thin;
    struct store_row_blobs blobs;
    int16_t buses[STORE_BUSES_MAX]; /* of options, by the log's id */
    /* Of one call: */
    enum store_priority up_to; /* these and lower ones are thinned */
    uint64_t done;             /* everything up to this seq was looked at */
    size_t segments;
    size_t bytes;
    struct interval interval;
    struct store_loss *thinned;
};

/* ---- what is thinned, and what is left -------------------------------------------------- */

/* The message, and its bus, if its readings become summaries; else NULL. */
static const struct dbc_message *find_message(const struct store_thin *t, const struct frame *frame,
                                              size_t *ret_bus)
{
    int16_t index = t->buses[frame->bus];
    const struct store_bus *bus = index != NO_BUS ? &t->options->buses[index] : NULL;
    if (bus == NULL || bus->database == NULL ||
        (frame->flags & (FRAME_REMOTE | FRAME_ERROR)) != 0) {
        return NULL;
    }
    const struct dbc_message *message =
        dbc_find_by_id(bus->database, frame->can_id, (frame->flags & FRAME_EXTENDED) != 0);
    if (message == NULL || message->signal_count > STORE_SUMMARY_SIGNALS_MAX) {
        return NULL;
    }
    enum store_priority priority =
        bus->priorities != NULL ? bus->priorities[message->index] : STORE_PRIORITY_NORMAL;
    *ret_bus = (size_t)index;
    return priority <= t->up_to ? message : NULL;
}

static bool summarize(void *context, uint64_t seq, const struct frame *frame)
{
    struct store_thin *t = context;
    struct store_loss *thinned = t->thinned;
    size_t bus;
    const struct dbc_message *message = find_message(t, frame, &bus);
    if (message == NULL || !store_tally_add(t->tally, bus, message, seq, frame)) {
        return false;
    }
    thinned->first = thinned->count > 0 && thinned->first < seq ? thinned->first : seq;
    thinned->last = thinned->last > seq ? thinned->last : seq;
    thinned->count++;
    return true;
}

/* Takes the place of all segments that it covers. One without a stamp of its own keeps the time
 * that they had: by it the log is searched, and gets too old. */
static int put(void *context, const struct segment *segment)
{
    struct store_thin *t = context;
    struct segment row = *segment;
    uint64_t last = segment->first_seq + segment->count - 1;
    if (row.from_us == 0 && row.to_us == 0) {
        row.from_us = t->interval.from_us;
        row.to_us = t->interval.to_us;
    }
    (void)sqlite3_bind_int64(t->delete, 1, (sqlite3_int64)segment->first_seq); /* indices exist */
    (void)sqlite3_bind_int64(t->delete, 2, (sqlite3_int64)last);
    int r = database_step(t->delete);
    if (r < 0) {
        return r;
    }
    sqlite3_stmt *s = t->insert;
    /* Binding cannot fail: the indices exist, and the blobs are not copied. */
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)segment->first_seq);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)last);
    (void)sqlite3_bind_int64(s, 3, row.base_us);
    (void)sqlite3_bind_int64(s, 4, row.from_us);
    (void)sqlite3_bind_int64(s, 5, row.to_us);
    (void)sqlite3_bind_int64(s, 6, t->interval.boot);
    (void)sqlite3_bind_int(s, 7, (int)t->up_to);
    (void)sqlite3_bind_int64(s, 8, segment_crc(&row));
    (void)sqlite3_bind_blob64(s, 9, row.keys, row.keys_bytes, SQLITE_STATIC);
    (void)sqlite3_bind_blob64(s, 10, row.records, row.records_bytes, SQLITE_STATIC);
    return database_step(s);
}

/* ---- beginning and end ------------------------------------------------------------------ */

int store_thin_new(const struct store_options *options, struct store_thin **ret)
{
    struct store_thin *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return -ENOMEM;
    }
    t->options = options;
    const struct thin_options thin_options = {RECORDS_BYTES, summarize, put, t};
    int r = thin_new(&thin_options, &t->thin);
    if (r == 0) {
        r = store_tally_new(options->buses, options->bus_count, &t->tally);
    }
    if (r < 0) {
        store_thin_free(t);
        return r;
    }
    *ret = t;
    return 0;
}

void store_thin_free(struct store_thin *thin)
{
    if (thin == NULL) {
        return;
    }
    store_thin_close(thin);
    store_tally_free(thin->tally);
    thin_free(thin->thin);
    store_row_blobs_deinit(&thin->blobs);
    free(thin);
}

int store_thin_open(struct store_thin *thin, sqlite3 *db)
{
    int r = database_prepare(db,
                             "SELECT " STORE_ROW_COLUMNS ", boot, clock_set FROM segments"
                             " WHERE first_seq > ?1 ORDER BY first_seq LIMIT 1",
                             &thin->next);
    if (r == 0) {
        r = database_prepare(db, "DELETE FROM segments WHERE first_seq BETWEEN ?1 AND ?2",
                             &thin->delete);
    }
    if (r == 0) {
        r = database_prepare(db,
                             "INSERT INTO segments (first_seq, last_seq, base_us, from_us, to_us,"
                             " boot, clock_set, thinned, crc, keys, records)"
                             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?9, ?10)",
                             &thin->insert);
    }
    return r == 0 ? store_summaries_init(&thin->summaries, db) : r;
}

void store_thin_close(struct store_thin *thin)
{
    (void)sqlite3_finalize(thin->next); /* repeats the last step's fault, which was reported */
    (void)sqlite3_finalize(thin->delete);
    (void)sqlite3_finalize(thin->insert);
    thin->next = NULL;
    thin->delete = NULL;
    thin->insert = NULL;
    store_summaries_deinit(&thin->summaries);
}

/* ---- one interval ----------------------------------------------------------------------- */

enum verdict {
    VERDICT_END,  /* the interval is complete, or nothing is old enough */
    VERDICT_PASS, /* stays as it is, and is not looked at again */
    VERDICT_TAKE
};

static enum verdict judge(const struct store_thin *t, const struct store_thin_now *now,
                          sqlite3_stmt *row, const struct segment *segment)
{
    const struct interval *interval = &t->interval;
    const struct store_thinning *thinning = &t->options->thinning;
    int64_t boot = sqlite3_column_int64(row, BOOT);
    int64_t old_us = now->wall_us - thinning->older_than_us;
    bool is_clock_set = sqlite3_column_int(row, CLOCK_SET) != 0;
    if (interval->has_begun) {
        bool belongs = is_clock_set && boot == interval->boot &&
                       segment->from_us >= interval->from_us &&
                       segment->to_us < interval->from_us + thinning->interval_us;
        return belongs ? VERDICT_TAKE : VERDICT_END;
    }
    if (!is_clock_set) { /* of this boot, they may be corrected yet */
        return boot == now->run->boot ? VERDICT_END : VERDICT_PASS;
    }
    if (segment->to_us > now->wall_us) { /* the clock was set back: they would hold up the rest */
        return VERDICT_PASS;
    }
    bool is_old = segment->from_us <= old_us - thinning->interval_us && segment->to_us <= old_us;
    return is_old ? VERDICT_TAKE : VERDICT_END;
}

static bool has_frames_to_thin(const struct store_thin *t, const struct segment *segment)
{
    struct segment_reader reader;
    struct segment_record record;
    size_t bus;
    segment_reader_init(&reader, segment);
    for (;;) {
        enum segment_kind kind = segment_next(&reader, &record);
        if (kind == SEGMENT_END || kind == SEGMENT_CORRUPT) {
            return false;
        }
        if (kind == SEGMENT_FRAME && find_message(t, &record.frame, &bus) != NULL) {
            return true;
        }
    }
}

/* A verdict, with the segment copied if it is to be taken; or -errno. */
static int read_row(struct store_thin *t, const struct store_thin_now *now, struct segment *ret)
{
    *ret = store_row_head(t->next);
    enum verdict verdict = judge(t, now, t->next, ret);
    if (ret->first_seq + ret->count - 1 > now->through) {
        t->is_held_up = t->is_held_up || verdict == VERDICT_TAKE;
        return VERDICT_END;
    }
    if (verdict != VERDICT_TAKE) {
        return (int)verdict;
    }
    int r = store_row_take(t->next, &t->blobs, ret);
    if (r < 0 && r != -EBADMSG) {
        return r;
    }
    if (t->interval.has_begun) {
        return r < 0 ? VERDICT_END : VERDICT_TAKE;
    }
    return r < 0 || !has_frames_to_thin(t, ret) ? VERDICT_PASS : VERDICT_TAKE;
}

/* -EILSEQ: it contradicts itself, and stays as it is. */
static int take(struct store_thin *t, const struct segment *segment, int64_t boot)
{
    struct interval *interval = &t->interval;
    struct interval before = *interval;
    if (!before.has_begun) {
        *interval = (struct interval){true, boot, segment->from_us, segment->to_us};
    }
    interval->to_us = interval->to_us > segment->to_us ? interval->to_us : segment->to_us;
    int r = thin_add(t->thin, segment);
    if (r == -EILSEQ) {
        *interval = before;
    }
    return r;
}

static bool may_go_on(const struct store_thin *t)
{
    return t->segments < SEGMENTS_PER_CALL && t->bytes < BYTES_PER_CALL;
}

/* 1: go on; 0: the interval is complete; -errno. */
static int advance(struct store_thin *t, const struct store_thin_now *now)
{
    struct segment segment;
    (void)sqlite3_bind_int64(t->next, 1, (sqlite3_int64)t->done); /* the index exists */
    int r = database_step(t->next);
    if (r != 1) {
        return r;
    }
    int64_t boot = sqlite3_column_int64(t->next, BOOT);
    int verdict = read_row(t, now, &segment);
    (void)sqlite3_reset(t->next); /* the step's result is known */
    if (verdict < 0 || verdict == VERDICT_END) {
        return verdict < 0 ? verdict : 0;
    }
    r = verdict == VERDICT_TAKE ? take(t, &segment, boot) : 0;
    if (r < 0 && (r != -EILSEQ || t->interval.has_begun)) {
        return r == -EILSEQ ? 0 : r;
    }
    t->done = segment.first_seq + segment.count - 1;
    t->bytes += segment.keys_bytes + segment.records_bytes;
    t->segments++;
    return may_go_on(t) ? 1 : 0;
}

/* 1: an interval was thinned; 0: there is none; -errno. */
static int thin_interval(struct store_thin *t, const struct store_thin_now *now)
{
    t->interval = (struct interval){.has_begun = false};
    thin_begin(t->thin);
    store_tally_reset(t->tally);
    int r;
    do {
        r = advance(t, now);
    } while (r == 1);
    if (r < 0 || !t->interval.has_begun) {
        return r;
    }
    r = thin_end(t->thin);
    if (r == 0) {
        r = store_summaries_write(&t->summaries, t->tally);
    }
    return r < 0 ? r : 1;
}

/* ---- a priority ------------------------------------------------------------------------- */

static int begin(struct store_thin *t, const struct store_thin_now *now, enum store_priority up_to)
{
    uint64_t low = 0;
    uint64_t normal = 0;
    t->up_to = up_to;
    t->segments = 0;
    t->bytes = 0;
    int r = store_state_get(now->state, STORE_STATE_THINNED_NORMAL, &normal);
    if (r == 0 && up_to == STORE_PRIORITY_LOW) {
        r = store_state_get(now->state, STORE_STATE_THINNED_LOW, &low);
    }
    t->done = low > normal ? low : normal;
    return r;
}

static int thin_priority(struct store_thin *t, const struct store_thin_now *now,
                         enum store_priority up_to)
{
    int r = begin(t, now, up_to);
    if (r < 0) {
        return r;
    }
    do {
        r = thin_interval(t, now);
    } while (r == 1 && may_go_on(t) && t->bytes < t->options->quota_bytes / QUOTA_DIVISOR);
    if (r < 0 || t->segments == 0) {
        return r < 0 ? r : 0;
    }
    enum store_state_name cursor =
        up_to == STORE_PRIORITY_LOW ? STORE_STATE_THINNED_LOW : STORE_STATE_THINNED_NORMAL;
    return store_state_set(now->state, cursor, t->done);
}

static void find_buses(struct store_thin *t, const struct store_run *run)
{
    for (size_t i = 0; i < STORE_BUSES_MAX; i++) {
        t->buses[i] = NO_BUS;
    }
    for (size_t i = 0; i < t->options->bus_count; i++) {
        t->buses[run->bus_ids[i]] = (int16_t)i;
    }
}

int store_thin_relieve(struct store_thin *thin, const struct store_thin_now *now,
                       struct store_outcome *outcome)
{
    double from = thin->options->thinning.from_percent;
    thin->is_held_up = false;
    double fill = 100.0 * (double)outcome->used_bytes / (double)thin->options->quota_bytes;
    if (from <= 0 || thin->options->quota_bytes == 0 || fill <= from) {
        return 0;
    }
    find_buses(thin, now->run);
    thin->thinned = &outcome->thinned;
    thin->thinned->reason = SEGMENT_VOID_THINNED;
    int r = thin_priority(thin, now, STORE_PRIORITY_LOW);
    if (r == 0 && fill > (from + 100.0) / 2) {
        r = thin_priority(thin, now, STORE_PRIORITY_NORMAL);
    }
    return r;
}

bool store_thin_is_held_up(const struct store_thin *thin)
{
    return thin->is_held_up;
}
