/*
 * The log: one line per event, text for people or JSON lines for machines, with journald's levels.
 *
 * Modules below the daemon layer log at debug only; app/ logs once, with context. The sink is the
 * project's only mutable file-scope state; any thread may log. Lines longer than LOG_LINE_MAX end
 * in
 * "..." so that nobody takes them for whole. A daemon limits how often a line repeats (log_rate.h).
 */
#ifndef EDGE_COMMON_LOG_H
#define EDGE_COMMON_LOG_H

#include "common/attributes.h"
#include "common/buf.h"
#include "common/counters.h"
#include "common/log_entry.h"
#include "common/log_rate.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum log_format {
    LOG_FORMAT_TEXT, /* "12:00:01.250 info  mqtt: connected to 127.0.0.1:1883" */
    LOG_FORMAT_JSON, /* {"ts":1795423160.495,"level":"info","subsystem":"mqtt","message":"..."} */
    LOG_FORMAT_JOURNAL, /* "<6>mqtt: connected ...": sd-daemon(3) prefix, the journal adds the time
                         */
    LOG_FORMAT_AUTO /* where stderr is the journal's: entries with fields (log_journal.h), and lines
                       with a prefix for what it does not take; else text */
};

/* Where lines go; default: stderr, text, info. `file` is borrowed; NULL: stderr. */
void log_configure(FILE *file, enum log_format format, enum log_level level);

/* Whose log it is, for the journal; each is cut where it has no room. */
void log_identify(const char *program, const char *site, const char *node);

/* Lines go to the journal whose socket this is, and to the file only what it does not take. After
 * log_configure(), which ends it. 0 or -errno. */
EDGE_MUST_CHECK int log_to_journal(const char *path);

/* "error", "warning", "notice", "info", "debug"; false if it is none of them. */
bool log_level_from_text(const char *text, enum log_level *ret);
bool log_enabled(enum log_level level);

/* How often a line may repeat from now on; at first there is no limit. */
void log_limit(const struct log_rate_limit *limit);
/* Tells what was left out in intervals that have ended; `all`: in the others, too. Asked now and
 * then, and at the end. */
void log_settle(bool all);

/* Keeps the newest lines, as many as `bytes` hold, for log_recall(). 0 or -ENOMEM: none are kept.
 */
EDGE_MUST_CHECK int log_keep(size_t bytes);
/* Appends them, the oldest first: "2026-11-26T13:20:11.250Z info mqtt: connected ...". */
void log_recall(struct buf *out);

struct log_stats {
    uint64_t errors; /* lines; those that were left out are counted there alone */
    uint64_t warnings;
    uint64_t left_out;
    uint64_t lost; /* neither the journal nor its stream took them */
};

struct log_stats log_stats(void);
/* "log": the same. */
void log_tell(const struct counter_sink *to);

void log_write(const struct log_site *site, enum log_level level, const char *subsystem,
               const char *format, ...) EDGE_PRINTF(4, 5);

#define log_at(level, subsystem, ...)                                    \
    do {                                                                 \
        static const struct log_site log_site = {                        \
            .file = __FILE__, .function = __func__, .number = __LINE__}; \
        log_write(&log_site, (level), (subsystem), __VA_ARGS__);         \
    } while (0)

#define log_error(subsystem, ...)   log_at(LOG_LEVEL_ERROR, subsystem, __VA_ARGS__)
#define log_warning(subsystem, ...) log_at(LOG_LEVEL_WARNING, subsystem, __VA_ARGS__)
#define log_notice(subsystem, ...)  log_at(LOG_LEVEL_NOTICE, subsystem, __VA_ARGS__)
#define log_info(subsystem, ...)    log_at(LOG_LEVEL_INFO, subsystem, __VA_ARGS__)
#define log_debug(subsystem, ...)                            \
    do {                                                     \
        if (log_enabled(LOG_LEVEL_DEBUG)) {                  \
            log_at(LOG_LEVEL_DEBUG, subsystem, __VA_ARGS__); \
        }                                                    \
    } while (0)

#endif
