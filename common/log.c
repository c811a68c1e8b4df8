#include "common/log.h"

#include <cjson/cJSON.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct {
    FILE *file; /* NULL = stderr */
    enum log_format format;
    enum log_level level;
} sink = {NULL, LOG_FORMAT_TEXT, LOG_LEVEL_INFO};

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
    sink.file = file;
    sink.format = format;
    sink.level = level;
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

/* A line is one line: control bytes from the outside (topics, payloads) must not forge another. */
static void blank_control_bytes(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F) {
            *text = ' ';
        }
    }
}

static void write_text(FILE *file, enum log_level level, const char *subsystem, const char *message)
{
    struct timespec now;
    struct tm local;
    char stamp[16] = "";
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (localtime_r(&now.tv_sec, &local) != NULL) {
        (void)strftime(stamp, sizeof(stamp), "%H:%M:%S", &local);
    }
    (void)fprintf(file, "%s.%03ld %-7s %s: %s\n", stamp, now.tv_nsec / 1000000, level_names[level],
                  subsystem, message);
}

static void write_json(FILE *file, enum log_level level, const char *subsystem, const char *message)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    cJSON *line = cJSON_CreateObject();
    double ts = (double)now.tv_sec + (double)(now.tv_nsec / 1000000) / 1000.0;
    if (cJSON_AddNumberToObject(line, "ts", ts) != NULL &&
        cJSON_AddStringToObject(line, "level", level_names[level]) != NULL &&
        cJSON_AddStringToObject(line, "subsystem", subsystem) != NULL &&
        cJSON_AddStringToObject(line, "message", message) != NULL) {
        char *text = cJSON_PrintUnformatted(line);
        if (text != NULL) {
            (void)fprintf(file, "%s\n", text);
            cJSON_free(text);
        }
    }
    cJSON_Delete(line);
}

void log_write(enum log_level level, const char *subsystem, const char *format, ...)
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
        memcpy(message + sizeof(message) - 4, "...", 4);
    }
    blank_control_bytes(message);
    FILE *file = sink.file != NULL ? sink.file : stderr;
    switch (sink.format) {
    case LOG_FORMAT_JSON:
        write_json(file, level, subsystem, message);
        break;
    case LOG_FORMAT_JOURNAL:
        (void)fprintf(file, "<%d>%s: %s\n", (int)level, subsystem, message);
        break;
    case LOG_FORMAT_TEXT:
    case LOG_FORMAT_AUTO:
        write_text(file, level, subsystem, message);
        break;
    }
    (void)fflush(file); /* a log that cannot be written must not stop the daemon */
}
