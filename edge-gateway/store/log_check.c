#include "edge-gateway/store/log_check.h"

#include "common/database.h"
#include "edge-gateway/store/log_check_derived.h"
#include "edge-gateway/store/log_walk.h"
#include "edge-gateway/store/store_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BUSES_MAX 256

struct check {
    sqlite3 *db;
    struct log_figures figures;
    bool buses[BUSES_MAX]; /* that have a name */
    bool has_segment;      /* one was seen: from it on, no seq may be missing */
    uint64_t last_seq;     /* covered: of all segments and gaps so far */
    struct log_tally checksums;
    struct log_tally contents;
    struct log_tally times;
    struct log_tally gaps;
    struct log_tally coverage;
};

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- one segment ------------------------------------------------------------------------ */

struct stamps {
    bool any;
    int64_t from_us;
    int64_t to_us;
};

static void take_stamp(struct stamps *stamps, int64_t ts_us)
{
    stamps->from_us = !stamps->any || ts_us < stamps->from_us ? ts_us : stamps->from_us;
    stamps->to_us = !stamps->any || ts_us > stamps->to_us ? ts_us : stamps->to_us;
    stamps->any = true;
}

static void take_record(struct check *c, const struct segment_record *record, struct stamps *stamps)
{
    switch (record->kind) {
    case SEGMENT_FRAME:
        c->figures.frames++;
        take_stamp(stamps, record->ts_us);
        if (!c->buses[record->frame.bus]) {
            log_tally_fault(&c->contents, "seq %" PRIu64 " is of bus %u, which has no name",
                            record->seq, record->frame.bus);
        }
        break;
    case SEGMENT_EVENT:
        c->figures.events++;
        take_stamp(stamps, record->ts_us);
        break;
    case SEGMENT_VOID:
        c->figures.voids[record->reason] += record->count;
        break;
    case SEGMENT_END:
    case SEGMENT_CORRUPT:
        break;
    }
}

/* Without a stamp they are of what was there before it was thinned. */
static void check_times(struct check *c, const struct log_item *item, const struct stamps *stamps)
{
    const struct segment *segment = &item->segment;
    int64_t from_us = stamps->any ? stamps->from_us : segment->from_us;
    int64_t to_us = stamps->any ? stamps->to_us : segment->to_us;
    if (segment->from_us != from_us || segment->to_us != to_us || from_us > to_us) {
        log_tally_fault(&c->times,
                        "segment %" PRIu64 " to %" PRIu64 " is of %" PRId64 " to %" PRId64
                        " us, its row says %" PRId64 " to %" PRId64,
                        item->first, item->last, from_us, to_us, segment->from_us, segment->to_us);
    }
}

static void check_contents(struct check *c, const struct log_item *item)
{
    struct segment_reader reader;
    struct segment_record record;
    struct stamps stamps = {.any = false};
    enum segment_kind kind;
    segment_reader_init(&reader, &item->segment);
    do {
        kind = segment_next(&reader, &record);
        take_record(c, &record, &stamps);
    } while (kind != SEGMENT_END && kind != SEGMENT_CORRUPT);
    if (kind == SEGMENT_CORRUPT) {
        log_tally_fault(&c->contents,
                        "segment %" PRIu64 " to %" PRIu64 " cannot be read from seq %" PRIu64
                        " on: it does not decode to its %" PRIu64 " seqs",
                        item->first, item->last, reader.seq, item->segment.count);
    } else {
        check_times(c, item, &stamps);
    }
}

/* ---- all together ----------------------------------------------------------------------- */

static const char *kind_text(const struct log_item *item)
{
    return item->kind == LOG_ITEM_SEGMENT ? "segment" : "gap";
}

static bool has_shape(const struct log_item *item)
{
    return item->first > 0 && item->first <= item->last && item->last <= INT64_MAX;
}

/* Items come in the order of their first seqs. */
static void check_coverage(struct check *c, const struct log_item *item)
{
    uint64_t expected = c->last_seq + 1;
    if (item->first < expected) {
        log_tally_fault(&c->coverage,
                        "seqs %" PRIu64 " to %" PRIu64 " are there twice, the second time in"
                        " the %s from %" PRIu64 " to %" PRIu64,
                        item->first, min_u64(item->last, c->last_seq), kind_text(item), item->first,
                        item->last);
    } else if (item->first > expected &&
               (c->has_segment || item->first - 1 > c->figures.acknowledged)) {
        log_tally_fault(&c->coverage,
                        "seqs %" PRIu64 " to %" PRIu64 " are in no segment and no gap", expected,
                        item->first - 1);
    }
    c->last_seq = item->last > c->last_seq ? item->last : c->last_seq;
    c->has_segment |= item->kind == LOG_ITEM_SEGMENT;
    c->figures.oldest = c->figures.oldest == 0 ? item->first : c->figures.oldest;
    c->figures.newest = c->last_seq;
}

static void check_segment(struct check *c, const struct log_item *item)
{
    c->figures.segments++;
    if (!item->intact) {
        log_tally_fault(&c->checksums, "segment %" PRIu64 " to %" PRIu64 " has another checksum",
                        item->first, item->last);
    }
    check_contents(c, item); /* also then: it may show what is wrong with it */
}

static void check_gap(struct check *c, const struct log_item *item)
{
    enum segment_void reason;
    if (segment_void_from_text(item->reason, &reason)) {
        c->figures.gaps[reason] += item->last - item->first + 1;
    } else {
        log_tally_fault(&c->gaps, "the reason of gap %" PRIu64 " to %" PRIu64 " is '%.40s'",
                        item->first, item->last, item->reason != NULL ? item->reason : "");
    }
}

static void check_item(struct check *c, const struct log_item *item)
{
    if (!has_shape(item)) {
        log_tally_fault(&c->coverage, "a %s is from %" PRId64 " to %" PRId64, kind_text(item),
                        (int64_t)item->first, (int64_t)item->last);
        return;
    }
    check_coverage(c, item);
    if (item->kind == LOG_ITEM_SEGMENT) {
        check_segment(c, item);
    } else {
        check_gap(c, item);
    }
}

/* 0 at the end, or -errno. */
static int check_items(struct check *c)
{
    struct log_walk *walk;
    struct log_item item;
    int r = log_walk_new(c->db, &(struct log_span){.after_seq = 0}, &walk);
    if (r < 0) {
        return r;
    }
    while ((r = log_walk_next(walk, &item)) == 1) {
        check_item(c, &item);
    }
    log_walk_free(walk);
    return r;
}

/* ---- the rest --------------------------------------------------------------------------- */

/* SQLite's check tells of a page that it has no memory for as if the page were at fault. */
static bool lacks_memory(const char *text)
{
    char end[32];
    (void)snprintf(end, sizeof(end), "error code=%d", SQLITE_NOMEM);
    size_t length = strlen(text);
    size_t end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* 0 or -ENOMEM: what the check lacks is no fault of the log. */
static int check_database(sqlite3 *db, struct log_report *report)
{
    sqlite3_stmt *statement = NULL;
    int r = database_prepare(db, "PRAGMA quick_check(1)", &statement);
    r = r < 0 ? r : database_step(statement);
    const char *text = r == 1 ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    text = text != NULL ? text : sqlite3_errmsg(db);
    bool ok = r == 1 && sqlite3_stricmp(text, "ok") == 0;
    r = r == 1 && lacks_memory(text) ? -ENOMEM : r;
    if (r != -ENOMEM) {
        log_report_add(report, "database", ok, "SQLite's quick_check: %s", text);
    }
    (void)sqlite3_finalize(statement); /* what it says was reported */
    return r == -ENOMEM ? r : 0;
}

static int read_buses(struct check *c)
{
    sqlite3_stmt *statement;
    int r = database_prepare(c->db, "SELECT id FROM buses WHERE id BETWEEN 0 AND 255", &statement);
    if (r < 0) {
        return r;
    }
    while ((r = database_step(statement)) == 1) {
        c->buses[sqlite3_column_int(statement, 0)] = true;
    }
    (void)sqlite3_finalize(statement); /* the step's fault is in r */
    return r;
}

static int read_state(struct check *c, enum store_state_name name, uint64_t *ret)
{
    char sql[128];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT coalesce((SELECT value FROM state WHERE name = '%s'), 0)",
                   store_state_text(name));
    return store_state_query(c->db, sql, ret);
}

static int read_tables(struct check *c)
{
    int r = read_buses(c);
    if (r == 0) {
        r = read_state(c, STORE_STATE_ACKNOWLEDGED, &c->figures.acknowledged);
    }
    if (r == 0) {
        r = read_state(c, STORE_STATE_RESERVED, &c->figures.reserved);
    }
    return r == 0 ? check_items(c) : r;
}

static uint64_t sum(const uint64_t counts[SEGMENT_VOID_COUNT])
{
    uint64_t all = 0;
    for (int i = 0; i < SEGMENT_VOID_COUNT; i++) {
        all += counts[i];
    }
    return all;
}

/* What was seen of a log that cannot be read to its end proves faults, nothing else. */
static void report_tally(struct log_report *report, const char *name, const struct log_tally *tally,
                         bool is_whole, const char *figures)
{
    if (is_whole || tally->faults > 0) {
        log_report_add_tally(report, name, tally, figures);
    }
}

static void report_items(const struct check *c, bool is_whole, struct log_report *report)
{
    const struct log_figures *f = &c->figures;
    char text[LOG_FINDING_TEXT_BYTES];
    (void)snprintf(text, sizeof(text), "%" PRIu64 " segments", f->segments);
    report_tally(report, "checksums", &c->checksums, is_whole, text);
    (void)snprintf(text, sizeof(text), "%" PRIu64 " frames, %" PRIu64 " events, %" PRIu64 " voids",
                   f->frames, f->events, sum(f->voids));
    report_tally(report, "contents", &c->contents, is_whole, text);
    report_tally(report, "times", &c->times, is_whole,
                 "each segment's row has those of its records");
    (void)snprintf(text, sizeof(text), "%" PRIu64 " seqs between segments will not come",
                   sum(f->gaps));
    report_tally(report, "gaps", &c->gaps, is_whole, text);
    (void)snprintf(text, sizeof(text), "seqs %" PRIu64 " to %" PRIu64 ", each in one place",
                   f->oldest, f->newest);
    report_tally(report, "coverage", &c->coverage, is_whole, text);
}

static void report_bounds(const struct log_figures *f, struct log_report *report)
{
    log_report_add(report, "reservation", f->newest <= f->reserved && f->reserved <= INT64_MAX,
                   "the newest seq is %" PRIu64 ", reserved are those up to %" PRIu64, f->newest,
                   f->reserved);
    log_report_add(report, "acknowledgement", f->acknowledged <= f->reserved,
                   "acknowledged are seqs up to %" PRIu64 ", given out are at most %" PRIu64,
                   f->acknowledged, f->reserved);
}

int log_check_run(sqlite3 *db, struct log_report *report)
{
    struct check c = {.db = db};
    int r = check_database(db, report);
    r = r < 0 ? r : read_tables(&c);
    report->figures = c.figures;
    if (r == -EINVAL || r == -ENOMEM) {
        return r;
    }
    if (r < 0) {
        log_report_add(report, "reading", false, "the log cannot be read after seq %" PRIu64 ": %s",
                       c.last_seq, sqlite3_errmsg(db));
    }
    report_items(&c, r == 0, report);
    if (r == 0) {
        report_bounds(&c.figures, report);
        r = log_check_derived(db, report);
        if (r < 0) {
            log_report_add(report, "derived", false,
                           "what is beside the segments cannot be read: %s", sqlite3_errmsg(db));
        }
    }
    return r == -ENOMEM ? r : 0;
}
