/*
 * What logging costs: frames at a steady rate into the frame log, with and without roll-ups.
 *
 * usage: bench_frame_log DIRECTORY [FRAMES_PER_S [SECONDS [MESSAGES]]]   (8000, 150, 800)
 */
#include "bench/bench_dbc.h"
#include "common/loop.h"
#include "common/parse.h"
#include "edge-gateway/store/store.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#define TICK_US (10 * US_PER_MS)

struct bench {
    struct loop *loop;
    struct store *store;
    struct timer timer;
    uint64_t rate;
    uint64_t messages;
    int64_t start_us;
    int64_t end_us;
    uint64_t sent;
};

static void on_committed(void *context, uint64_t seq)
{
    (void)context;
    (void)seq;
}

static void on_notice(void *context, const struct store_notice *notice)
{
    (void)context;
    (void)printf("  notice: %s\n", notice->text);
}

static void on_tick(void *context)
{
    struct bench *b = context;
    int64_t now_us = loop_now_us(b->loop);
    uint64_t wanted = (uint64_t)(now_us - b->start_us) * b->rate / US_PER_S;
    for (; b->sent < wanted; b->sent++) {
        struct frame frame = {.ts_us = loop_realtime_us(b->loop),
                              .can_id = BENCH_FIRST_ID + (uint32_t)(b->sent % b->messages),
                              .len = 8};
        uint64_t data = b->sent * 0x9E3779B97F4A7C15u;
        memcpy(frame.data, &data, sizeof(data));
        (void)store_append_frame(b->store, &frame);
    }
    if (now_us >= b->end_us) {
        loop_stop(b->loop, 0);
    } else {
        loop_timer_after(b->loop, &b->timer, TICK_US);
    }
}

/* A number of /proc: the one after `key` in the file. */
static double number_in(const char *path, const char *key)
{
    char text[4096];
    FILE *file = fopen(path, "r");
    size_t length = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;
    text[length] = '\0';
    if (file != NULL) {
        (void)fclose(file);
    }
    const char *at = strstr(text, key);
    return at != NULL ? strtod(at + strlen(key), NULL) : 0.0;
}

/* CPU seconds of the thread of that name; by the scheduler's own account, in ns. */
static double thread_seconds(const char *name)
{
    double seconds = 0.0;
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *e = tasks != NULL ? readdir(tasks) : NULL; e != NULL; e = readdir(tasks)) {
        char path[512];
        char comm[64] = "";
        (void)snprintf(path, sizeof(path), "/proc/self/task/%s/comm", e->d_name);
        FILE *file = fopen(path, "r");
        if (file != NULL) {
            (void)fgets(comm, sizeof(comm), file);
            (void)fclose(file);
        }
        if (strncmp(comm, name, strlen(name)) == 0) {
            (void)snprintf(path, sizeof(path), "/proc/self/task/%s/schedstat", e->d_name);
            seconds = number_in(path, "") / 1e9;
        }
    }
    (void)closedir(tasks);
    return seconds;
}

static void run(const char *directory, const char *name, struct bench *b, int64_t seconds,
                const struct dbc_database *database)
{
    char path[4096];
    const struct store_bus bus = {.name = "can0", .database = database};
    (void)snprintf(path, sizeof(path), "%s/%s.db", directory, name);
    const struct store_options options = {
        .loop = b->loop,
        .path = path,
        .buses = &bus,
        .bus_count = 1,
        .commit_interval_us = 80 * US_PER_MS,
        .memory_bytes = (size_t)4 << 20,
        .handler = {on_committed, NULL, on_notice, b},
    };
    if (store_new(&options, &b->store) < 0) {
        exit(1);
    }
    double bytes = number_in("/proc/self/io", "\nwrite_bytes: ");
    double cpu = thread_seconds("log-writer");
    b->sent = 0;
    b->timer = (struct timer){.fn = on_tick, .context = b};
    (void)loop_run_once(b->loop, 0);
    b->start_us = loop_now_us(b->loop);
    b->end_us = b->start_us + seconds * US_PER_S;
    loop_timer_after(b->loop, &b->timer, TICK_US);
    (void)loop_run(b->loop);
    cpu = thread_seconds("log-writer") - cpu;
    bytes = number_in("/proc/self/io", "\nwrite_bytes: ") - bytes;
    struct store_stats stats = store_stats(b->store);
    (void)printf("%-10s writer %.2f %% of a core, %.2f us a frame; written %.1f kB/s, used %.1f "
                 "kB/s; longest commit %.1f ms; roll-up rows %lu in %lu writes, %lu faults\n",
                 name, cpu / (double)seconds * 100, cpu / (double)b->sent * 1e6,
                 bytes / (double)seconds / 1e3, (double)stats.used_bytes / (double)seconds / 1e3,
                 (double)stats.commit_max_us / 1e3, (unsigned long)stats.rollup.rows,
                 (unsigned long)stats.rollup.writes, (unsigned long)stats.rollup.faults);
    (void)fflush(stdout);
    store_free(b->store);
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
    struct bench b = {.rate = argument(argc, argv, 2, 8000),
                      .messages = argument(argc, argv, 4, 800)};
    int64_t seconds = (int64_t)argument(argc, argv, 3, 150);
    if (argc < 2 || loop_new(&b.loop) < 0) {
        (void)fprintf(stderr, "usage: bench_frame_log DIRECTORY [RATE [SECONDS [MESSAGES]]]\n");
        return 2;
    }
    struct dbc_database *database = bench_database((unsigned)b.messages);
    run(argv[1], "frames", &b, seconds, NULL);
    run(argv[1], "rollups", &b, seconds, database);
    dbc_free(database);
    loop_free(b.loop);
    return 0;
}
