#include "edge-gateway/app/history.h"

#include "edge-gateway/store/store_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Seqs that will not come. */
struct absence {
    uint64_t first;
    uint64_t last;
    enum segment_void reason;
};

struct printer {
    const struct history *history;
    struct history_counts *counts;
    struct dbc_value *values; /* room for the message with most signals */
    uint64_t passed;          /* seqs up to this one were told of; 0 = none */
    bool is_absent; /* `absence` is, as far as the next item: where it ends may be damaged */
    struct absence absence;
};

static bool is_full(const struct printer *p)
{
    const struct history *h = p->history;
    return (h->limit > 0 && p->counts->frames + p->counts->events >= h->limit) ||
           h->writer->output.error < 0;
}

static bool is_in_time(const struct printer *p, int64_t ts_us)
{
    const struct log_span *span = &p->history->span;
    return !span->has_time || (ts_us >= span->from_us && ts_us < span->to_us);
}

/* ---- what does not come ----------------------------------------------------------------- */

static void print_gap(struct printer *p, uint64_t first, uint64_t last, const char *reason)
{
    const struct history *h = p->history;
    if (h->shows_gaps && h->writer->format->gap != NULL) {
        h->writer->format->gap(h->writer, first, last, reason);
    }
}

/* Passes over what was told of before: a gateway at work may write gaps behind the reader. */
static void take_absence(struct printer *p, const struct absence *absence, uint64_t limit)
{
    uint64_t first = absence->first > p->passed ? absence->first : p->passed + 1;
    uint64_t last = absence->last < limit ? absence->last : limit;
    if (first <= last) {
        p->counts->voids[absence->reason] += last - first + 1;
        p->passed = last;
        print_gap(p, first, last, segment_void_text(absence->reason));
    }
}

/* Between items, unless only some of them were asked for: deleted meanwhile, or lost. */
static void take_hole(struct printer *p, uint64_t next)
{
    bool is_known = p->passed > 0 && !p->history->span.has_time;
    if (is_known && next > p->passed + 1) {
        uint64_t first = p->passed + 1;
        p->counts->missing += next - first;
        p->passed = next - 1;
        print_gap(p, first, next - 1, "missing");
    }
}

/* All that there is to say of seqs below `next`. */
static void take_what_is_absent(struct printer *p, uint64_t next)
{
    if (p->is_absent) {
        p->is_absent = false;
        take_absence(p, &p->absence, next - 1);
    }
    take_hole(p, next);
}

/* ---- what does -------------------------------------------------------------------------- */

/* Of the values the one that is wanted, if there is one. */
static bool keep_signal(struct history_frame *frame, const char *signal)
{
    for (size_t i = 0; i < frame->count; i++) {
        if (strcmp(frame->values[i].signal->name, signal) == 0) {
            frame->values += i;
            frame->count = 1;
            return true;
        }
    }
    return false;
}

/* True: it is wanted, with its message and values. */
static bool decode(struct printer *p, struct history_frame *frame)
{
    const struct history_bus *bus = frame->bus;
    const struct frame *f = frame->frame;
    bool is_any_wanted = bus->message == NULL && p->history->signal == NULL;
    if ((f->flags & (FRAME_REMOTE | FRAME_ERROR)) != 0) {
        p->counts->without_data += is_any_wanted ? 1 : 0;
        return false;
    }
    bool extended = (f->flags & FRAME_EXTENDED) != 0;
    frame->message = bus->db != NULL ? dbc_find_by_id(bus->db, f->can_id, extended) : NULL;
    if (frame->message == NULL) {
        p->counts->unknown += is_any_wanted ? 1 : 0;
        return is_any_wanted && p->history->shows_unknown;
    }
    if (bus->message != NULL && bus->message != frame->message) {
        return false;
    }
    frame->count = dbc_decode(frame->message, f->data, f->len, p->values);
    frame->values = p->values;
    return p->history->signal == NULL || keep_signal(frame, p->history->signal);
}

static bool is_wanted(struct printer *p, struct history_frame *frame)
{
    const struct history *h = p->history;
    bool needs_decoding =
        h->writer->format->decodes || h->signal != NULL || frame->bus->message != NULL;
    return frame->bus->is_wanted && (!needs_decoding || decode(p, frame));
}

static void take_frame(struct printer *p, const struct segment_record *record)
{
    struct history_frame frame = {.seq = record->seq,
                                  .frame = &record->frame,
                                  .bus = &p->history->buses->list[record->frame.bus]};
    if (is_in_time(p, record->ts_us) && is_wanted(p, &frame)) {
        p->counts->frames++;
        p->history->writer->format->frame(p->history->writer, &frame);
    }
}

static void take_event(struct printer *p, const struct segment_record *record)
{
    const struct history *h = p->history;
    if (!h->shows_events || !is_in_time(p, record->ts_us)) {
        return;
    }
    if (h->writer->format->event != NULL) {
        p->counts->events++;
        h->writer->format->event(h->writer, record);
    } else {
        p->counts->events_left_out++;
    }
}

static void take_record(struct printer *p, const struct segment_record *record)
{
    switch (record->kind) {
    case SEGMENT_FRAME:
        take_frame(p, record);
        break;
    case SEGMENT_EVENT:
        take_event(p, record);
        break;
    case SEGMENT_VOID:
        take_absence(
            p, &(struct absence){record->seq, record->seq + record->count - 1, record->reason},
            UINT64_MAX);
        break;
    case SEGMENT_END:
    case SEGMENT_CORRUPT:
        break;
    }
    p->passed = record->seq + record->count - 1;
}

static void take_segment(struct printer *p, const struct log_item *item)
{
    struct segment_reader reader;
    struct segment_record record;
    enum segment_kind kind = SEGMENT_CORRUPT;
    if (item->intact) {
        segment_reader_init(&reader, &item->segment);
        segment_seek(&reader, p->passed + 1);
        while (!is_full(p) && (kind = segment_next(&reader, &record)) != SEGMENT_END &&
               kind != SEGMENT_CORRUPT) {
            take_record(p, &record);
        }
    }
    if (kind == SEGMENT_CORRUPT && !is_full(p)) {
        p->counts->damaged++;
        p->is_absent = true;
        p->absence = (struct absence){item->first, item->last, SEGMENT_VOID_CORRUPT};
    }
}

static void take_item(struct printer *p, const struct log_item *item)
{
    take_what_is_absent(p, item->first);
    if (item->kind == LOG_ITEM_SEGMENT) {
        take_segment(p, item);
        return;
    }
    p->is_absent = true;
    p->absence = (struct absence){item->first, item->last, SEGMENT_VOID_CORRUPT};
    /* A reason that we do not know is as good as damage. */
    (void)segment_void_from_text(item->reason, &p->absence.reason);
}

/* Where the last segment ends if its row is damaged: no seq beyond it was ever given out. */
static uint64_t last_given_out(const struct history *history)
{
    uint64_t reserved = 0;
    int r = store_state_query(history->db,
                              "SELECT coalesce(max(value), 0) FROM state"
                              " WHERE name = 'reserved_seq'",
                              &reserved);
    return r == 0 && reserved > 0 ? reserved : UINT64_MAX;
}

static int walk_through(struct printer *p)
{
    struct log_walk *walk;
    struct log_item item;
    int r = log_walk_new(p->history->db, &p->history->span, &walk);
    if (r < 0) {
        return r;
    }
    if (p->history->writer->format->begin != NULL) {
        p->history->writer->format->begin(p->history->writer);
    }
    while (!is_full(p) && (r = log_walk_next(walk, &item)) == 1) {
        take_item(p, &item);
    }
    log_walk_free(walk);
    if (!is_full(p) && p->is_absent) {
        take_absence(p, &p->absence, last_given_out(p->history));
    }
    return r < 0 ? r : 0;
}

static size_t most_signals(const struct history_buses *buses)
{
    size_t most = 0;
    const struct dbc_database *last = NULL; /* many buses have the same one */
    for (int i = 0; i < HISTORY_BUSES; i++) {
        const struct dbc_database *db = buses->list[i].db;
        for (size_t k = 0; db != NULL && db != last && k < dbc_message_count(db); k++) {
            size_t count = dbc_message_at(db, k)->signal_count;
            most = count > most ? count : most;
        }
        last = db;
    }
    return most;
}

int history_print(const struct history *history, struct history_counts *ret)
{
    struct printer printer = {.history = history, .counts = ret, .passed = history->span.after_seq};
    *ret = (struct history_counts){0};
    printer.values = calloc(most_signals(history->buses) + 1, sizeof(*printer.values));
    if (printer.values == NULL) {
        return -ENOMEM;
    }
    int r = walk_through(&printer);
    free(printer.values);
    return r;
}
