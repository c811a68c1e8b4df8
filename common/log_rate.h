/*
 * How often a line of one kind may be logged: a burst in each interval, counted from the first
 * line. What is left out is counted and told as one line when the interval ends, with the text of
 * the newest, so that no error is lost without a trace. This is the net under complaint.h, for the
 * lines that a stranger or a fault makes more often than anybody foresaw.
 *
 * Pure: monotonic `now_us` is an argument. Bounded: so many kinds at once; those beyond share one
 * burst. A kind is a place in the program.
 */
#ifndef EDGE_COMMON_LOG_RATE_H
#define EDGE_COMMON_LOG_RATE_H

#include "common/log_entry.h"

#include <stdbool.h>
#include <stdint.h>

#define LOG_RATE_KINDS           64
#define LOG_RATE_SUBSYSTEM_BYTES 24
#define LOG_RATE_TEXT_BYTES      200

struct log_rate_limit {
    int64_t burst;       /* lines of one kind in an interval; 0: any number */
    int64_t interval_us; /* above 0 where there is a burst */
};

/* What was left out of one kind. */
struct log_rate_sum {
    uint64_t lines;
    int64_t begun_us; /* of the interval */
    const struct log_site *site;
    enum log_level level; /* the most severe of them */
    char subsystem[LOG_RATE_SUBSYSTEM_BYTES];
    char newest[LOG_RATE_TEXT_BYTES]; /* its text */
};

struct log_rate_kind {
    const struct log_site *site;
    int64_t end_us; /* of its interval */
    int64_t passed;
    struct log_rate_sum left_out;
};

/* {.limit = ...}: nothing was logged yet. The limit may be changed at any time. */
struct log_rate {
    struct log_rate_limit limit;
    struct log_rate_kind kinds[LOG_RATE_KINDS + 1]; /* the last one is all that have no place */
    int64_t due_us;                                 /* nothing is to be told before */
    uint64_t left_out;                              /* lines, since the beginning */
};

/* True: log it. Asked when log_rate_next() has nothing more to tell. */
bool log_rate_pass(struct log_rate *rate, const struct log_entry *entry, int64_t now_us);

/* What was left out in an interval that has ended; INT64_MAX ends all. False: nothing more. */
bool log_rate_next(struct log_rate *rate, int64_t now_us, struct log_rate_sum *ret);

#endif
