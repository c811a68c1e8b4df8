/* What a check of the frame log found: one line per question, and figures. */
#ifndef EDGE_GATEWAY_STORE_LOG_REPORT_H
#define EDGE_GATEWAY_STORE_LOG_REPORT_H

#include "common/attributes.h"
#include "edge-gateway/framelog/segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_FINDINGS_MAX       20
#define LOG_FINDING_TEXT_BYTES 256

struct log_finding {
    const char *name; /* static: "checksums" */
    bool ok;
    char text[LOG_FINDING_TEXT_BYTES]; /* figures, or the first fault */
};

/* Seqs, where nothing else is said. */
struct log_figures {
    uint64_t segments; /* rows */
    uint64_t frames;
    uint64_t events;
    uint64_t voids[SEGMENT_VOID_COUNT]; /* in segments, by reason */
    uint64_t gaps[SEGMENT_VOID_COUNT];  /* between segments, by reason */
    uint64_t oldest;                    /* 0: there is nothing in the log */
    uint64_t newest;
    uint64_t reserved;
    uint64_t acknowledged;
};

struct log_report {
    struct log_figures figures;
    struct log_finding findings[LOG_FINDINGS_MAX];
    size_t count;
};

/* Adds a line; at most LOG_FINDINGS_MAX. A text that is too long is cut. */
void log_report_add(struct log_report *report, const char *name, bool ok, const char *format, ...)
    EDGE_PRINTF(4, 5);

/* How many findings are faults. */
size_t log_report_faults(const struct log_report *report);

/* Faults of one kind while they are looked for: how many, and the first one's text. {0} is none. */
struct log_tally {
    uint64_t faults;
    char first[LOG_FINDING_TEXT_BYTES];
};

void log_tally_fault(struct log_tally *tally, const char *format, ...) EDGE_PRINTF(2, 3);

/* Adds the line of the tally: its first fault and how many more, or `figures` if it has none. */
void log_report_add_tally(struct log_report *report, const char *name,
                          const struct log_tally *tally, const char *figures);

#endif
