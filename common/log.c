#include "common/log.h"

#include "common/clock.h"
#include "common/log_journal.h"
#include "common/log_ring.h"
#include "common/log_text.h"

#include <cjson/cJSON.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct {
    pthread_mutex_t lock; /* of all below but the level, which changes with the configuration */
    FILE *file;           /* NULL = stderr */
    enum log_format format;
    struct log_identity identity;
    struct log_journal journal;
    bool is_stream; /* stderr is the stream to the journal: a socket */
    struct log_rate rate;
    struct log_ring newest;
    uint64_t lost;
    uint64_t errors;
    uint64_t warnings;
    _Atomic enum log_level level;
} sink = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .format = LOG_FORMAT_TEXT,
          .level = LOG_LEVEL_INFO,
          .journal = {.fd = -1}};

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning", [LOG_LEVEL_NOTICE] = "notice",
    [LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
};
_Static_assert(sizeof(level_names) / sizeof(level_names[0]) == LOG_LEVEL_DEBUG + 1,
               "a name for each level");

void log_configure(FILE *file, enum log_format format, enum log_level level)
{
    bool is_stream = format == LOG_FORMAT_AUTO && file == NULL &&
                     log_journal_is_stream(STDERR_FILENO, getenv("JOURNAL_STREAM"));
    if (format == LOG_FORMAT_AUTO) {
        format = is_stream ? LOG_FORMAT_JOURNAL : LOG_FORMAT_TEXT;
    }
    struct log_journal journal = {.fd = -1};
    if (is_stream && log_journal_open(LOG_JOURNAL_SOCKET, &journal) < 0) {
        journal.fd = -1; /* its stream is there all the same */
    }
    (void)pthread_mutex_lock(&sink.lock);
    log_journal_close(&sink.journal);
    sink.journal = journal;
    sink.file = file;
    sink.format = format;
    sink.level = level;
    sink.is_stream = is_stream;
    (void)pthread_mutex_unlock(&sink.lock);
}

int log_to_journal(const char *path)
{
    struct log_journal journal;
    int r = log_journal_open(path, &journal);
    if (r < 0) {
        return r;
    }
    (void)pthread_mutex_lock(&sink.lock);
    log_journal_close(&sink.journal);
    sink.journal = journal;
    (void)pthread_mutex_unlock(&sink.lock);
    return 0;
}

void log_identify(const char *program, const char *site, const char *node)
{
    (void)pthread_mutex_lock(&sink.lock);
    log_text_copy(sink.identity.program, sizeof(sink.identity.program), program);
    log_text_copy(sink.identity.site, sizeof(sink.identity.site), site);
    log_text_copy(sink.identity.node, sizeof(sink.identity.node), node);
    (void)pthread_mutex_unlock(&sink.lock);
}

void log_limit(const struct log_rate_limit *limit)
{
    (void)pthread_mutex_lock(&sink.lock);
    sink.rate.limit = *limit;
    (void)pthread_mutex_unlock(&sink.lock);
}

struct log_stats log_stats(void)
{
    (void)pthread_mutex_lock(&sink.lock);
    struct log_stats stats = {.errors = sink.errors,
                              .warnings = sink.warnings,
                              .left_out = sink.rate.left_out,
                              .lost = sink.lost};
    (void)pthread_mutex_unlock(&sink.lock);
    return stats;
}

void log_tell(const struct counter_sink *to)
{
    const struct log_stats stats = log_stats();
    const struct counter counters[] = {
        COUNTER("errors", stats.errors),
        COUNTER("warnings", stats.warnings),
        COUNTER("left_out", stats.left_out),
        COUNTER("lost", stats.lost),
    };
    counters_tell_group(to, "log", counters, sizeof(counters) / sizeof(counters[0]));
}

bool log_level_from_text(const char *text, enum log_level *ret)
{
    for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
        if (strcmp(text, level_names[level]) == 0) {
            *ret = (enum log_level)level;
            return true;
        }
    }
    return false;
}

bool log_enabled(enum log_level level)
{
    return level <= sink.level;
}

static void write_text(FILE *file, const struct log_entry *entry)
{
    struct timespec now;
    struct tm local;
    char stamp[16] = "";
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (localtime_r(&now.tv_sec, &local) != NULL) {
        (void)strftime(stamp, sizeof(stamp), "%H:%M:%S", &local);
    }
    (void)fprintf(file, "%s.%03ld %-7s %s: %s\n", stamp, now.tv_nsec / 1000000,
                  level_names[entry->level], entry->subsystem, entry->message);
}

static void write_json(FILE *file, const struct log_entry *entry)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    cJSON *object = cJSON_CreateObject();
    double ts = (double)now.tv_sec + (double)(now.tv_nsec / 1000000) / 1000.0;
    if (cJSON_AddNumberToObject(object, "ts", ts) != NULL &&
        cJSON_AddStringToObject(object, "level", level_names[entry->level]) != NULL &&
        cJSON_AddStringToObject(object, "subsystem", entry->subsystem) != NULL &&
        cJSON_AddStringToObject(object, "message", entry->message) != NULL) {
        char *text = cJSON_PrintUnformatted(object);
        if (text != NULL) {
            (void)fprintf(file, "%s\n", text);
            cJSON_free(text);
        }
    }
    cJSON_Delete(object);
}

/* The stream to the journal must not hold up the loop where the journal stands still. */
static void write_stream(const char *text, int length)
{
    if (send(STDERR_FILENO, text, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) != length) {
        sink.lost++;
    }
}

static void write_journal(FILE *file, const struct log_entry *entry)
{
    char text[LOG_LINE_MAX + 64];
    if (log_journal_send(&sink.journal, &sink.identity, entry) == 0) {
        return;
    }
    int length = snprintf(text, sizeof(text), "<%d>%.48s: %s\n", (int)entry->level,
                          entry->subsystem, entry->message);
    if (sink.is_stream) {
        write_stream(text, length);
    } else {
        (void)fputs(text, file);
    }
}

int log_keep(size_t bytes)
{
    (void)pthread_mutex_lock(&sink.lock);
    log_ring_deinit(&sink.newest);
    int r = bytes > 0 ? log_ring_init(&sink.newest, bytes) : 0;
    (void)pthread_mutex_unlock(&sink.lock);
    return r;
}

void log_recall(struct buf *out)
{
    (void)pthread_mutex_lock(&sink.lock);
    log_ring_read(&sink.newest, out);
    (void)pthread_mutex_unlock(&sink.lock);
}

static void keep(const struct log_entry *entry)
{
    char text[LOG_LINE_MAX + 128];
    char stamp[32] = "";
    struct timespec now;
    struct tm utc;
    if (sink.newest.size == 0) {
        return;
    }
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &utc) != NULL) {
        (void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
    }
    (void)snprintf(text, sizeof(text), "%s.%03ldZ %s %.48s: %s", stamp, now.tv_nsec / 1000000,
                   level_names[entry->level], entry->subsystem, entry->message);
    log_ring_add(&sink.newest, text);
}

/* With the lock. */
static void put(const struct log_entry *entry)
{
    FILE *file = sink.file != NULL ? sink.file : stderr;
    keep(entry);
    sink.errors += entry->level == LOG_LEVEL_ERROR;
    sink.warnings += entry->level == LOG_LEVEL_WARNING;
    switch (sink.format) {
    case LOG_FORMAT_JSON:
        write_json(file, entry);
        break;
    case LOG_FORMAT_JOURNAL:
        write_journal(file, entry);
        break;
    case LOG_FORMAT_TEXT:
    case LOG_FORMAT_AUTO:
        write_text(file, entry);
        break;
    }
    (void)fflush(file); /* a log that cannot be written must not stop the daemon */
}

/* With the lock. Tells what was left out until `until_us`. */
static void put_sums(int64_t now_us, int64_t until_us)
{
    struct log_rate_sum sum;
    char message[LOG_RATE_TEXT_BYTES + 100];
    while (log_rate_next(&sink.rate, until_us, &sum)) {
        int64_t span_us = now_us - sum.begun_us;
        if (sink.rate.limit.burst != 0 && span_us > sink.rate.limit.interval_us) {
            span_us = sink.rate.limit.interval_us;
        }
        (void)snprintf(message, sizeof(message),
                       "... %" PRIu64 " lines like this were left out in %lld s, the last: %s",
                       sum.lines, (span_us + US_PER_S - 1) / US_PER_S, sum.newest);
        const struct log_entry entry = {sum.site, sum.level, sum.subsystem, message, sum.lines};
        put(&entry);
    }
}

void log_settle(bool all)
{
    (void)pthread_mutex_lock(&sink.lock);
    int64_t now_us = clock_system.monotonic_us(clock_system.context);
    put_sums(now_us, all ? INT64_MAX : now_us);
    (void)pthread_mutex_unlock(&sink.lock);
}

void log_write(const struct log_site *site, enum log_level level, const char *subsystem,
               const char *format, ...)
{
    if (!log_enabled(level)) {
        return;
    }
    char message[LOG_LINE_MAX];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    if (length < 0) {
        return;
    }
    if ((size_t)length >= sizeof(message)) {
        log_text_mark_cut(message, sizeof(message));
    }
    log_text_make_printable(message);
    const struct log_entry entry = {site, level, subsystem, message, 0};
    (void)pthread_mutex_lock(&sink.lock);
    int64_t now_us = clock_system.monotonic_us(clock_system.context);
    put_sums(now_us, now_us);
    if (log_rate_pass(&sink.rate, &entry, now_us)) {
        put(&entry);
    }
    (void)pthread_mutex_unlock(&sink.lock);
}
