/*
 * The tables of the frame log, as numbered migrations of the component "framelog".
 *
 *   buses      id (0 to 255, as stored in segments), name
 *   segments   first_seq, last_seq, base_us, from_us, to_us, boot, clock_set, thinned, crc, keys,
 *              records: see framelog/segment.h; `crc` as segment_crc()
 *   gaps       first_seq, last_seq, reason: seqs between segments that will never come
 *   summaries  what thinning left: first_seq, last_seq, bus, message, from_us, to_us, data
 *   series     id, bus, message, signals: what the buckets of a roll-up row stand for
 *   rollups    level_s (60 or 3600), start_us, series, data: one bucket per signal
 * (bucket_encode()) clock      what happened to the wall clock: at_seq, boot, monotonic_us,
 * before_us, after_us state      name, value: reserved_seq, acknowledged_seq, rollup_seq, ...
 *   counters   name, value: of the last run, for `verify`
 *   can_messages  a view: one row per frame, decoded from the blobs in SQL; for people
 *
 * Each seq from 1 to the newest is in exactly one of: a segment, a gap, or below the oldest segment
 * (deleted after it was acknowledged).
 */
#ifndef EDGE_GATEWAY_STORE_STORE_SCHEMA_H
#define EDGE_GATEWAY_STORE_STORE_SCHEMA_H

#include "common/database.h"

extern const struct database_schema store_schema;

#endif
