/* A store in a folder of its own, a DBC, random frames, and roll-ups computed the simple way. */
#ifndef EDGE_TESTS_UNIT_ROLLUP_BENCH_H
#define EDGE_TESTS_UNIT_ROLLUP_BENCH_H

#include "common/database.h"
#include "common/loop.h"
#include "edge-gateway/dbc/dbc_decode.h"
#include "edge-gateway/store/store.h"
#include "edge-gateway/store/store_cells.h"
#include "edge-gateway/store/store_hold.h"
#include "edge-gateway/store/store_query.h"
#include "edge-gateway/store/store_row.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/dbc_text.h"
#include "tests/unit/segment_help.h"

#include <dirent.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define T0_US       (INT64_C(1795422600) * 1000000) /* ten minutes before a full hour */
#define BUSES       2
#define MESSAGES    4
#define SIGNALS_MAX 4

/* Climate has a value that is none; Mixed is multiplexed; Slow is, in these tests; Engine is a
 * J1939 group of many senders. */
static const char store_dbc[] =
    "VERSION \"\"\nBU_: X\n"
    "BO_ 256 Climate: 8 X\n"
    " SG_ Temperature : 0|16@1- (0.1,-40) [-40|100] \"C\" X\n"
    " SG_ Humidity : 16|8@1+ (0.5,0) [0|0] \"%\" X\n"
    " SG_ Mode : 24|4@1+ (1,0) [0|0] \"\" X\n"
    "BO_ 257 Mixed: 8 X\n"
    " SG_ Selector M : 0|8@1+ (1,0) [0|0] \"\" X\n"
    " SG_ A m0 : 8|16@1+ (1,0) [0|0] \"A\" X\n"
    " SG_ B m1 : 8|16@1+ (0.25,-100) [0|0] \"V\" X\n"
    "BO_ 258 Slow: 8 X\n"
    " SG_ Level : 0|32@1+ (0.001,0) [0|0] \"m\" X\n"
    "BO_ 2364539904 Engine: 8 X\n" /* 0x0CF00400 and the bit of an extended id */
    " SG_ Speed : 24|16@1+ (0.125,0) [0|0] \"rpm\" X\n"
    "BA_DEF_ \"ProtocolType\" STRING ;\n"
    "BA_DEF_ BO_ \"VFrameFormat\" ENUM \"StandardCAN\",\"ExtendedCAN\",\"reserved\",\"J1939PG\";\n"
    "BA_DEF_DEF_ \"ProtocolType\" \"J1939\";\n"
    "BA_DEF_DEF_ \"VFrameFormat\" \"StandardCAN\";\n"
    "BA_ \"VFrameFormat\" BO_ 2364539904 3;\n"
    "VAL_ 256 Mode 0 \"Off\" 1 \"On\" 15 \"SNA\" ;\n";

struct rollup_bench {
    char directory[64];
    char path[96];
    struct clock_fake clock; /* of a test that wants one */
    struct loop *loop;
    struct store *store;
    struct dbc_text dbc;
    int64_t hold_us[MESSAGES];
    struct store_bus buses[BUSES];
    uint64_t quota_bytes;
    struct store_thinning thinning;
    uint64_t committed;
    int64_t now_us;  /* of the next frame */
    int64_t step_us; /* between two frames, at most */
    bool in_order;   /* no stamp is before another */
};

static inline void bench_on_committed(void *context, uint64_t seq)
{
    struct rollup_bench *bench = context;
    bench->committed = seq;
}

static inline void bench_open(struct rollup_bench *bench)
{
    const struct store_options options = {
        .loop = bench->loop,
        .path = bench->path,
        .buses = bench->buses,
        .bus_count = BUSES,
        .commit_interval_us = 10 * US_PER_MS,
        .memory_bytes = (size_t)4 << 20,
        .quota_bytes = bench->quota_bytes,
        .thinning = bench->thinning,
        .handler = {.committed = bench_on_committed, .context = bench},
    };
    assert_int_equal(store_new(&options, &bench->store), 0);
    assert_true(store_stats(bench->store).open);
}

static inline void bench_close(struct rollup_bench *bench)
{
    store_free(bench->store);
    bench->store = NULL;
}

static inline int bench_set_up(void **state)
{
    struct rollup_bench *bench = calloc(1, sizeof(*bench));
    assert_non_null(bench);
    (void)snprintf(bench->directory, sizeof(bench->directory), "/tmp/test_rollup.XXXXXX");
    assert_non_null(mkdtemp(bench->directory));
    (void)snprintf(bench->path, sizeof(bench->path), "%s/edge.db", bench->directory);
    assert_int_equal(loop_new(&bench->loop), 0);
    dbc_text_init(&bench->dbc, store_dbc);
    assert_int_equal(bench->dbc.result, 0);
    assert_int_equal(dbc_message_count(bench->dbc.db), MESSAGES);
    assert_true(dbc_message_at(bench->dbc.db, 3)->j1939);
    bench->hold_us[0] = 15 * US_PER_S; /* the others hold as long as any does */
    for (size_t i = 0; i < BUSES; i++) {
        bench->buses[i] = (struct store_bus){
            .name = i == 0 ? "can0" : "can1", .database = bench->dbc.db, .hold_us = bench->hold_us};
    }
    bench->now_us = T0_US;
    bench->step_us = 20000;
    *state = bench;
    return 0;
}

static inline int bench_set_up_fake_clock(void **state, int64_t realtime_us)
{
    int r = bench_set_up(state);
    struct rollup_bench *bench = *state;
    loop_free(bench->loop);
    bench->clock = (struct clock_fake){.monotonic_us = US_PER_S, .realtime_us = realtime_us};
    assert_int_equal(loop_new_fake(&bench->clock, &bench->loop), 0);
    return r;
}

static inline int bench_tear_down(void **state)
{
    struct rollup_bench *bench = *state;
    store_free(bench->store);
    loop_free(bench->loop);
    dbc_free(bench->dbc.db);
    DIR *directory = opendir(bench->directory);
    assert_non_null(directory);
    for (struct dirent *e = readdir(directory); e != NULL; e = readdir(directory)) {
        (void)unlinkat(dirfd(directory), e->d_name, 0); /* refuses . and .. */
    }
    (void)closedir(directory);
    assert_int_equal(rmdir(bench->directory), 0);
    free(bench);
    return 0;
}

static inline struct store_signal bench_signal(const struct rollup_bench *bench, size_t bus,
                                               const char *message_name, const char *name)
{
    const struct dbc_message *message = dbc_find_by_name(bench->dbc.db, message_name);
    assert_non_null(message);
    const struct dbc_signal *signal = dbc_find_signal(message, name);
    assert_non_null(signal);
    return (struct store_signal){bus, message, signal};
}

/* ---- frames ----------------------------------------------------------------------------- */

static inline struct frame bench_frame(struct rollup_bench *bench)
{
    struct frame frame = {.bus = (uint8_t)(rand() % BUSES), .len = 8};
    int kind = rand() % 200;
    bench->now_us += rand() % bench->step_us;
    frame.ts_us = bench->now_us;
    if (kind == 0 && !bench->in_order) {
        frame.ts_us -= rand() % 100000; /* another bus was read first */
    } else if (kind == 1 && rand() % 20 == 0 && !bench->in_order) {
        frame.ts_us -= rand() % 70000000; /* it was held back */
    }
    if (kind < 100) {
        frame.can_id = 256;
    } else if (kind < 180) {
        frame.can_id = 257;
    } else if (kind < 181) {
        frame.can_id = 258;
    } else if (kind < 199) {
        frame.can_id = 0x0CF00400u | (uint32_t)(rand() % 256);
        frame.flags = FRAME_EXTENDED;
    } else {
        frame.can_id = 0x700; /* in no DBC */
    }
    uint64_t data = random_bits();
    memcpy(frame.data, &data, sizeof(data));
    if (frame.can_id == 257) {
        frame.data[0] = (uint8_t)(rand() % 3);
    }
    return frame;
}

/* A fake clock stands still while the log's writer is at work. */
static inline void bench_turn(struct rollup_bench *bench)
{
    bool stands = bench->clock.monotonic_us > 0 && store_stats(bench->store).writing;
    if (stands) {
        (void)sched_yield(); /* to the writer; always succeeds */
    }
    assert_int_equal(loop_run_once(bench->loop, stands ? 0 : 5 * US_PER_S), 0);
}

static inline void bench_run_until_committed(struct rollup_bench *bench, uint64_t seq)
{
    while (bench->committed < seq) {
        bench_turn(bench);
    }
}

/* Logs random frames and waits for them. */
static inline void bench_append(struct rollup_bench *bench, size_t count)
{
    for (size_t done = 0; done < count;) {
        uint64_t seq = 0;
        for (size_t i = 0; i < 5000 && done < count; i++, done++) {
            const struct frame frame = bench_frame(bench);
            seq = store_append_frame(bench->store, &frame);
            assert_true(seq > 0);
        }
        bench_run_until_committed(bench, seq);
    }
}

/* The first signal of its messages begins at bit 0, little endian: a `data` is its raw value. */
static inline void bench_append_one(struct rollup_bench *bench, uint32_t can_id, int64_t ts_us,
                                    uint64_t data)
{
    struct frame frame = {.ts_us = ts_us, .can_id = can_id, .len = 8};
    for (size_t i = 0; i < frame.len; i++) {
        frame.data[i] = (uint8_t)(data >> (8 * i));
    }
    uint64_t seq = store_append_frame(bench->store, &frame);
    assert_true(seq > 0);
    bench_run_until_committed(bench, seq);
}

/* Until the roll-ups have read all that is logged. */
static inline void bench_catch_up(struct rollup_bench *bench)
{
    while (store_stats(bench->store).rollup.behind) {
        bench_turn(bench);
    }
}

/* ---- the database ----------------------------------------------------------------------- */

static inline sqlite3 *bench_database(struct rollup_bench *bench)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(bench->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_busy_timeout(db, 10000), SQLITE_OK);
    return db;
}

static inline int64_t ask(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_ROW) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    }
    int64_t value = sqlite3_column_int64(s, 0);
    (void)sqlite3_finalize(s);
    return value;
}

static inline int64_t bench_ask(struct rollup_bench *bench, const char *sql)
{
    sqlite3 *db = bench_database(bench);
    int64_t value = ask(db, sql);
    (void)sqlite3_close(db);
    return value;
}

static inline void bench_exec(struct rollup_bench *bench, const char *sql)
{
    sqlite3 *db = bench_database(bench);
    assert_int_equal(database_exec(db, sql), 0);
    (void)sqlite3_close(db);
}

/* ---- the simple way --------------------------------------------------------------------- */

struct naive_cell {
    size_t bus;
    const struct dbc_message *message;
    int64_t start_us;
    struct bucket buckets[SIGNALS_MAX];
};

/* Each frame in the order of the log goes into one long list of minutes. */
struct naive {
    const struct rollup_bench *bench;
    struct naive_cell *cells;
    size_t count;
    size_t size;
    struct bucket_hold holds[BUSES][MESSAGES][SIGNALS_MAX];
};

static inline struct naive_cell *naive_find(const struct naive *naive, size_t bus,
                                            const struct dbc_message *message, int64_t start_us)
{
    for (size_t i = naive->count; i > 0; i--) {
        struct naive_cell *cell = &naive->cells[i - 1];
        if (cell->start_us == start_us && cell->message == message && cell->bus == bus) {
            return cell;
        }
    }
    return NULL;
}

static inline struct naive_cell *naive_cell(struct naive *naive, size_t bus,
                                            const struct dbc_message *message, int64_t ts_us)
{
    int64_t start_us = ts_us - ts_us % STORE_MINUTE_US;
    struct naive_cell *cell = naive_find(naive, bus, message, start_us);
    if (cell != NULL) {
        return cell;
    }
    if (naive->count == naive->size) {
        naive->size = naive->size * 2 + 64;
        naive->cells = realloc(naive->cells, naive->size * sizeof(*naive->cells));
        assert_non_null(naive->cells);
    }
    cell = &naive->cells[naive->count++];
    *cell = (struct naive_cell){.bus = bus, .message = message, .start_us = start_us};
    return cell;
}

static inline void naive_weigh(struct naive *naive, size_t bus, const struct dbc_message *message,
                               size_t signal, int64_t to_us)
{
    struct bucket_hold *hold = &naive->holds[bus][message->index][signal];
    while (hold->valid && hold->since_us < hold->until_us && hold->since_us < to_us) {
        struct naive_cell *cell = naive_cell(naive, bus, message, hold->since_us);
        int64_t end_us = cell->start_us + STORE_MINUTE_US;
        bucket_close(&cell->buckets[signal], hold, end_us < to_us ? end_us : to_us);
    }
}

static inline void naive_add(struct naive *naive, size_t bus, const struct frame *frame)
{
    const struct dbc_message *message =
        dbc_find_by_id(naive->bench->dbc.db, frame->can_id, (frame->flags & FRAME_EXTENDED) != 0);
    struct dbc_value values[SIGNALS_MAX];
    size_t count = message != NULL ? dbc_decode(message, frame->data, frame->len, values) : 0;
    for (size_t i = 0; i < count; i++) {
        if (values[i].quality == DBC_QUALITY_NOT_AVAILABLE) {
            continue;
        }
        size_t signal = values[i].signal->index;
        naive_weigh(naive, bus, message, signal, frame->ts_us);
        struct naive_cell *cell = naive_cell(naive, bus, message, frame->ts_us);
        bucket_add(&cell->buckets[signal], &naive->holds[bus][message->index][signal],
                   dbc_value_number(&values[i]), frame->ts_us,
                   store_hold_us(&naive->bench->buses[bus], message));
    }
}

/* What the end of a minute added to the rows, although no later value came. */
static inline void naive_end(struct naive *naive, int64_t weighed_us)
{
    for (size_t bus = 0; bus < BUSES; bus++) {
        for (size_t i = 0; i < MESSAGES; i++) {
            const struct dbc_message *message = dbc_message_at(naive->bench->dbc.db, i);
            for (size_t k = 0; k < message->signal_count; k++) {
                int64_t ts_us = naive->holds[bus][i][k].until_us -
                                store_hold_us(&naive->bench->buses[bus], message);
                if (store_hold_is_weighed(ts_us, weighed_us)) {
                    naive_weigh(naive, bus, message, k, weighed_us);
                }
            }
        }
    }
}

/* All frames of the log up to a seq. */
static inline void naive_read(struct naive *naive, struct rollup_bench *bench, uint64_t last_seq)
{
    *naive = (struct naive){.bench = bench};
    sqlite3 *db = bench_database(bench);
    int64_t can0 = ask(db, "SELECT id FROM buses WHERE name = 'can0'");
    sqlite3_stmt *s;
    struct store_row_blobs blobs = {0};
    assert_int_equal(
        database_prepare(db, "SELECT " STORE_ROW_COLUMNS " FROM segments ORDER BY first_seq", &s),
        0);
    while (database_step(s) == 1) {
        struct segment segment;
        struct segment_reader reader;
        struct segment_record record;
        assert_int_equal(store_row_take(s, &blobs, &segment), 0);
        segment_reader_init(&reader, &segment);
        while (segment_next(&reader, &record) != SEGMENT_END) {
            assert_int_not_equal(record.kind, SEGMENT_CORRUPT);
            if (record.kind == SEGMENT_FRAME && record.seq <= last_seq) {
                naive_add(naive, record.frame.bus == can0 ? 0 : 1, &record.frame);
            }
        }
    }
    (void)sqlite3_finalize(s);
    naive_end(naive, ask(db, "SELECT max(value) FROM state WHERE name = 'weighed_us'"));
    (void)sqlite3_close(db);
    store_row_blobs_deinit(&blobs);
}

static inline void assert_near(double a, double b)
{
    if (fabs(a - b) > 1e-6 + 1e-9 * fabs(b)) {
        fail_msg("%.17g is not %.17g", a, b);
    }
}

static inline void assert_values_equal(const struct bucket *a, const struct bucket *b)
{
    assert_int_equal(a->count, b->count);
    if (a->count == 0) {
        return;
    }
    assert_true(a->min == b->min);
    assert_true(a->max == b->max);
    assert_near(a->sum, b->sum);
    assert_int_equal(a->min_us, b->min_us);
    assert_int_equal(a->max_us, b->max_us);
    assert_int_equal(a->first_us, b->first_us);
    assert_int_equal(a->last_us, b->last_us);
    assert_true(a->last == b->last);
}

/* A late value finds the weight of the one before it given away: then weights are near, not equal.
 */
static inline void assert_bucket_equal(const struct bucket *a, const struct bucket *b)
{
    assert_values_equal(a, b);
    assert_near(a->weighted_s, b->weighted_s);
    assert_near(a->weighted_sum, b->weighted_sum);
}

#endif
