/*
 * The least that a log in SQLite can do, for bench/log to compare with: the blobs of another log,
 * one transaction for each at an even rate, WAL and synchronous=FULL, pages of SQLite's own size.
 *
 * usage: plain_log SOURCE TARGET COUNT INTERVAL_MS     prints: CPU time in µs, bytes
 * written (as /proc/self/io counts them), segments
 *
 * SOURCE is a gateway's database; its first COUNT segments are read before the time runs.
 */
#include <sqlite3.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct blob {
    sqlite3_int64 seq;
    void *bytes;
    int length;
};

static void require(int is_met, const char *what)
{
    if (!is_met) {
        fprintf(stderr, "plain_log: %s\n", what);
        exit(1);
    }
}

static size_t load(const char *path, struct blob *blobs, size_t max)
{
    sqlite3 *db;
    sqlite3_stmt *rows;
    require(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK, "no source");
    int code = sqlite3_prepare_v2(db,
                                  "SELECT first_seq, CAST(keys || records AS BLOB) FROM segments"
                                  " ORDER BY first_seq LIMIT ?1",
                                  -1, &rows, NULL);
    require(code == SQLITE_OK, "the source is no log");
    sqlite3_bind_int64(rows, 1, (sqlite3_int64)max);
    size_t count = 0;
    for (; sqlite3_step(rows) == SQLITE_ROW; count++) {
        struct blob *blob = &blobs[count];
        blob->seq = sqlite3_column_int64(rows, 0);
        const void *bytes = sqlite3_column_blob(rows, 1);
        blob->length = sqlite3_column_bytes(rows, 1);
        blob->bytes = malloc((size_t)blob->length + 1);
        require(blob->bytes != NULL, "no memory");
        memcpy(blob->bytes, bytes, (size_t)blob->length);
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return count;
}

static sqlite3_stmt *open_target(const char *path, sqlite3 **ret)
{
    sqlite3_stmt *insert;
    require(sqlite3_open(path, ret) == SQLITE_OK, "no target");
    int code = sqlite3_exec(*ret,
                            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                            "CREATE TABLE log (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
                            NULL, NULL, NULL);
    require(code == SQLITE_OK, "no table in the target");
    code = sqlite3_prepare_v2(*ret, "INSERT INTO log VALUES (?1, ?2)", -1, &insert, NULL);
    require(code == SQLITE_OK, "no statement");
    return insert;
}

static int ticks_of(long interval_ms)
{
    const struct timespec interval = {interval_ms / 1000, interval_ms % 1000 * 1000000};
    const struct itimerspec spec = {interval, interval};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    require(fd >= 0 && timerfd_settime(fd, 0, &spec, NULL) == 0, "no timer");
    return fd;
}

static void insert_one(sqlite3_stmt *insert, const struct blob *blob)
{
    sqlite3_bind_int64(insert, 1, blob->seq);
    sqlite3_bind_blob(insert, 2, blob->bytes, blob->length, SQLITE_STATIC);
    require(sqlite3_step(insert) == SQLITE_DONE, "an insert failed");
    sqlite3_reset(insert);
}

static long long cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
}

static long long written_bytes(void)
{
    char line[80];
    long long bytes = -1;
    FILE *file = fopen("/proc/self/io", "re");
    require(file != NULL, "no /proc/self/io");
    while (bytes < 0 && fgets(line, sizeof(line), file) != NULL) {
        bytes = strncmp(line, "write_bytes: ", 13) == 0 ? strtoll(line + 13, NULL, 10) : -1;
    }
    fclose(file);
    return bytes;
}

int main(int argc, char **argv)
{
    require(argc == 5, "usage: plain_log SOURCE TARGET COUNT INTERVAL_MS");
    size_t max = strtoul(argv[3], NULL, 10);
    struct blob *blobs = calloc(max, sizeof(*blobs));
    require(blobs != NULL, "no memory");
    size_t count = load(argv[1], blobs, max);
    sqlite3 *db;
    sqlite3_stmt *insert = open_target(argv[2], &db);
    int ticks = ticks_of(strtol(argv[4], NULL, 10));
    long long begin_us = cpu_us();
    long long begin_bytes = written_bytes();
    for (size_t i = 0; i < count; i++) {
        uint64_t passed;
        require(read(ticks, &passed, sizeof(passed)) == sizeof(passed), "no tick");
        insert_one(insert, &blobs[i]);
    }
    printf("%lld %lld %zu\n", cpu_us() - begin_us, written_bytes() - begin_bytes, count);
    sqlite3_finalize(insert);
    sqlite3_close(db);
    return 0; /* the blobs go with the process */
}
