/* What thinning left of one message's readings in one interval: plain values, no behaviour. */
#ifndef EDGE_GATEWAY_STORE_STORE_SUMMARY_H
#define EDGE_GATEWAY_STORE_STORE_SUMMARY_H

#include "edge-gateway/statistics/bucket.h"

#include <stddef.h>
#include <stdint.h>

#define STORE_SUMMARY_SIGNALS_MAX 512 /* a message with more stays whole: it would not be sent */

struct store_summary_signal {
    const char *name;
    struct bucket bucket; /* empty: it had no value */
};

struct store_summary {
    struct store_summary *next; /* in order of first_seq; NULL at the end */
    uint64_t first_seq;         /* readings of other messages lie between these */
    uint64_t last_seq;
    uint64_t count;  /* readings; at least 1 */
    int64_t from_us; /* earliest stamp */
    int64_t to_us;   /* latest stamp */
    const char *bus; /* names when they were thinned */
    const char *message;
    struct store_summary_signal *signals;
    size_t signal_count;
};

#endif
