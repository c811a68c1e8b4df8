#include "tests/unit/rollup_bench.h"

#include "edge-gateway/store/store_query.h"
#include "tests/unit/seed.h"

#include <errno.h>

#define SEGMENTS          70000 /* more than are walked for one answer */
#define SEGMENTS_LEFT     1000  /* that are not rolled up */
#define FRAMES_A_SEGMENT  2
#define SPAN_US(from, to) ((struct store_span){(from), (to), INT64_MAX})

/* A log that all tests read: 39 hours of few frames. */
struct plant {
    struct rollup_bench *bench;
    struct store_query *query;
    struct value {
        int64_t ts_us;
        uint64_t seq;
        size_t bus;
        const struct dbc_signal *signal;
        double number;
    } * values; /* in order of seq */
    size_t count;
    size_t size;
    int64_t end_us;
};

/* ---- making it -------------------------------------------------------------------------- */

static void note(struct plant *plant, size_t bus, const struct segment_record *record)
{
    const struct frame *frame = &record->frame;
    const struct dbc_message *message =
        dbc_find_by_id(plant->bench->dbc.db, frame->can_id, (frame->flags & FRAME_EXTENDED) != 0);
    struct dbc_value values[SIGNALS_MAX];
    size_t count = message != NULL ? dbc_decode(message, frame->data, frame->len, values) : 0;
    for (size_t i = 0; i < count; i++) {
        if (values[i].quality == DBC_QUALITY_NOT_AVAILABLE) {
            continue;
        }
        if (plant->count == plant->size) {
            plant->size = plant->size * 2 + 1024;
            plant->values = realloc(plant->values, plant->size * sizeof(*plant->values));
            assert_non_null(plant->values);
        }
        plant->values[plant->count++] = (struct value){
            record->ts_us, record->seq, bus, values[i].signal, dbc_value_number(&values[i])};
    }
}

static void insert(sqlite3_stmt *s, const struct segment *segment)
{
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)segment->first_seq);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)(segment->first_seq + segment->count - 1));
    (void)sqlite3_bind_int64(s, 3, segment->base_us);
    (void)sqlite3_bind_int64(s, 4, segment->from_us);
    (void)sqlite3_bind_int64(s, 5, segment->to_us);
    (void)sqlite3_bind_int64(s, 6, segment_crc(segment));
    (void)sqlite3_bind_blob64(s, 7, segment->keys, segment->keys_bytes, SQLITE_STATIC);
    (void)sqlite3_bind_blob64(s, 8, segment->records, segment->records_bytes, SQLITE_STATIC);
    assert_int_equal(database_step(s), 0);
}

/* As the writer would, but not one transaction for each. */
static void fill(struct plant *plant, int segments)
{
    struct rollup_bench *bench = plant->bench;
    struct segment_builder *builder;
    sqlite3_stmt *s;
    assert_int_equal(segment_builder_new(65536, &builder), 0);
    sqlite3 *db = bench_database(bench);
    assert_int_equal(database_exec(db, "BEGIN"), 0);
    assert_int_equal(
        database_prepare(db,
                         "INSERT INTO segments (first_seq, last_seq, base_us, from_us, to_us, crc,"
                         " keys, records, boot, clock_set) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
                         " (SELECT min(id) FROM boots), 1)",
                         &s),
        0);
    uint64_t seq = (uint64_t)ask(db, "SELECT coalesce(max(last_seq), 0) + 1 FROM segments");
    for (int i = 0; i < segments; i++) {
        segment_builder_reset(builder, seq);
        for (int k = 0; k < FRAMES_A_SEGMENT; k++, seq++) {
            struct segment_record record = {.frame = bench_frame(bench), .seq = seq};
            record.ts_us = record.frame.ts_us;
            note(plant, record.frame.bus, &record);
            assert_true(segment_append_frame(builder, &record.frame));
        }
        const struct segment segment = segment_builder_view(builder);
        insert(s, &segment);
    }
    (void)sqlite3_finalize(s);
    assert_int_equal(database_exec(db, "COMMIT"), 0);
    (void)sqlite3_close(db);
    segment_builder_free(builder);
}

static int plant_set_up(void **state)
{
    struct plant *plant = calloc(1, sizeof(*plant));
    assert_non_null(plant);
    srand(test_seed());
    (void)bench_set_up((void **)&plant->bench);
    struct rollup_bench *bench = plant->bench;
    bench->step_us = 2 * US_PER_S;
    bench->in_order = true;
    bench_open(bench);
    bench_close(bench);
    fill(plant, SEGMENTS);
    bench_open(bench);
    bench_catch_up(bench);
    bench_close(bench);
    fill(plant, SEGMENTS_LEFT);
    plant->end_us = bench->now_us + 1;
    const struct store_query_options options = {bench->path, bench->buses, BUSES};
    assert_int_equal(store_query_new(&options, &plant->query), 0);
    *state = plant;
    return 0;
}

static int plant_tear_down(void **state)
{
    struct plant *plant = *state;
    store_query_free(plant->query);
    free(plant->values);
    (void)bench_tear_down((void **)&plant->bench);
    free(plant);
    return 0;
}

/* ---- the simple way --------------------------------------------------------------------- */

static bool is_of(const struct value *value, const struct store_signal *signal)
{
    return value->bus == signal->bus && value->signal == signal->signal;
}

/* Buckets of the answer's own layout. */
static void check_statistics(const struct plant *plant, const struct store_signal *signal,
                             const struct store_span *span, const struct store_statistics *found)
{
    struct bucket *wanted = calloc(found->count, sizeof(*wanted));
    assert_non_null(wanted);
    struct bucket elsewhere = {.count = 0};
    struct bucket_hold hold = {.valid = false};
    int64_t hold_us = store_hold_us(&plant->bench->buses[signal->bus], signal->message);
    for (size_t i = 0; i <= plant->count; i++) {
        const struct value *value = &plant->values[i];
        bool end = i == plant->count;
        if (!end && !is_of(value, signal)) {
            continue;
        }
        int64_t ts_us = end ? span->to_us : value->ts_us;
        while (hold.valid && hold.since_us < hold.until_us && hold.since_us < ts_us) {
            int64_t next_us = ts_us;
            struct bucket *bucket = &elsewhere;
            if (hold.since_us < span->from_us) {
                next_us = span->from_us;
            } else if (hold.since_us < span->to_us) {
                int64_t index = (hold.since_us - found->start_us) / found->bucket_us;
                bucket = &wanted[index];
                next_us = found->start_us + (index + 1) * found->bucket_us;
                next_us = next_us < span->to_us ? next_us : span->to_us;
            }
            bucket_close(bucket, &hold, next_us < ts_us ? next_us : ts_us);
        }
        if (!end) {
            bool inside = ts_us >= span->from_us && ts_us < span->to_us;
            bucket_add(inside ? &wanted[(ts_us - found->start_us) / found->bucket_us] : &elsewhere,
                       &hold, value->number, ts_us, hold_us);
        }
    }
    for (size_t i = 0; i < found->count; i++) {
        assert_bucket_equal(&found->buckets[i], &wanted[i]);
    }
    free(wanted);
}

static enum store_source ask_statistics(const struct plant *plant,
                                        const struct store_signal *signal,
                                        const struct store_span *span, int64_t bucket_us)
{
    struct store_statistics found;
    assert_int_equal(store_query_statistics(plant->query, signal, span, bucket_us, &found), 0);
    if (bucket_us >= span->to_us - span->from_us) {
        assert_int_equal(found.count, 1);
        assert_int_equal(found.start_us, span->from_us);
    } else {
        assert_int_equal(found.bucket_us, bucket_us);
        int64_t unit_us = (bucket_us % (15 * STORE_MINUTE_US) == 0 ? 15 : 1) * STORE_MINUTE_US;
        assert_int_equal(found.start_us, span->from_us - span->from_us % unit_us);
        assert_true(found.start_us + (int64_t)found.count * bucket_us >= span->to_us);
        assert_true(found.start_us + ((int64_t)found.count - 1) * bucket_us < span->to_us);
    }
    check_statistics(plant, signal, span, &found);
    free(found.buckets);
    return found.source;
}

/* The count, and the lowest and highest point, which are the values' own. */
static enum store_source ask_history(const struct plant *plant, const struct store_signal *signal,
                                     const struct store_span *span, size_t max_points)
{
    struct decimate_point *points = calloc(max_points, sizeof(*points));
    assert_non_null(points);
    struct store_history found;
    assert_int_equal(store_query_history(plant->query, signal, span, max_points, points, &found),
                     0);
    struct bucket all = {.count = 0};
    struct bucket_hold unused = {.valid = false};
    uint64_t count = 0;
    double min = INFINITY;
    double max = -INFINITY;
    for (size_t i = 0; i < found.point_count; i++) {
        assert_true(points[i].ts_us >= span->from_us && points[i].ts_us < span->to_us);
        assert_true(i == 0 || points[i].ts_us >= points[i - 1].ts_us);
        bucket_add(&all, &unused, points[i].value, points[i].ts_us, 1);
    }
    for (size_t i = 0; i < plant->count; i++) {
        const struct value *value = &plant->values[i];
        if (is_of(value, signal) && value->ts_us >= span->from_us && value->ts_us < span->to_us) {
            count++;
            min = fmin(min, value->number);
            max = fmax(max, value->number);
        }
    }
    assert_int_equal(found.count, count);
    assert_true(found.point_count <= max_points && found.point_count <= count);
    assert_true(count == 0 || (all.min == min && all.max == max));
    assert_true(count > max_points || found.source != STORE_SOURCE_FRAMES ||
                found.point_count == count);
    free(points);
    return found.source;
}

/* ---- tests ------------------------------------------------------------------------------ */

static int64_t random_time(const struct plant *plant)
{
    return T0_US + (int64_t)(random_bits() % (uint64_t)(plant->end_us - T0_US));
}

static struct store_signal random_signal(const struct plant *plant)
{
    const struct dbc_message *message =
        dbc_message_at(plant->bench->dbc.db, (size_t)rand() % MESSAGES);
    return (struct store_signal){(size_t)rand() % BUSES, message,
                                 &message->signals[rand() % message->signal_count]};
}

static void few_frames_are_read_themselves(void **state)
{
    const struct plant *plant = *state;
    for (int i = 0; i < 40; i++) {
        const struct store_signal signal = random_signal(plant);
        int64_t from_us = random_time(plant);
        int64_t to_us = from_us + 1 + (int64_t)(random_bits() % (uint64_t)(8 * STORE_HOUR_US));
        const struct store_span span = SPAN_US(from_us, to_us);
        int64_t bucket_us = (60 + rand() % 5000) * US_PER_S;
        assert_int_equal(ask_statistics(plant, &signal, &span, bucket_us), STORE_SOURCE_FRAMES);
        assert_int_equal(ask_history(plant, &signal, &span, 4 + (size_t)rand() % 300),
                         STORE_SOURCE_FRAMES);
    }
}

static void many_are_read_from_rows_and_the_ends_from_frames(void **state)
{
    const struct plant *plant = *state;
    for (int i = 0; i < 20; i++) {
        const struct store_signal signal = random_signal(plant);
        const struct store_span span =
            SPAN_US(T0_US + (int64_t)(random_bits() % (uint64_t)(2 * STORE_HOUR_US)),
                    plant->end_us - (int64_t)(random_bits() % (uint64_t)(2 * STORE_HOUR_US)));
        int64_t bucket_us = (1 + rand() % 300) * STORE_MINUTE_US;
        enum store_source source = ask_statistics(plant, &signal, &span, bucket_us);
        assert_int_not_equal(source, STORE_SOURCE_FRAMES);
        assert_true(bucket_us >= STORE_HOUR_US || source == STORE_SOURCE_MINUTES);
        assert_true(bucket_us < 2 * STORE_HOUR_US || source == STORE_SOURCE_HOURS);
        source = ask_history(plant, &signal, &span, 4 + (size_t)rand() % 300);
        assert_int_equal(source, STORE_SOURCE_MINUTES);
        const struct store_span month = SPAN_US(span.from_us - 30 * 24 * STORE_HOUR_US, span.to_us);
        source = ask_history(plant, &signal, &month, 4 + (size_t)rand() % 300);
        assert_int_equal(source, STORE_SOURCE_HOURS);
    }
}

static void whole_hours_are_read_as_hours(void **state)
{
    const struct plant *plant = *state;
    const int64_t hour_us = T0_US - T0_US % STORE_HOUR_US + STORE_HOUR_US;
    for (int i = 0; i < 20; i++) {
        const struct store_signal signal = random_signal(plant);
        /* The last hours are not over: of these there are only minutes and frames. */
        const struct store_span buckets = SPAN_US(hour_us + rand() % 60000000, plant->end_us);
        assert_int_equal(ask_statistics(plant, &signal, &buckets, (1 + rand() % 4) * STORE_HOUR_US),
                         STORE_SOURCE_HOURS);
        const struct store_span one = SPAN_US(T0_US + rand() % 100000000, plant->end_us);
        assert_int_equal(ask_statistics(plant, &signal, &one, one.to_us - one.from_us),
                         STORE_SOURCE_HOURS);
    }
}

static void hours_stand_in_where_minutes_are_gone(void **state)
{
    struct plant *plant = *state;
    const struct store_signal signal = bench_signal(plant->bench, 1, "Climate", "Temperature");
    const int64_t hour_us = T0_US - T0_US % STORE_HOUR_US + STORE_HOUR_US;
    bench_exec(plant->bench, "CREATE TABLE aside AS SELECT * FROM minutes WHERE hour_us <"
                             " (SELECT min(hour_us) FROM minutes) + 36000000000;"
                             "DELETE FROM minutes WHERE hour_us IN (SELECT hour_us FROM aside)");
    assert_true(bench_ask(plant->bench, "SELECT count(DISTINCT hour_us) FROM aside") == 10);
    const struct store_span span = SPAN_US(hour_us, plant->end_us);
    assert_int_equal(ask_statistics(plant, &signal, &span, STORE_HOUR_US), STORE_SOURCE_HOURS);
    assert_int_equal(ask_history(plant, &signal, &span, 100), STORE_SOURCE_MINUTES);
    const struct store_span day = SPAN_US(hour_us, hour_us + 35 * STORE_HOUR_US);
    assert_int_equal(ask_history(plant, &signal, &day, 100), STORE_SOURCE_MINUTES);
    bench_exec(plant->bench, "INSERT INTO minutes SELECT * FROM aside; DROP TABLE aside");
}

static void what_is_not_rolled_up_yet_counts(void **state)
{
    struct plant *plant = *state;
    struct rollup_bench *bench = plant->bench;
    uint64_t newest = (uint64_t)bench_ask(bench, "SELECT max(last_seq) FROM segments");
    uint64_t rolled_up = (uint64_t)bench_ask(bench, "SELECT value FROM state"
                                                    " WHERE name = 'rollup_seq'");
    assert_true(rolled_up < newest); /* so the tests above see such frames too */
    const struct store_signal signal = bench_signal(bench, 0, "Slow", "Level");
    const struct store_span before = SPAN_US(T0_US, plant->end_us + STORE_HOUR_US);
    struct store_statistics found;
    assert_int_equal(store_query_statistics(plant->query, &signal, &before, INT64_MAX, &found), 0);
    uint64_t count = found.buckets[0].count;
    free(found.buckets);
    bench_open(bench);
    bench_append_one(bench, 258, plant->end_us + 1000000, 4000000000);
    bench_append_one(bench, 258, plant->end_us - 5 * STORE_HOUR_US, UINT32_MAX); /* late */
    bench_close(bench);
    assert_int_equal(store_query_statistics(plant->query, &signal, &before, INT64_MAX, &found), 0);
    assert_int_equal(found.source, STORE_SOURCE_HOURS);
    assert_int_equal(found.buckets[0].count, count + 2);
    assert_near(found.buckets[0].last, 4000000.0);
    assert_int_equal(found.buckets[0].max_us, plant->end_us - 5 * STORE_HOUR_US);
    free(found.buckets);
}

/* ---- messages --------------------------------------------------------------------------- */

struct page {
    uint64_t seqs[1000];
    size_t count;
    size_t max;
    bool takes_last; /* it says so with the last one, not with the one after it */
    const char *message;
    int bus;
    struct store_span span;
};

static enum store_taken on_reading(void *context, const struct store_reading *reading)
{
    struct page *page = context;
    if (page->count == page->max) {
        return STORE_NOT_TAKEN;
    }
    assert_true(page->bus < 0 || reading->bus == (size_t)page->bus);
    assert_true(page->message == NULL || strcmp(page->message, reading->message->name) == 0);
    assert_true(reading->ts_us >= page->span.from_us && reading->ts_us < page->span.to_us);
    assert_true(reading->count > 0);
    page->seqs[page->count++] = reading->seq;
    return page->count == page->max && page->takes_last ? STORE_TAKEN_LAST : STORE_TAKEN;
}

/* Reads page by page, and compares all seqs with those of the log. */
static void check_messages(const struct plant *plant, struct page *page)
{
    struct store_messages messages = {.bus = page->bus,
                                      .message = page->message,
                                      .from_us = page->span.from_us,
                                      .to_us = page->span.to_us};
    size_t at = 0; /* in plant->values */
    for (int r = 0; r == 0;) {
        page->count = 0;
        page->max = 1 + (size_t)rand() % 1000;
        page->takes_last = rand() % 2 == 0;
        r = store_query_messages(plant->query, &messages, on_reading, page, &messages.after_seq);
        assert_true(r >= 0);
        for (size_t i = 0; i < page->count; i++) {
            const struct value *value = &plant->values[at];
            while (value->ts_us < page->span.from_us || value->ts_us >= page->span.to_us ||
                   (page->bus >= 0 && value->bus != (size_t)page->bus) ||
                   (i > 0 && value->seq == page->seqs[i - 1]) ||
                   (page->message != NULL &&
                    dbc_find_signal(dbc_find_by_name(plant->bench->dbc.db, page->message),
                                    value->signal->name) != value->signal)) {
                value = &plant->values[++at];
                assert_true(at < plant->count);
            }
            assert_int_equal(page->seqs[i], value->seq);
            messages.after_seq = r == 0 ? messages.after_seq : value->seq;
        }
        assert_true(page->count == 0 || page->seqs[page->count - 1] <= messages.after_seq);
        while (page->count > 0 && at < plant->count &&
               plant->values[at].seq == page->seqs[page->count - 1]) {
            at++;
        }
    }
}

static void messages_come_page_by_page_in_order(void **state)
{
    const struct plant *plant = *state;
    static const char *const names[] = {NULL, "Slow", "Engine", "Mixed"};
    for (int i = 0; i < 8; i++) {
        struct page page = {.bus = rand() % 3 - 1, .message = names[rand() % 4]};
        page.span.from_us = random_time(plant);
        page.span.to_us = page.span.from_us + 5 * STORE_HOUR_US;
        check_messages(plant, &page);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_frames_are_read_themselves),
        cmocka_unit_test(many_are_read_from_rows_and_the_ends_from_frames),
        cmocka_unit_test(whole_hours_are_read_as_hours),
        cmocka_unit_test(hours_stand_in_where_minutes_are_gone),
        cmocka_unit_test(messages_come_page_by_page_in_order),
        cmocka_unit_test(what_is_not_rolled_up_yet_counts), /* last: it adds frames */
    };
    return cmocka_run_group_tests(tests, plant_set_up, plant_tear_down);
}
