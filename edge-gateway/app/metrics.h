/* The gateway's counters, told in groups; the identities are those of pipeline.h,
 * lvq.h and actuations.h. */
#ifndef EDGE_GATEWAY_APP_METRICS_H
#define EDGE_GATEWAY_APP_METRICS_H

#include "common/counters.h"
#include "common/lvq.h"
#include "edge-gateway/app/actuations.h"
#include "edge-gateway/app/backfill.h"
#include "edge-gateway/app/dash_cam.h"
#include "edge-gateway/app/frame_log.h"
#include "edge-gateway/app/pipeline.h"
#include "edge-gateway/bus/bus.h"

/* "frames": of one bus or, summed, of all. */
void metrics_tell_frames(const struct counter_sink *sink, const struct pipeline_stats *stats);
void metrics_add_frames(struct pipeline_stats *sum, const struct pipeline_stats *stats);

/* "bus": what the driver counted. */
void metrics_tell_bus(const struct counter_sink *sink, const struct bus_stats *stats);

/* "live": what became of assured readings on the live lane. */
void metrics_tell_live(const struct counter_sink *sink, const struct lvq_stats *stats);

/* "readings": assured + repeated = acknowledged + pending + dropped. */
void metrics_tell_readings(const struct counter_sink *sink, const struct frame_log_stats *stats);

/* "acks": acknowledgements of sinks. */
void metrics_tell_acks(const struct counter_sink *sink, const struct frame_log_stats *stats);

/* "backfill": what was sent on the backfill lane. */
void metrics_tell_backfill(const struct counter_sink *sink, const struct backfill_stats *stats);

/* "store": the frame log on its disk. */
void metrics_tell_store(const struct counter_sink *sink, const struct store_stats *stats);

/* "commands": wished = refused + superseded + sent + waiting. */
void metrics_tell_actuations(const struct counter_sink *sink, const struct actuations_stats *stats);

/* "dash_cam": triggers, recordings, files, and what memory holds. */
void metrics_tell_dash_cam(const struct counter_sink *sink, const struct dash_cam_stats *stats);

#endif
