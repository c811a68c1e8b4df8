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

/* Bytes of the UTF-8 character at `text` (RFC 3629, section 4); 0 if it is none. */
static size_t character_bytes(const unsigned char *text)
{
    static const struct {
        unsigned char first, last;               /* of the first byte */
        unsigned char second_first, second_last; /* narrower: overlong, surrogates, too large */
        size_t bytes;
    } forms[] = {
        {0x01, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    size_t i = 0;
    while (i < sizeof(forms) / sizeof(forms[0]) && text[0] > forms[i].last) {
        i++;
    }
    if (i == sizeof(forms) / sizeof(forms[0]) || text[0] < forms[i].first) {
        return 0;
    }
    if (forms[i].bytes > 1 && (text[1] < forms[i].second_first || text[1] > forms[i].second_last)) {
        return 0;
    }
    for (size_t at = 2; at < forms[i].bytes; at++) {
        if ((text[at] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return forms[i].bytes;
}

/* A line is one line: control characters from the outside (topics, payloads) must not forge
 * another, and a byte that is not UTF-8 must not make the JSON invalid. */
static void make_printable(char *text)
{
    while (*text != '\0') {
        const unsigned char *c = (const unsigned char *)text;
        size_t bytes = character_bytes(c);
        if (bytes == 0) {
            *text++ = '?';
            continue;
        }
        if (*c < 0x20 || *c == 0x7F || (*c == 0xC2 && c[1] < 0xA0)) {
            memset(text, ' ', bytes);
        }
        text += bytes;
    }
}

/* Marks a line that did not fit, behind its last whole character. */
static void mark_cut(char message[LOG_LINE_MAX])
{
    size_t end = LOG_LINE_MAX - sizeof("...");
    while (end > 0 && ((unsigned char)message[end] & 0xC0) == 0x80) {
        end--;
    }
    memcpy(message + end, "...", sizeof("..."));
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
        mark_cut(message);
    }
    make_printable(message);
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
