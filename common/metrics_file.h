/*
 * Counters as a file that node_exporter's textfile collector reads (common/prometheus.h). A whole
 * file replaces the one before, in a thread: a disk that hangs delays nothing, and while it does,
 * nothing more is written.
 */
#ifndef EDGE_COMMON_METRICS_FILE_H
#define EDGE_COMMON_METRICS_FILE_H

#include "common/attributes.h"
#include "common/counters.h"
#include "common/loop.h"

#include <stdint.h>

struct metrics_file_stats {
    uint64_t written;
    uint64_t failed;  /* a disk that is full, a folder that is not there or not ours */
    uint64_t skipped; /* the one before was still being written */
};

struct metrics_file;

/* 0 or -ENOMEM. */
EDGE_MUST_CHECK int metrics_file_new(struct loop *loop, const char *site, const char *node,
                                     struct metrics_file **ret);
/* Waits for nothing; what is being written comes to its end all the same. Accepts NULL. */
void metrics_file_free(struct metrics_file *file);

/* Where to tell the counters for the next metrics_file_write(); begins with time and uptime. */
struct counter_sink metrics_file_begin(struct metrics_file *file, uint64_t uptime_s);

/* Begins to write what was told; what fails is logged when it begins to, and counted. The path is
 * copied. */
void metrics_file_write(struct metrics_file *file, const char *path);

/* "textfile": what became of it so far. */
void metrics_file_tell(const struct counter_sink *sink, const struct metrics_file *file);
struct metrics_file_stats metrics_file_stats(const struct metrics_file *file);

#endif
