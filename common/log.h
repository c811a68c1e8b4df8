/*
 * The log: one line per event, text for people or JSON lines for machines, with journald's levels.
 *
 * Modules below the daemon layer log at debug only; app/ logs once, with context. The sink is the
 * project's only mutable file-scope state. Lines longer than LOG_LINE_MAX end in "..." so that
 * nobody takes them for whole.
 */
#ifndef EDGE_COMMON_LOG_H
#define EDGE_COMMON_LOG_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stdio.h>

#define LOG_LINE_MAX 1024

enum log_level { /* syslog(3) priorities */
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7
};

enum log_format {
    LOG_FORMAT_TEXT, /* "12:00:01.250 info  mqtt: connected to 127.0.0.1:1883" */
    LOG_FORMAT_JSON, /* {"ts":1795423160.495,"level":"info","subsystem":"mqtt","message":"..."} */
    LOG_FORMAT_JOURNAL, /* "<6>mqtt: connected ...": sd-daemon(3) prefix, the journal adds the time
                         */
    LOG_FORMAT_AUTO /* journal when stderr is the journal's (JOURNAL_STREAM is set), else text */
};

/* Where lines go; default: stderr, text, info. `file` is borrowed. */
void log_configure(FILE *file, enum log_format format, enum log_level level);

/* "error", "warning", "notice", "info", "debug"; false if it is none of them. */
bool log_level_from_text(const char *text, enum log_level *ret);
bool log_enabled(enum log_level level);

void log_write(enum log_level level, const char *subsystem, const char *format, ...)
    EDGE_PRINTF(3, 4);

#define log_error(subsystem, ...)   log_write(LOG_LEVEL_ERROR, (subsystem), __VA_ARGS__)
#define log_warning(subsystem, ...) log_write(LOG_LEVEL_WARNING, (subsystem), __VA_ARGS__)
#define log_notice(subsystem, ...)  log_write(LOG_LEVEL_NOTICE, (subsystem), __VA_ARGS__)
#define log_info(subsystem, ...)    log_write(LOG_LEVEL_INFO, (subsystem), __VA_ARGS__)
#define log_debug(subsystem, ...)                                 \
    do {                                                          \
        if (log_enabled(LOG_LEVEL_DEBUG)) {                       \
            log_write(LOG_LEVEL_DEBUG, (subsystem), __VA_ARGS__); \
        }                                                         \
    } while (0)

#endif
