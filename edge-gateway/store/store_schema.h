/*
 * The tables of the frame log, as numbered migrations of the component "framelog".
 *
 *   buses      id (0 to 255, as stored in segments), name
 *   segments   first_seq, last_seq, base_us, from_us, to_us, boot, clock_set, thinned, crc, keys,
 *              records: see framelog/segment.h; `crc` as segment_crc(). `thinned`: 0, or the
 *              enum store_priority up to which messages became summaries
 *   zones      first_seq, last_seq, from_us, to_us, segments, frames: which times lie where in the
 *              log; one row for every some thousand frames, up to rollup_seq
 *   gaps       first_seq, last_seq, reason: seqs between segments that will never come
 *   summaries  what thinning left of one message's readings in one interval: first_seq, last_seq
 *              (of those readings), series, from_us, to_us (their earliest and latest stamp),
 *              count (readings), data: one bucket_encode() per signal, after from_us. It lives as
 *              long as the segment in which it begins
 *   series     id, bus, message, signals (JSON array of names), definition (a checksum): what the
 *              buckets of a row stand for. A message that is defined anew begins another
 *   rollups    level_s, start_us, series, data: one bucket_encode() per signal. The minutes
 *              (level_s 60), here and packed, hold every frame up to rollup_seq; an hour (3600) is
 *              written when the next one has begun, and is complete as long as it is there.
 *              Quarters of an hour (900) were written by older gateways
 *   minutes    series, signal (its place in the series), hour_us, data: bucket_pack_encode(), the
 *              minutes of an hour that is over. What came late is in a row of `rollups` beside them
 *   clock      what happened to the wall clock: at_seq, boot, monotonic_us, before_us, after_us
 *   state      name, value: reserved_seq, acknowledged_seq, rollup_seq, thinned_low_seq, ...
 *   counters   name, value: of the last run, for `verify`
 *   memos      name, value: what the gateway remembers of its alarms; see store_memo.h
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
