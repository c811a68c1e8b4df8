/*
 * What questions about the past cost: a log of some days, its roll-ups, and answers out of them.
 *
 * usage: bench_history DIRECTORY [DAYS [MESSAGES [FRAMES_PER_S]]]   (7, 100, 100)
 *
 * A log that is there already is used as it is. "First" is with nothing of it in memory.
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
#include <fcntl.h>
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

#define COMMITS_AT_ONCE 2250 /* three minutes */

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

static void catch_up(struct store_rollup *rollup)
{
    const struct segment nothing = {.count = 0};
    store_rollup_forget(rollup);
    do {
        store_rollup_follow(rollup, &nothing, 0);
    } while (store_rollup_stats(rollup).behind && store_rollup_stats(rollup).faults == 0);
    store_rollup_end(rollup);
}

/* As the writer would do it in all that time, but in few transactions. Roll-ups follow, so that
 * their pages lie between those of the log as they do there. */
static void fill_all(struct bench *b, struct segment_builder *builder, struct store_rollup *rollup)
{
    sqlite3_stmt *s;
    uint64_t seq = 0;
    uint64_t commits = 0;
    double begun = seconds();
    if (database_prepare(b->db,
                         "INSERT INTO segments (first_seq, last_seq, base_us, from_us, to_us, crc,"
                         " keys, records, boot, clock_set)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 1)",
                         &s) < 0) {
        fail("prepare", -ENOMEM);
    }
    exec(b, "BEGIN");
    for (int64_t us = END_US - b->days * DAY_US; us < END_US; us += COMMIT_US) {
        fill(b, builder, &seq, us);
        const struct segment segment = segment_builder_view(builder);
        if (segment.count > 0) {
            insert(s, &segment);
        }
        if (++commits % COMMITS_AT_ONCE == 0) {
            exec(b, "COMMIT");
            catch_up(rollup);
            exec(b, "BEGIN");
        }
    }
    (void)sqlite3_finalize(s);
    exec(b, "COMMIT");
    catch_up(rollup);
    struct store_rollup_stats stats = store_rollup_stats(rollup);
    (void)printf("log: %" PRIu64 " frames in %" PRIu64 " commits; roll-ups: up to seq %" PRIu64
                 ", %" PRIu64 " rows of minutes, %.0f MB in all, %" PRIu64 " faults; made in %.0f "
                 "s\n",
                 seq, commits, stats.seq, stats.rows, (double)stats.bytes / 1e6, stats.faults,
                 seconds() - begun);
}

static void build_log(struct bench *b)
{
    static const uint8_t bus_ids[] = {0};
    const struct store_options options = {.buses = &b->bus, .bus_count = 1};
    struct segment_builder *builder;
    struct store_rollup *rollup;
    exec(b, "PRAGMA synchronous = OFF");
    exec(b, "INSERT INTO boots (id, uuid) VALUES (1, 'bench');"
            "INSERT INTO buses (id, name) VALUES (0, 'can0')");
    if (segment_builder_new((size_t)128 << 10, &builder) < 0 ||
        store_rollup_new(&options, &rollup) < 0) {
        fail("log", -ENOMEM);
    }
    store_rollup_open(rollup, b->db, bus_ids);
    fill_all(b, builder, rollup);
    store_rollup_free(rollup);
    segment_builder_free(builder);
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
    }
    database_close(b->db);
    (void)printf("database: %.0f MB\n", stat(b->path, &file) == 0 ? (double)file.st_size / 1e6 : 0);
}

/* ---- questions -------------------------------------------------------------------------- */

struct question {
    const char *name;
    int64_t span_us;
    int64_t bucket_us; /* 0 = a history */
    bool is_aligned;   /* the span begins with an hour */
};

/* What was asked, and how the answer came. */
struct answer {
    enum store_source source;
    uint64_t count;  /* values */
    size_t elements; /* points or buckets */
};

static const char *source_text(enum store_source source)
{
    static const char *const texts[] = {
        [STORE_SOURCE_FRAMES] = "frames",
        [STORE_SOURCE_MINUTES] = "minutes",
        [STORE_SOURCE_HOURS] = "hours",
        [STORE_SOURCE_SUMMARIES] = "summaries",
    };
    return texts[source];
}

static int ask(struct store_query *query, const struct store_signal *signal,
               const struct question *question, struct answer *ret)
{
    int64_t off_us = question->is_aligned ? 0 : 17 * 61 * US_PER_S;
    struct store_span span = {END_US - question->span_us - off_us, END_US - off_us, END_US};
    struct decimate_point points[MAX_POINTS];
    struct store_history history;
    struct store_statistics statistics;
    if (question->bucket_us == 0) {
        int r = store_query_history(query, signal, &span, MAX_POINTS, points, &history);
        *ret = (struct answer){history.source, history.count, history.point_count};
        return r;
    }
    int r = store_query_statistics(query, signal, &span, question->bucket_us, &statistics);
    if (r == 0) {
        *ret = (struct answer){statistics.source, 0, statistics.count};
        for (size_t i = 0; i < statistics.count; i++) {
            ret->count += statistics.buckets[i].count;
        }
        free(statistics.buckets);
    }
    return r;
}

/* Nothing of the database is in memory then: neither in SQLite's nor, if it is on a disk and
 * nothing else holds it, in the kernel's. */
static void forget_all(const struct bench *b, struct store_query **query)
{
    const struct store_query_options options = {b->path, &b->bus, 1};
    store_query_free(*query);
    int fd = open(b->path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* what it does is seen in the times */
        (void)close(fd);
    }
    int r = store_query_new(&options, query);
    if (r < 0) {
        fail("query", r);
    }
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

static void time_question(struct store_query **query, const struct bench *b,
                          const struct store_signal *signal, const struct question *question)
{
    struct answer answer = {.count = 0};
    double first = 0.0;
    double best = 1e9;
    forget_all(b, query);
    for (int run = 0; run < RUNS; run++) {
        double begun = seconds();
        int r = ask(*query, signal, question, &answer);
        if (r < 0) {
            fail(question->name, r);
        }
        double took = seconds() - begun;
        first = run == 0 ? took : first;
        best = took < best ? took : best;
    }
    (void)printf("%-42s %7.1f ms first, %7.1f ms again; from %s, %" PRIu64 " values, %zu %s\n",
                 question->name, first * 1e3, best * 1e3, source_text(answer.source), answer.count,
                 answer.elements, question->bucket_us == 0 ? "points" : "buckets");
}

static void time_questions(struct store_query **query, const struct bench *b)
{
    static const struct question questions[] = {
        {"history: ten minutes", 600 * US_PER_S, 0, false},
        {"history: an hour", HOUR_US, 0, false},
        {"history: a day", DAY_US, 0, false},
        {"history: a day and a half", DAY_US * 3 / 2, 0, false},
        {"history: a week", 7 * DAY_US, 0, false},
        {"statistics: an hour, by minute", HOUR_US, 60 * US_PER_S, false},
        {"statistics: a day, by minute", DAY_US, 60 * US_PER_S, false},
        {"statistics: a day, by hour", DAY_US, HOUR_US, false},
        {"statistics: a week, by minute", 7 * DAY_US, 60 * US_PER_S, true},
        {"statistics: a week, by quarter", 7 * DAY_US, 900 * US_PER_S, true},
        {"statistics: a week, by quarter, unaligned", 7 * DAY_US, 900 * US_PER_S, false},
        {"statistics: a week, by hour", 7 * DAY_US, HOUR_US, true},
        {"statistics: a week, by hour, unaligned", 7 * DAY_US, HOUR_US, false},
        {"statistics: a week, by day", 7 * DAY_US, DAY_US, true},
        {"statistics: a week, by day, unaligned", 7 * DAY_US, DAY_US, false},
        {"statistics: a week, whole", 7 * DAY_US, 8 * DAY_US, false},
    };
    const struct dbc_message *message = dbc_message_at(b->bus.database, (size_t)b->messages / 2);
    const struct store_signal signal = {0, message, &message->signals[3]};
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        time_question(query, b, &signal, &questions[i]);
    }
    forget_all(b, query);
    time_messages(*query, message->name);
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
    struct store_query *query = NULL;
    time_questions(&query, &b);
    store_query_free(query);
    dbc_free(database);
    return 0;
}
