#include "common/log.h"

#include "common/clock.h"
#include "common/log_text.h"

#include <cjson/cJSON.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct {
    pthread_mutex_t lock; /* of all below but the level, which changes with the configuration */
    FILE *file;           /* NULL = stderr */
    enum log_format format;
    struct log_rate rate;
    uint64_t errors;
    uint64_t warnings;
    _Atomic enum log_level level;
} sink = {.lock = PTHREAD_MUTEX_INITIALIZER, .format = LOG_FORMAT_TEXT, .level = LOG_LEVEL_INFO};

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning", [LOG_LEVEL_NOTICE] = "notice",
    [LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
};
_Static_assert(sizeof(level_names) / sizeof(level_names[0]) == LOG_LEVEL_DEBUG + 1,
               "a name for each level");

void log_configure(FILE *file, enum log_format format, enum log_level level)
{
    if (format == LOG_FORMAT_AUTO) {
        format = getenv("JOURNAL_STREAM") != NULL ? LOG_FORMAT_JOURNAL : LOG_FORMAT_TEXT;
    }
    (void)pthread_mutex_lock(&sink.lock);
    sink.file = file;
    sink.format = format;
    sink.level = level;
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
    struct log_stats stats = {
        .errors = sink.errors, .warnings = sink.warnings, .left_out = sink.rate.left_out};
    (void)pthread_mutex_unlock(&sink.lock);
    return stats;
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

/* With the lock. */
static void put(const struct log_entry *entry)
{
    FILE *file = sink.file != NULL ? sink.file : stderr;
    sink.errors += entry->level == LOG_LEVEL_ERROR;
    sink.warnings += entry->level == LOG_LEVEL_WARNING;
    switch (sink.format) {
    case LOG_FORMAT_JSON:
        write_json(file, entry);
        break;
    case LOG_FORMAT_JOURNAL:
        (void)fprintf(file, "<%d>%s: %s\n", (int)entry->level, entry->subsystem, entry->message);
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
        const struct log_entry entry = {sum.site, sum.level, sum.subsystem, message};
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
    const struct log_entry entry = {site, level, subsystem, message};
    (void)pthread_mutex_lock(&sink.lock);
    int64_t now_us = clock_system.monotonic_us(clock_system.context);
    put_sums(now_us, now_us);
    if (log_rate_pass(&sink.rate, &entry, now_us)) {
        put(&entry);
    }
    (void)pthread_mutex_unlock(&sink.lock);
}
