/*
 * What questions about the past cost: a log of some days, its roll-ups, and answers out of them.
 *
 * usage: bench_history DIRECTORY [DAYS [MESSAGES [FRAMES_PER_S]]]   (7, 100, 100)
 *
 * A log that is there already is used as it is.
 */
#include "bench/bench_dbc.h"
#include "common/clock.h"
#include "common/database.h"
#include "common/parse.h"
#include "edge-gateway/framelog/segment_builder.h"
#include "edge-gateway/store/store_query.h"
#include "edge-gateway/store/store_rollup.h"
#include "edge-gateway/store/store_schema.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMMIT_US  (80 * US_PER_MS)
#define HOUR_US    (3600 * US_PER_S)
#define DAY_US     (24 * HOUR_US)
#define END_US     (1795651200 * US_PER_S) /* a day's end */
#define MAX_POINTS 1000
#define RUNS       5

struct bench {
    char path[4096];
    int64_t days;
    uint64_t messages;
    uint64_t rate;
    struct store_bus bus;
    sqlite3 *db;
};

static void fail(const char *what, int r)
{
    (void)fprintf(stderr, "%s: %s\n", what, strerror(-r));
    exit(1);
}

static double seconds(void)
{
    return (double)clock_system.monotonic_us(clock_system.context) / (double)US_PER_S;
}

static void exec(struct bench *b, const char *sql)
{
    int r = database_exec(b->db, sql);
    if (r < 0) {
        fail(sql, r);
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
    int r = database_step(s);
    if (r < 0) {
        fail("insert", r);
    }
}

/* One commit's frames. */
static void fill(const struct bench *b, struct segment_builder *builder, uint64_t *seq, int64_t us)
{
    int64_t start_us = END_US - b->days * DAY_US;
    segment_builder_reset(builder, *seq + 1);
    for (;;) {
        int64_t ts_us = start_us + (int64_t)(*seq * (uint64_t)US_PER_S / b->rate);
        struct frame frame = {
            .ts_us = ts_us, .can_id = BENCH_FIRST_ID + (uint32_t)(*seq % b->messages), .len = 8};
        uint64_t data = *seq * 0x9E3779B97F4A7C15u;
        memcpy(frame.data, &data, sizeof(data));
        if (ts_us >= us + COMMIT_US || !segment_append_frame(builder, &frame)) {
            return;
        }
        (*seq)++;
    }
}

/* As the writer would do it in all that time, but in few transactions. */
static void build_log(struct bench *b)
{
    struct segment_builder *builder;
    sqlite3_stmt *s;
    uint64_t seq = 0;
    uint64_t segments = 0;
    double begun = seconds();
    exec(b, "PRAGMA synchronous = OFF");
    exec(b, "BEGIN; INSERT INTO boots (id, uuid) VALUES (1, 'bench');"
            "INSERT INTO buses (id, name) VALUES (0, 'can0')");
    if (segment_builder_new((size_t)128 << 10, &builder) < 0 ||
        database_prepare(b->db,
                         "INSERT INTO segments (first_seq, last_seq, base_us, from_us, to_us, crc,"
                         " keys, records, boot, clock_set)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 1)",
                         &s) < 0) {
        fail("prepare", -ENOMEM);
    }
    for (int64_t us = END_US - b->days * DAY_US; us < END_US; us += COMMIT_US) {
        fill(b, builder, &seq, us);
        const struct segment segment = segment_builder_view(builder);
        if (segment.count > 0) {
            insert(s, &segment);
        }
        if (++segments % 100000 == 0) {
            exec(b, "COMMIT; BEGIN");
        }
    }
    (void)sqlite3_finalize(s);
    exec(b, "COMMIT");
    segment_builder_free(builder);
    (void)printf("log: %" PRIu64 " frames in %" PRIu64 " commits, built in %.0f s\n", seq, segments,
                 seconds() - begun);
}

static void build_rollups(struct bench *b)
{
    static const uint8_t bus_ids[] = {0};
    const struct store_options options = {.buses = &b->bus, .bus_count = 1};
    const struct segment nothing = {.count = 0};
    struct store_rollup *rollup;
    double begun = seconds();
    if (store_rollup_new(&options, &rollup) < 0) {
        fail("roll-ups", -ENOMEM);
    }
    store_rollup_open(rollup, b->db, bus_ids);
    do {
        store_rollup_follow(rollup, &nothing, 0);
    } while (store_rollup_stats(rollup).behind && store_rollup_stats(rollup).faults == 0);
    struct store_rollup_stats stats = store_rollup_stats(rollup);
    (void)printf("roll-ups: up to seq %" PRIu64 ", %" PRIu64
                 " rows of minutes, %.0f MB in all, made "
                 "in %.0f s; %" PRIu64 " faults\n",
                 stats.seq, stats.rows, (double)stats.bytes / 1e6, seconds() - begun, stats.faults);
    store_rollup_free(rollup);
}

static void build(struct bench *b)
{
    struct stat file;
    bool is_there = stat(b->path, &file) == 0;
    const struct database_options options = {
        .path = b->path, .page_bytes = 1024, .busy_timeout_ms = 1000, .schema = &store_schema};
    int r = database_open(&options, &b->db, NULL);
    if (r < 0) {
        fail(b->path, r);
    }
    if (!is_there) {
        build_log(b);
        build_rollups(b);
    }
    database_close(b->db);
    (void)printf("database: %.0f MB\n", stat(b->path, &file) == 0 ? (double)file.st_size / 1e6 : 0);
}

/* ---- questions -------------------------------------------------------------------------- */

struct question {
    const char *name;
    int64_t span_us;
    int64_t bucket_us; /* 0 = a history */
};

static const char *source_text(enum store_source source)
{
    static const char *const texts[] = {"frames", "minutes", "hours", "summaries"};
    return texts[source];
}

static int ask(struct store_query *query, const struct store_signal *signal,
               const struct question *question, enum store_source *ret_source, uint64_t *ret_count)
{
    struct store_span span = {END_US - question->span_us - 17 * US_PER_S, END_US - 17 * US_PER_S,
                              END_US};
    struct decimate_point points[MAX_POINTS];
    struct store_history history;
    struct store_statistics statistics;
    if (question->bucket_us == 0) {
        int r = store_query_history(query, signal, &span, MAX_POINTS, points, &history);
        *ret_source = history.source;
        *ret_count = history.count;
        return r;
    }
    int r = store_query_statistics(query, signal, &span, question->bucket_us, &statistics);
    if (r == 0) {
        *ret_source = statistics.source;
        *ret_count = 0;
        for (size_t i = 0; i < statistics.count; i++) {
            *ret_count += statistics.buckets[i].count;
        }
        free(statistics.buckets);
    }
    return r;
}

static enum store_taken on_reading(void *context, const struct store_reading *reading)
{
    uint64_t *left = context;
    (void)reading;
    return --*left > 0 ? STORE_TAKEN : STORE_TAKEN_LAST;
}

static void time_messages(struct store_query *query, const char *message)
{
    struct store_messages messages = {
        .bus = 0, .message = message, .from_us = END_US - HOUR_US, .to_us = END_US};
    uint64_t left = 100;
    double begun = seconds();
    int r;
    do {
        r = store_query_messages(query, &messages, on_reading, &left, &messages.after_seq);
    } while (r == 0 && left > 0);
    (void)printf("%-34s %8.1f ms\n", "messages: 100 of one in an hour", (seconds() - begun) * 1e3);
}

static void time_questions(struct store_query *query, const struct bench *b)
{
    static const struct question questions[] = {
        {"history: ten minutes", 600 * US_PER_S, 0},
        {"history: an hour", HOUR_US, 0},
        {"history: a day", DAY_US, 0},
        {"history: a week", 7 * DAY_US, 0},
        {"statistics: an hour, by minute", HOUR_US, 60 * US_PER_S},
        {"statistics: a day, by hour", DAY_US, HOUR_US},
        {"statistics: a week, by hour", 7 * DAY_US, HOUR_US},
        {"statistics: a week, whole", 7 * DAY_US, 7 * DAY_US},
    };
    const struct dbc_message *message = dbc_message_at(b->bus.database, (size_t)b->messages / 2);
    const struct store_signal signal = {0, message, &message->signals[3]};
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        double first = 0.0;
        double best = 1e9;
        enum store_source source;
        uint64_t count;
        for (int run = 0; run < RUNS; run++) {
            double begun = seconds();
            int r = ask(query, &signal, &questions[i], &source, &count);
            if (r < 0) {
                fail(questions[i].name, r);
            }
            double took = seconds() - begun;
            first = run == 0 ? took : first;
            best = took < best ? took : best;
        }
        (void)printf("%-34s %8.1f ms first, %8.1f ms best; from %s, %" PRIu64 " values\n",
                     questions[i].name, first * 1e3, best * 1e3, source_text(source), count);
    }
    time_messages(query, message->name);
}

static uint64_t argument(int argc, char **argv, int index, uint64_t fallback)
{
    uint64_t value = fallback;
    if (argc > index && parse_u64(argv[index], strlen(argv[index]), UINT32_MAX, &value) < 0) {
        (void)fprintf(stderr, "%s is not a number\n", argv[index]);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    struct bench b = {.days = (int64_t)argument(argc, argv, 2, 7),
                      .messages = argument(argc, argv, 3, 100),
                      .rate = argument(argc, argv, 4, 100)};
    if (argc < 2) {
        (void)fprintf(stderr, "usage: bench_history DIRECTORY [DAYS [MESSAGES [FRAMES_PER_S]]]\n");
        return 2;
    }
    struct dbc_database *database = bench_database((unsigned)b.messages);
    b.bus = (struct store_bus){.name = "can0", .database = database};
    (void)snprintf(b.path, sizeof(b.path), "%s/history.db", argv[1]);
    build(&b);
    struct store_query *query;
    const struct store_query_options options = {b.path, &b.bus, 1};
    int r = store_query_new(&options, &query);
    if (r < 0) {
        fail("query", r);
    }
    time_questions(query, &b);
    store_query_free(query);
    dbc_free(database);
    return 0;
}
