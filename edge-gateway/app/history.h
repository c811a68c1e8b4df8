/*
 * Reads a frame log from end to end, or a part of it, and prints what is wanted in order of seq.
 * Memory is that of one segment and one block of output, however long the log is.
 */
#ifndef EDGE_GATEWAY_APP_HISTORY_H
#define EDGE_GATEWAY_APP_HISTORY_H

#include "common/attributes.h"
#include "edge-gateway/app/history_format.h"
#include "edge-gateway/store/log_walk.h"

#include <sqlite3.h>

#include <stdbool.h>
#include <stdint.h>

/* Borrowed while history_print() runs. */
struct history {
    sqlite3 *db;
    const struct history_buses *buses;
    struct history_writer *writer;
    struct log_span span;
    const char *signal; /* NULL: all */
    bool shows_events;  /* nothing is filtered that events do not have */
    bool shows_gaps;    /* in the output, too */
    bool shows_unknown; /* frames that are not decoded */
    uint64_t limit;     /* frames and events printed at most; 0 = no limit */
};

struct history_counts {
    uint64_t frames; /* printed */
    uint64_t events; /* the same */
    uint64_t unknown;
    uint64_t without_data;              /* remote and error frames, which have no signals */
    uint64_t events_left_out;           /* the format has no place for them */
    uint64_t voids[SEGMENT_VOID_COUNT]; /* seqs that will not come, by reason */
    uint64_t missing;                   /* seqs that are no longer in the log */
    uint64_t damaged;                   /* segments */
};

/* 0, -ENOMEM, or -errno of reading; what was counted until then. Writing: writer->output. */
EDGE_MUST_CHECK int history_print(const struct history *history, struct history_counts *ret);

#endif
