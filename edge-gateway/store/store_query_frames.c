#include "edge-gateway/store/store_query_frames.h"

#include "common/database.h"

#include <errno.h>
#include <string.h>

/* What takes about 200 ms each on a small machine. */
#define SEGMENTS_MAX 60000
#define FRAMES_MAX   2000000

/* Looking at a segment costs as much as reading so many of its records. */
#define SEGMENT_RECORDS 32

/* A walk on its way. */
struct walker {
    struct store_query *query;
    const struct store_walk *walk;
    uint64_t spent;
    bool stopped;
    uint64_t next_seq;
};

/* The message that the frame is one of; NULL: none that is looked for. */
static const struct dbc_message *find_message(const struct walker *walker,
                                              const struct frame *frame, size_t *ret_bus)
{
    const struct store_walk *walk = walker->walk;
    int bus = walker->query->bus_of[frame->bus];
    if (bus == STORE_QUERY_NO_BUS || (walk->bus >= 0 && bus != walk->bus) ||
        (frame->flags & (FRAME_REMOTE | FRAME_ERROR)) != 0) {
        return NULL;
    }
    const struct dbc_database *database = walker->query->options.buses[bus].database;
    const struct dbc_message *message =
        database != NULL
            ? dbc_find_by_id(database, frame->can_id, (frame->flags & FRAME_EXTENDED) != 0)
            : NULL;
    if (message == NULL || (walk->message != NULL && message != walk->message) ||
        (walk->message == NULL && walk->message_name != NULL &&
         strcmp(message->name, walk->message_name) != 0)) {
        return NULL;
    }
    *ret_bus = (size_t)bus;
    return message;
}

/* A look at the keys alone. Where one is none, the checksum tells. */
static bool can_hold(const struct walker *walker, const struct segment *segment)
{
    struct frame key;
    size_t bus;
    size_t i = 0;
    while (segment_key(segment, i, &key)) {
        if (find_message(walker, &key, &bus) != NULL) {
            return true;
        }
        i++;
    }
    return i < segment_key_count(segment);
}

static bool is_wanted(const struct store_walk *walk, const struct segment_record *record)
{
    enum segment_kind kind = walk->event != NULL ? SEGMENT_EVENT : SEGMENT_FRAME;
    return record->kind == kind && record->ts_us >= walk->from_us && record->ts_us < walk->to_us;
}

static enum store_taken offer(const struct walker *walker, const struct segment_record *record)
{
    const struct store_walk *walk = walker->walk;
    size_t bus;
    if (!is_wanted(walk, record)) {
        return STORE_TAKEN;
    }
    if (walk->event != NULL) {
        return walk->event(walk->context, record);
    }
    const struct dbc_message *message = find_message(walker, &record->frame, &bus);
    return message != NULL ? walk->fn(walk->context, record, bus, message) : STORE_TAKEN;
}

static void stop_at(struct walker *walker, uint64_t seq)
{
    walker->stopped = true;
    walker->next_seq = seq;
}

/* Its records from `first` to `last`. */
static void walk_records(struct walker *walker, const struct segment *segment, uint64_t first,
                         uint64_t last)
{
    struct segment_reader reader;
    struct segment_record record;
    enum segment_kind kind;
    segment_reader_init(&reader, segment);
    segment_seek(&reader, first);
    while ((kind = segment_next(&reader, &record)) != SEGMENT_END && kind != SEGMENT_CORRUPT &&
           record.seq <= last) {
        enum store_taken taken = offer(walker, &record);
        if (taken != STORE_TAKEN) {
            stop_at(walker, taken == STORE_TAKEN_LAST ? record.seq + 1 : record.seq);
            return;
        }
    }
    walker->spent += segment->count;
}

static int walk_segment(struct walker *walker, sqlite3_stmt *row, uint64_t first, uint64_t last)
{
    struct segment segment = store_row_head(row);
    walker->spent += SEGMENT_RECORDS;
    if (segment.first_seq + segment.count <= first || segment.to_us < walker->walk->from_us ||
        segment.from_us >= walker->walk->to_us) {
        return 0;
    }
    store_row_keys(row, &segment);
    if (walker->walk->event == NULL && !can_hold(walker, &segment)) {
        return 0;
    }
    int r = store_row_take(row, &walker->query->blobs, &segment);
    if (r == -EBADMSG) {
        walker->query->damaged++; /* the rest can be read */
        return 0;
    }
    if (r == 0) {
        walk_records(walker, &segment, first, last);
    }
    return r;
}

/* Segments that hold seqs from `first` to `last`. */
static int walk_segments(struct walker *walker, uint64_t first, uint64_t last)
{
    sqlite3_stmt *s =
        store_query_bind(walker->query, STORE_QUERY_SEGMENTS, (int64_t)first, (int64_t)last);
    int r;
    while ((r = database_step(s)) == 1) {
        const struct segment head = store_row_head(s);
        if (walker->walk->budget > 0 && walker->spent >= walker->walk->budget) {
            stop_at(walker, head.first_seq > first ? head.first_seq : first);
        } else {
            r = walk_segment(walker, s, first, last);
        }
        if (r < 0 || walker->stopped) {
            break;
        }
    }
    (void)sqlite3_reset(s); /* the step's fault is in r */
    return r < 0 ? r : 0;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* There are zones up to rollup_seq. */
static int walk_zones(struct walker *walker)
{
    const struct store_walk *walk = walker->walk;
    if (walk->first_seq > walker->query->rollup_seq) {
        return 0;
    }
    sqlite3_stmt *s =
        store_query_bind(walker->query, STORE_QUERY_ZONES, walk->from_us, walk->to_us);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)walk->first_seq); /* the indices exist */
    (void)sqlite3_bind_int64(s, 4, (sqlite3_int64)walk->last_seq);
    int r;
    while ((r = database_step(s)) == 1 && !walker->stopped) {
        uint64_t first = (uint64_t)sqlite3_column_int64(s, 0);
        uint64_t last = (uint64_t)sqlite3_column_int64(s, 1);
        r = walk_segments(walker, max_u64(first, walk->first_seq), min_u64(last, walk->last_seq));
        if (r < 0) {
            break;
        }
    }
    (void)sqlite3_reset(s); /* the step's fault is in r */
    return r < 0 ? r : 0;
}

int store_query_walk(struct store_query *query, const struct store_walk *walk,
                     uint64_t *ret_next_seq)
{
    struct walker walker = {.query = query, .walk = walk};
    uint64_t tail = max_u64(query->rollup_seq + 1, walk->first_seq);
    int r = walk_zones(&walker);
    if (r == 0 && !walker.stopped && tail <= walk->last_seq) {
        r = walk_segments(&walker, tail, walk->last_seq);
    }
    if (r < 0) {
        return r;
    }
    *ret_next_seq = walker.next_seq;
    return walker.stopped ? 0 : 1;
}

int store_query_can_walk(struct store_query *query, int64_t from_us, int64_t to_us)
{
    sqlite3_stmt *s = store_query_bind(query, STORE_QUERY_COST, from_us, to_us);
    int64_t segments = 0;
    int64_t frames = 0;
    int r;
    while ((r = database_step(s)) == 1 && segments <= SEGMENTS_MAX && frames <= FRAMES_MAX) {
        segments += sqlite3_column_int64(s, 0);
        frames += sqlite3_column_int64(s, 1);
    }
    (void)sqlite3_reset(s); /* the step's fault is in r */
    return r < 0 ? r : segments <= SEGMENTS_MAX && frames <= FRAMES_MAX;
}
