/*
 * The gateway's counters as the frame log keeps them, for `verify`: what came in, and what became
 * of it, as of one moment. Names are the paths of the metrics payload: "frames.received",
 * "readings.dropped.quota_bytes".
 */
#ifndef EDGE_GATEWAY_APP_LOG_COUNTERS_H
#define EDGE_GATEWAY_APP_LOG_COUNTERS_H

#include "common/attributes.h"
#include "edge-gateway/app/frame_log.h"
#include "edge-gateway/app/pipeline.h"
#include "edge-gateway/store/log_report.h"
#include "edge-gateway/store/store.h"

#include <sqlite3.h>

#define LOG_COUNTERS_PLAIN      18 /* that have a field of their own */
#define LOG_COUNTERS            (LOG_COUNTERS_PLAIN + SEGMENT_VOID_COUNT)
#define LOG_COUNTERS_NAME_BYTES 48

struct log_counters {
    struct pipeline_stats frames; /* the moment: of all buses */
    struct frame_log_stats log;
    struct store_counter rows[LOG_COUNTERS]; /* names and places in the two above */
    char dropped_names[SEGMENT_VOID_COUNT][LOG_COUNTERS_NAME_BYTES];
};

/* From now on the store writes them, once a second. They stay where they are until it is gone. */
void log_counters_keep(struct log_counters *counters, struct store *store);

/* Between two frames, so that both belong to the same moment. */
void log_counters_take(struct log_counters *counters, const struct pipeline_stats *frames,
                       const struct frame_log_stats *log);

/* Adds whether their identities (pipeline.h, frame_log.h) hold in this database. 0 or -ENOMEM. */
EDGE_MUST_CHECK int log_counters_check(sqlite3 *db, struct log_report *report);

#endif
