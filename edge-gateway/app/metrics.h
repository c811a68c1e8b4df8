/* The gateway's counters as groups of the metrics payload; the identities are those of pipeline.h,
 * lvq.h and actuations.h. */
#ifndef EDGE_GATEWAY_APP_METRICS_H
#define EDGE_GATEWAY_APP_METRICS_H

#include "common/lvq.h"
#include "common/mqtt_link.h"
#include "common/responder.h"
#include "common/retained_ledger.h"
#include "edge-gateway/app/actuations.h"
#include "edge-gateway/app/backfill.h"
#include "edge-gateway/app/dash_cam.h"
#include "edge-gateway/app/frame_log.h"
#include "edge-gateway/app/pipeline.h"
#include "edge-gateway/bus/bus.h"
#include "topics/json_writer.h"

/* "frames": of one bus or, summed, of all. */
void metrics_write_frames(struct json_writer *w, const struct pipeline_stats *stats);
void metrics_add_frames(struct pipeline_stats *sum, const struct pipeline_stats *stats);

/* "bus": what the driver counted. */
void metrics_write_bus(struct json_writer *w, const struct bus_stats *stats);

/* "live": what became of assured readings on the live lane. */
void metrics_write_live(struct json_writer *w, const struct lvq_stats *stats);

/* "readings": assured + repeated = acknowledged + pending + dropped. */
void metrics_write_readings(struct json_writer *w, const struct frame_log_stats *stats);

/* "acks": acknowledgements of sinks. */
void metrics_write_acks(struct json_writer *w, const struct frame_log_stats *stats);

/* "backfill": what was sent on the backfill lane. */
void metrics_write_backfill(struct json_writer *w, const struct backfill_stats *stats);

/* "store": the frame log on its disk. */
void metrics_write_store(struct json_writer *w, const struct store_stats *stats);

/* "commands": wished = refused + superseded + sent + waiting. */
void metrics_write_actuations(struct json_writer *w, const struct actuations_stats *stats);

/* "requests": received = refused + answered + abandoned + waiting + running. */
void metrics_write_requests(struct json_writer *w, const struct responder_stats *stats);

/* "dash_cam": triggers, recordings, files, and what memory holds. */
void metrics_write_dash_cam(struct json_writer *w, const struct dash_cam_stats *stats);

/* "mqtt": the connection; "retained": the ledger of what the broker retains. */
void metrics_write_link(struct json_writer *w, const struct mqtt_link_stats *stats,
                        const struct retained_ledger_stats *retained);

#endif
